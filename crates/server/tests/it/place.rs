//! Where the data of one test is, on one engine or the other.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use storage::{Database, Location, Options};
use tempfile::TempDir;

use crate::program::{Outcome, Program};
use crate::server::Server;

const VARIABLE: &str = "SWITCHBOARD_TEST_POSTGRES";

/// Empty data, and the folder from which programs are run.
pub(crate) struct Place {
    folder: TempDir,
    url: Option<String>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, url: None }
    }

    pub(crate) async fn postgres() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("server_{}_{number}", std::process::id());
        let admin = std::env::var_os(VARIABLE);
        let admin =
            admin.unwrap_or_else(|| panic!("{VARIABLE} is not set: run `cargo xtask test`"));
        let admin = admin.into_string().unwrap();
        storage::testing::create_database(&admin, &name)
            .await
            .unwrap();
        let (server, _) = admin.rsplit_once('/').unwrap();
        Self {
            url: Some(format!("{server}/{name}")),
            ..Self::sqlite()
        }
    }

    /// Returns the same data by another folder: with Postgres, another node.
    pub(crate) fn another_node(&self) -> Self {
        assert!(self.url.is_some(), "a data directory has one server");
        Self {
            url: self.url.clone(),
            ..Self::sqlite()
        }
    }

    /// Returns the folder from which programs are run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder().join("data")
    }

    pub(crate) fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Returns the flags that name the data.
    pub(crate) fn flags(&self) -> Vec<String> {
        let directory = self.data_dir().to_str().unwrap().to_owned();
        let mut flags = vec!["--data-dir".to_owned(), directory];
        if let Some(url) = &self.url {
            flags.extend(["--database-url".to_owned(), url.clone()]);
        }
        flags
    }

    /// Returns the program, about to be run on this data.
    pub(crate) fn program(&self, words: &[&str]) -> Program {
        Program::new(self.folder(), words).args(self.flags())
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Outcome {
        self.program(words).run()
    }

    /// Starts `switchboard serve` and waits until it is ready.
    pub(crate) async fn serve(&self) -> Server {
        Server::start(self.program(&["serve"])).await
    }

    /// Starts `switchboard serve --sandbox` and waits until it is ready.
    pub(crate) async fn sandbox(&self) -> Server {
        Server::start(self.program(&["serve", "--sandbox"])).await
    }

    /// Opens the database beside a server, to see what the APIs do not show.
    pub(crate) async fn open(&self) -> Database {
        let location = match &self.url {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Directory(self.data_dir()),
        };
        Database::open(Options::tool(location)).await.unwrap()
    }
}
