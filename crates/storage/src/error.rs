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

/// What storage methods return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

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
                // Class 08 connection, 53 resources, 57 operator, 40 rollback: not the row's fault.
                match db.code().code().get(..2) {
                    Some("08" | "40" | "53" | "57" | "58") => Self::Unavailable(said),
                    _ => Self::Refused(said),
                }
            }
            None if error.is_closed() => Self::Unavailable("the connection is closed".into()),
            None => Self::Unavailable(error.to_string()),
        }
    }
}
