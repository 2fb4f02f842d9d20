//! A database of a test's own, on either engine.

use std::sync::atomic::{AtomicU32, Ordering};

use storage::{Durability, Location, Options};
use tempfile::TempDir;

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite in a temporary folder.
    Sqlite,
    /// A fresh database in the Postgres cluster of the test run.
    Postgres,
}

/// Where a test's data is; it goes with the test.
#[derive(Debug)]
pub struct TestDatabase {
    directory: TempDir,
    url: Option<String>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// Makes an empty database.
    ///
    /// # Panics
    /// Where there is no Postgres to make it in: run the tests with `cargo xtask test`.
    pub async fn create(engine: Engine) -> Self {
        let directory = TempDir::new().expect("a temporary folder");
        let url = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(create_postgres().await),
        };
        Self { directory, url }
    }

    /// Returns the folder of this test.
    #[must_use]
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Returns the URL of the Postgres database, where it is one.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Returns how a server of this test opens it.
    #[must_use]
    pub fn options(&self) -> Options {
        let location = match &self.url {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Directory(self.directory.path().to_owned()),
        };
        Options {
            durability: Durability::None,
            ..Options::server(location)
        }
    }
}

async fn create_postgres() -> String {
    let admin = std::env::var_os("SWITCHBOARD_TEST_POSTGRES")
        .and_then(|url| url.into_string().ok())
        .expect("no Postgres to test on; run `cargo xtask test`");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("web_{}_{number}", std::process::id());
    storage::testing::create_database(&admin, &name)
        .await
        .expect("a database for this test");
    let (base, _) = admin.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
}
