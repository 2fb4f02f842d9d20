//! A file of contacts that is imported beside the server, and all contacts written to one.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;

use crate::engine::{Finding, Stage};
use crate::figure::{Bound, Figure};
use crate::load::Outcome;
use crate::numbers;
use crate::proc::Memory;

/// A million rows are to be in within this many seconds.
const SECONDS_A_MILLION: f64 = 60.0;

/// A command that takes files of any size has no use for more.
const MEGABYTES: f64 = 100.0;

/// What came of a command.
struct Run {
    outcome: Outcome,
    peak_megabytes: f64,
    said: Value,
}

/// Imports a file of people whom nobody knows.
pub(crate) async fn import(stage: &Stage<'_>) -> anyhow::Result<Finding> {
    let rows = stage.switchboard.arguments.rows;
    let file = stage.switchboard.folder.join("import.csv");
    write(&file, rows).with_context(|| format!("writing {}", file.display()))?;
    let path = file.to_str().context("an odd path")?;
    let words = ["import", path, "--tenant", "bench", "--json"];
    let run = run(stage, &words, rows).await?;
    std::fs::remove_file(&file)?;
    let created = run.said["created"].as_i64().unwrap_or(0);
    let seconds = Figure::new("imported in", run.outcome.seconds, "s");
    let allowed = SECONDS_A_MILLION * rows as f64 / 1e6;
    Ok(Finding {
        figures: vec![
            seconds.with(Bound::Below(allowed)),
            Figure::count("contacts made", created, rows),
            Figure::new("memory at most", run.peak_megabytes, "MB").with(Bound::Below(MEGABYTES)),
            Figure::server_cpu(&run.outcome, rows),
        ],
        outcome: run.outcome,
    })
}

/// Writes all contacts to a file.
pub(crate) async fn export(stage: &Stage<'_>) -> anyhow::Result<Finding> {
    let file = stage.switchboard.folder.join("export.csv");
    let path = file.to_str().context("an odd path")?;
    let words = ["export", "--tenant", "bench", "--output", path];
    let mut run = run(stage, &words, 0).await?;
    let lines = std::fs::read(&file)?
        .iter()
        .filter(|it| **it == b'\n')
        .count() as u64;
    std::fs::remove_file(&file)?;
    let rows = lines.saturating_sub(1);
    run.outcome.requests_per_second = rows as f64 / run.outcome.seconds;
    Ok(Finding {
        figures: vec![
            Figure::new("contacts written", rows as f64, ""),
            Figure::new("written in", run.outcome.seconds, "s"),
            Figure::new("memory at most", run.peak_megabytes, "MB").with(Bound::Below(MEGABYTES)),
        ],
        outcome: run.outcome,
    })
}

fn write(file: &Path, rows: u64) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(file)?);
    writeln!(file, "phone,name,email,company,tags")?;
    for row in 0..rows {
        let phone = numbers::imported(row);
        let company = row % 5_000;
        writeln!(
            file,
            "{phone},Nomsa Dlamini {row},nomsa{row}@example.com,Company {company},imported"
        )?;
    }
    file.flush()
}

/// Runs a command on the server's data and watches it.
async fn run(stage: &Stage<'_>, words: &[&str], rows: u64) -> anyhow::Result<Run> {
    let mut command = stage.switchboard.command(words);
    let (cpu, started) = (stage.processes().cpu_times()?, Instant::now());
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = Ended(child.with_context(|| format!("starting `{}`", words[0]))?);
    let mut peak_megabytes = 0.0_f64;
    let status = loop {
        if let Some(status) = child.0.try_wait()? {
            break status;
        }
        // Between its end and the look at it there is nothing to read.
        if let Ok(memory) = Memory::read(child.0.id()) {
            peak_megabytes = peak_megabytes.max(memory.peak_megabytes);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let elapsed = started.elapsed();
    let output = child.output()?;
    anyhow::ensure!(
        status.success(),
        "`{}` failed: {}",
        words[0],
        output.1.trim()
    );
    let cores = stage.processes().cpu_times()?.since(&cpu, elapsed);
    Ok(Run {
        outcome: Outcome {
            seconds: elapsed.as_secs_f64(),
            requests_per_second: rows as f64 / elapsed.as_secs_f64(),
            latency: None,
            errors: 0,
            first_error: None,
            cores,
        },
        peak_megabytes,
        said: serde_json::from_str(&output.0).unwrap_or_default(),
    })
}

/// A process that does not outlive the benchmark.
struct Ended(Child);

impl Ended {
    /// Returns what an ended process said and complained about, which is little.
    fn output(&mut self) -> std::io::Result<(String, String)> {
        let read = |pipe: Option<&mut dyn std::io::Read>| {
            let mut text = String::new();
            pipe.map_or(Ok(0), |pipe| pipe.read_to_string(&mut text))?;
            Ok::<_, std::io::Error>(text)
        };
        let (stdout, stderr) = (&mut self.0.stdout, &mut self.0.stderr);
        Ok((
            read(stdout.as_mut().map(|it| it as &mut dyn std::io::Read))?,
            read(stderr.as_mut().map(|it| it as &mut dyn std::io::Read))?,
        ))
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
