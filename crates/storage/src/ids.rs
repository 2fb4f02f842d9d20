//! Ids, taken from the database's one sequence in blocks.

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::tx::Tx;

/// What is left of the block this process holds.
#[derive(Debug, Default)]
pub(crate) struct Block {
    left: Mutex<std::ops::Range<i64>>,
    /// Held by whoever fetches the next block, so that one does.
    pub(crate) refill: tokio::sync::Mutex<()>,
}

impl Block {
    /// Returns the next id of the block, if it is not used up.
    pub(crate) fn next(&self) -> Option<i64> {
        self.left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next()
    }

    /// Replaces the block.
    pub(crate) fn fill(&self, block: std::ops::Range<i64>) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = block;
    }
}

/// Takes `size` ids off the sequence. They are nobody else's, even if they are never used.
pub(crate) async fn take_block(tx: &mut Tx, size: i64) -> Result<std::ops::Range<i64>> {
    let sql = "UPDATE id_sequence SET next_id = next_id + ?1 WHERE name = 'rows' RETURNING next_id";
    let row = tx.first(sql, &[size.into()]).await?;
    let end = row
        .ok_or_else(|| Error::Corrupt("the id sequence is gone".into()))?
        .int()?;
    if end > domain::ids::MAX_ID {
        return Err(Error::Corrupt("the id sequence is used up".into()));
    }
    Ok(end - size..end)
}
