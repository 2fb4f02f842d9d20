//! The embedded engine: SQLite in write-ahead mode, one writer thread, readers in place.

mod files;
mod writer;

pub(crate) use files::{DATABASE_FILE, DirectoryLock};
pub(crate) use writer::Writer;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};
use crate::sql;
use crate::value::{Row, Value};

/// SQLite before 3.51.3 can lose committed pages when a commit meets a checkpoint of another
/// connection (<https://sqlite.org/wal.html>, "WAL-reset bug").
const OLDEST_SQLITE: i32 = 3_051_003;

const MAX_IDLE_READERS: usize = 8;

/// Whether a commit waits until the disk has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// It does: what was acknowledged survives a power cut.
    #[default]
    Full,
    /// It does not; for tests, which throw their data away.
    None,
}

/// One SQLite connection.
#[derive(Debug)]
pub(crate) struct Lite {
    connection: Connection,
}

impl Lite {
    /// Opens the connection that writes, and makes the file when there is none.
    pub(crate) fn open_writer(file: &Path, durability: Durability) -> Result<Self> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            let found = rusqlite::version();
            let said = format!("SQLite {found} can lose data; 3.51.3 or newer is needed");
            return Err(Error::Unavailable(said));
        }
        files::make_private(file)?;
        let mut connection = Connection::open(file)?;
        let synchronous = match durability {
            Durability::Full => "FULL",
            Durability::None => "OFF",
        };
        connection.busy_handler(Some(wait_a_moment))?;
        until_not_busy(|| connection.execute_batch("PRAGMA journal_mode = WAL"))?;
        // Without automatic indexes a join begins with the values given, not with a scan.
        connection.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous};
             PRAGMA wal_autocheckpoint = 1000;
             PRAGMA cache_size = -32768;
             PRAGMA foreign_keys = ON;
             PRAGMA automatic_index = OFF;
             PRAGMA temp_store = MEMORY;"
        ))?;
        Self::prepared(connection)
    }

    fn open_reader(file: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        connection.execute_batch(
            "PRAGMA busy_timeout = 10000; PRAGMA cache_size = -4096; PRAGMA automatic_index = OFF;",
        )?;
        Self::prepared(connection)
    }

    fn prepared(connection: Connection) -> Result<Self> {
        connection.set_prepared_statement_cache_capacity(200);
        // Else this build, which has STAT4, plans a statement anew whenever a value is bound: five
        // times the cost of a look-up (<https://sqlite.org/qpsg.html>).
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self { connection })
    }

    pub(crate) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let sql = sql::for_sqlite(sql, values.len());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let columns = statement.column_count();
        let mut found = statement.query(rusqlite::params_from_iter(values))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(Row::from_lite(row, columns)?);
        }
        Ok(rows)
    }

    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        let sql = sql::for_sqlite(sql, values.len());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let touched = statement.execute(rusqlite::params_from_iter(values))?;
        Ok(touched as u64)
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.connection.execute_batch(sql)?)
    }
}

/// Waits for another process that writes. SQLite's own way is to look ever more rarely, and would
/// miss the short gaps that a command which writes much leaves a server; see [`writer`].
fn wait_a_moment(tries: i32) -> bool {
    const TRIES: i32 = 10_000;
    std::thread::sleep(Duration::from_millis(1));
    tries < TRIES
}

/// Runs what SQLite does not wait for by itself: the first switch to the write-ahead log, when a
/// server and a tool open an empty directory at once.
fn until_not_busy(run: impl Fn() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    let mut last = run();
    for _ in 0..200 {
        let is_busy = |error: &rusqlite::Error| {
            error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
        };
        if !last.as_ref().is_err_and(is_busy) {
            break;
        }
        std::thread::sleep(Duration::from_millis(25));
        last = run();
    }
    last
}

/// Connections that only read; as many as read at once, a few kept for later.
#[derive(Debug)]
pub(crate) struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Lite>>,
}

impl Readers {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self {
            file,
            idle: Mutex::default(),
        }
    }

    pub(crate) fn take(&self) -> Result<Lite> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        idle.map_or_else(|| Lite::open_reader(&self.file), Ok)
    }

    /// Closes those that rest, so that the writer is the last to leave and tidies up.
    pub(crate) fn close(&self) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(crate) fn give_back(&self, reader: Lite) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE_READERS {
            idle.push(reader);
        }
    }
}
