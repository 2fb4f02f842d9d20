//! What can go wrong below the rules: a conflict, a full plan, no engine, broken data.

/// A failure of the storage; absence is not one, it is an `Option`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Another row already has what must be unique.
    #[error("another row already has this {0}")]
    Conflict(&'static str),
    /// The tenant's plan allows no more of these.
    #[error("the limit of {maximum} is reached")]
    LimitReached {
        /// How many there are.
        current: i64,
        /// How many there may be.
        maximum: i64,
    },
    /// Too much is waiting to be written; nothing was.
    #[error("too many writes are waiting; try again in a moment")]
    Busy,
    /// Another process has taken over what this one was doing.
    #[error("another process holds the lease by now")]
    LeaseLost,
    /// The engine cannot be reached, or could not say whether it committed.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The engine refused a statement.
    #[error("the database refused a statement: {0}")]
    Refused(String),
    /// What is stored cannot be read.
    #[error("stored data is broken: {0}")]
    Corrupt(String),
}

impl Error {
    /// Returns the error of a transaction that met another one and may be tried again.
    pub(crate) fn lost_race(said: &str) -> Self {
        Self::Unavailable(format!("{said} (40001)"))
    }

    /// Returns whether Postgres ended the connection, or found it ended.
    pub(crate) fn is_dead_connection(&self) -> bool {
        // Class 57P: the server goes down, or somebody ended this backend.
        let dead = |said: &str| said.contains("(57P0") || said == CLOSED;
        matches!(self, Self::Unavailable(said) if dead(said))
    }

    /// Returns whether a row was refused because another one has what must be unique.
    pub(crate) fn is_duplicate(&self) -> bool {
        let duplicate =
            |said: &str| said.ends_with("(23505)") || said.contains("UNIQUE constraint");
        matches!(self, Self::Refused(said) if duplicate(said))
    }

    /// Returns whether the engine chose this transaction to lose; it may well win the next time.
    pub(crate) fn is_lost_race(&self) -> bool {
        // Deadlock and serialization failure, as `From<tokio_postgres::Error>` spells them.
        let lost = |said: &str| said.ends_with("(40001)") || said.ends_with("(40P01)");
        matches!(self, Self::Unavailable(said) if lost(said))
    }
}

/// What storage methods return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

const CLOSED: &str = "the connection is closed";

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::ConstraintViolation | Code::TooBig | Code::TypeMismatch) => {
                Self::Refused(error.to_string())
            }
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Corrupt(error.to_string()),
            Some(_) => Self::Unavailable(error.to_string()),
            None => Self::Refused(error.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        // Only the code and the primary message: a detail may quote a row's values.
        match error.as_db_error() {
            Some(db) => {
                let said = format!("{} ({})", db.message(), db.code().code());
                // Class 08 connection, 28 password, 3D no such database, 53 resources, 57 operator,
                // 40 rollback: not the row's fault.
                match db.code().code().get(..2) {
                    Some("08" | "28" | "3D" | "40" | "53" | "57" | "58") => Self::Unavailable(said),
                    _ => Self::Refused(said),
                }
            }
            None if error.is_closed() => Self::Unavailable(CLOSED.into()),
            None => Self::Unavailable(with_causes(&error)),
        }
    }
}

/// Its own words are but "error connecting to server"; the cause says why.
fn with_causes(error: &tokio_postgres::Error) -> String {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}
