//! The files of a data directory, and the lock that keeps a second server out of it.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::{Error, Result};

/// The database, inside the data directory.
pub(crate) const DATABASE_FILE: &str = "switchboard.db";
const LOCK_FILE: &str = "switchboard.lock";

/// What only their owner may read; SQLite gives the files it makes beside one the same mode.
const MODE: u32 = 0o600;

/// Makes the database file where there is none, for its owner alone.
pub(crate) fn make_private(file: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(MODE).open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::Unavailable(format!("{}: {error}", file.display()))),
    }
}

/// Held by the one server of a data directory for as long as it lives.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Takes the lock, or says that another server has it.
    pub(crate) fn take(directory: &Path) -> Result<Self> {
        let path = directory.join(LOCK_FILE);
        let cannot = |error: &dyn std::fmt::Display| {
            Error::Unavailable(format!("{}: {error}", path.display()))
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(MODE)
            .open(&path)
            .map_err(|error| cannot(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Unavailable(format!(
                "another switchboard server is using {}; stop it first, or give this one its own \
                 --data-dir",
                directory.display()
            ))),
            Err(TryLockError::Error(error)) => Err(cannot(&error)),
        }
    }
}
