//! What reached the simulator, as its journal has it.

use std::path::Path;

use anyhow::Context as _;
use domain::ids::MessageId;
use serde::Deserialize;

/// A message that the simulator took.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) wamid: String,
    /// Our id, which went along.
    pub(crate) message_id: Option<MessageId>,
}

#[derive(Deserialize)]
struct Line {
    wamid: String,
    opaque: Option<String>,
}

/// Reads the journal; one that was never written is empty.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Entry>> {
    let text = std::fs::read_to_string(path).context("reading the journal")?;
    let read = |line: &str| {
        let line: Line = serde_json::from_str(line).context("a line of the journal")?;
        Ok(Entry {
            message_id: line.opaque.as_deref().and_then(MessageId::from_cuid),
            wamid: line.wamid,
        })
    };
    text.lines().map(read).collect()
}
