//! An empty database for one test, on one engine or the other.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use storage::{Database, Durability, Location, Options};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

const VARIABLE: &str = "SWITCHBOARD_TEST_POSTGRES";

/// Where a test's database is.
pub(crate) enum Place {
    Sqlite(TempDir),
    Postgres { admin: String, name: String },
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        Self::postgres_like("LC_CTYPE 'C.UTF-8'").await
    }

    /// Makes a database with a character type of its own.
    pub(crate) async fn postgres_like(ctype: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("t_{}_{number}", std::process::id());
        let admin = admin_url();
        let made = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' {ctype}"
        );
        Raw::connect(&admin).await.run(&made).await;
        Self::Postgres { admin, name }
    }

    /// Removes the database; a test that failed leaves it to the end of its cluster.
    pub(crate) async fn remove(self) {
        if let Self::Postgres { admin, name } = self {
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            Raw::connect(&admin).await.run(&sql).await;
        }
    }

    pub(crate) fn location(&self) -> Location {
        match self {
            Self::Sqlite(directory) => Location::Directory(directory.path().into()),
            Self::Postgres { .. } => Location::Postgres(self.url()),
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(_) => unreachable!("SQLite has no URL"),
            Self::Postgres { admin, name } => {
                let (server, _) = admin.rsplit_once('/').unwrap();
                format!("{server}/{name}")
            }
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Opens the database as a server that does not wait for the disk.
    pub(crate) async fn open(&self) -> Database {
        let mut options = Options::server(self.location());
        options.durability = Durability::None;
        Database::open(options).await.unwrap()
    }

    /// Opens the database beside a server.
    pub(crate) async fn open_tool(&self) -> Database {
        Database::open(Options::tool(self.location()))
            .await
            .unwrap()
    }

    /// Opens a connection that knows nothing of this crate.
    pub(crate) async fn raw(&self) -> Raw {
        match self {
            Self::Sqlite(directory) => Raw::Sqlite(file(directory.path())),
            Self::Postgres { .. } => Raw::connect(&self.url()).await,
        }
    }
}

/// Returns the database file of a data directory.
pub(crate) fn file(directory: &Path) -> PathBuf {
    directory.join("switchboard.db")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test command says where Postgres is"
)]
fn admin_url() -> String {
    std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!("{VARIABLE} is not set: run `cargo xtask test`, which starts a Postgres and sets it")
    })
}

/// A way to look at the rows themselves.
pub(crate) enum Raw {
    Sqlite(PathBuf),
    Postgres { client: Client, _task: JoinSet<()> },
}

impl Raw {
    async fn connect(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let mut task = JoinSet::new();
        task.spawn(async move { connection.await.unwrap_or_default() });
        Self::Postgres {
            client,
            _task: task,
        }
    }

    /// Runs statements without values.
    pub(crate) async fn run(&self, sql: &str) {
        match self {
            Self::Sqlite(file) => open(file).execute_batch(sql).unwrap(),
            Self::Postgres { client, .. } => client.batch_execute(sql).await.unwrap(),
        }
    }

    /// Returns the rows of the last statement, every value as text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        self.rows_after("", sql).await
    }

    /// Returns the rows of a statement as a connection sees it that ran another one before.
    pub(crate) async fn rows_after(&self, before: &str, sql: &str) -> Vec<Vec<String>> {
        match self {
            Self::Sqlite(file) => {
                let connection = open(file);
                connection.execute_batch(before).unwrap();
                let mut statement = connection.prepare(sql).unwrap();
                let width = statement.column_count();
                // Not `query`, which wants a value for every parameter, and plans have none.
                let mut found = statement.raw_query();
                let mut rows = vec![];
                while let Some(row) = found.next().unwrap() {
                    let cell = |column| text(row.get(column).unwrap());
                    rows.push((0..width).map(cell).collect());
                }
                rows
            }
            Self::Postgres { client, .. } => {
                client.batch_execute(before).await.unwrap();
                let messages = client.simple_query(sql).await.unwrap();
                let rows = messages.into_iter().filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                });
                let cell = |cell: Option<&str>| cell.unwrap_or("null").to_owned();
                rows.map(|row| (0..row.len()).map(|column| cell(row.get(column))).collect())
                    .collect()
            }
        }
    }

    /// Returns the one number a statement answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await[0][0].parse().unwrap()
    }
}

fn open(file: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(file).unwrap();
    let patience = std::time::Duration::from_secs(10);
    connection.busy_timeout(patience).unwrap();
    connection
}

fn text(value: rusqlite::types::Value) -> String {
    use rusqlite::types::Value;
    match value {
        Value::Null => "null".into(),
        Value::Integer(value) => value.to_string(),
        Value::Real(value) => value.to_string(),
        Value::Text(value) => value,
        Value::Blob(value) => format!("{value:?}"),
    }
}
