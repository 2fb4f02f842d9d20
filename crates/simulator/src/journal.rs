//! A file that tells what was taken, whatever becomes of the simulator.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// An append-only file with a line of JSON for every message taken.
#[derive(Debug)]
pub(crate) struct Journal(Mutex<File>);

#[derive(Debug, Serialize)]
pub(crate) struct Entry<'a> {
    pub(crate) wamid: &'a str,
    /// What came along as `biz_opaque_callback_data`.
    pub(crate) opaque: Option<&'a str>,
    pub(crate) to: &'a str,
    pub(crate) phone_number_id: &'a str,
    pub(crate) at_microseconds: i64,
}

impl Journal {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Self(Mutex::new(file)))
    }

    /// Hands a line to the operating system, which keeps it should the simulator be killed.
    pub(crate) fn write(&self, entry: &Entry<'_>) {
        let mut line = serde_json::to_vec(entry).unwrap_or_default();
        line.push(b'\n');
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(&line) {
            tracing::error!(%error, "the simulator's journal could not be written");
        }
    }
}
