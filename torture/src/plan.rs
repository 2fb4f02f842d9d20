//! What is to be done.

use std::path::PathBuf;
use std::time::Duration;

/// Where the data is.
#[derive(Clone, Debug)]
pub enum Engine {
    /// In a file of the plan's folder.
    Sqlite,
    /// In an empty database.
    Postgres {
        /// Its address.
        url: String,
    },
}

impl Engine {
    /// Returns its name, as reports have it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres { .. } => "postgres",
        }
    }
}

/// A run of the crash test.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The `switchboard` binary.
    pub switchboard: PathBuf,
    /// Which engine.
    pub engine: Engine,
    /// An empty folder for the data, the logs and the journal.
    pub folder: PathBuf,
    /// What decides who does what, and when the server dies.
    pub seed: u64,
    /// How often the server is killed.
    pub kills: usize,
    /// How long the load lasts, about.
    pub lasting: Duration,
    /// How long everything may take to settle afterwards.
    pub patience: Duration,
}
