//! A big tenant's data in the machine's memory, as on one that has enough of it and is asked all day:
//! what a disk takes to read is not measured.

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use storage::testing;

use crate::engine::{Engine, Stage};

/// How long what was read is trusted to stay. Machines differ in how soon they take it back.
const LASTS: Duration = Duration::from_secs(10);

const POSTGRES: [&str; 2] = [
    "CREATE EXTENSION IF NOT EXISTS pg_prewarm",
    "SELECT SUM(pg_prewarm(c.oid, 'read')) FROM pg_class c \
     WHERE c.relkind IN ('r', 'i') AND c.relnamespace = 'public'::regnamespace",
];

pub(super) struct Warmth<'a> {
    stage: &'a Stage<'a>,
    read_at: Option<Instant>,
}

impl<'a> Warmth<'a> {
    pub(super) fn of(stage: &'a Stage<'a>) -> Self {
        Self {
            stage,
            read_at: None,
        }
    }

    /// Reads all there is, if that is some time ago.
    pub(super) async fn keep(&mut self) -> anyhow::Result<()> {
        if self.read_at.is_some_and(|at| at.elapsed() < LASTS) {
            return Ok(());
        }
        let switchboard = self.stage.switchboard;
        match switchboard.engine {
            Engine::Sqlite => {
                for entry in std::fs::read_dir(switchboard.data_dir())? {
                    let entry = entry?;
                    if entry.file_type()?.is_file() {
                        io::copy(&mut File::open(entry.path())?, &mut io::sink())?;
                    }
                }
            }
            Engine::Postgres { .. } => {
                for sql in POSTGRES {
                    testing::execute(self.stage.rows.database(), sql).await?;
                }
            }
        }
        self.read_at = Some(Instant::now());
        Ok(())
    }
}
