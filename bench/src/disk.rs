//! How fast the disk acknowledges, one flush after the other.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

const BLOCK_BYTES: usize = 8_192;
const MEASURED: Duration = Duration::from_secs(3);

/// Overwrites and flushes one block again and again, as `pg_test_fsync` does.
pub(crate) fn flushes_per_second(folder: &Path) -> anyhow::Result<f64> {
    let path = folder.join("flushed");
    let file = File::create(&path)?;
    // Not to measure how a file grows.
    file.write_all_at(&vec![0; 1 << 20], 0)?;
    file.sync_all()?;

    let mut block = [0_u8; BLOCK_BYTES];
    let mut count = 0_u32;
    let started = Instant::now();
    while started.elapsed() < MEASURED {
        block[0] = block[0].wrapping_add(1);
        file.write_all_at(&block, 0)?;
        file.sync_data()?;
        count += 1;
    }
    let elapsed = started.elapsed();
    std::fs::remove_file(path)?;
    Ok(f64::from(count) / elapsed.as_secs_f64())
}
