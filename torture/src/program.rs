//! The binary, run as an operator would.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use serde_json::Value;
use storage::{Location, Options};

use crate::plan::{Engine, Plan};

impl Plan {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Returns the binary about to run in an environment that says nothing about it.
    pub(crate) fn program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.switchboard);
        command
            .args(words)
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SWITCHBOARD_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Returns the binary about to work on the data.
    pub(crate) fn on_data(&self, words: &[&str]) -> Command {
        let mut command = self.program(words);
        command.arg("--data-dir").arg(self.data());
        if let Engine::Postgres { url } = &self.engine {
            command.args(["--database-url", url]);
        }
        command
    }

    /// Runs a command that answers with one JSON object.
    pub(crate) fn ask(&self, words: &[&str]) -> anyhow::Result<Value> {
        let name = words[..words.len().min(2)].join(" ");
        let output = self
            .on_data(words)
            .output()
            .with_context(|| format!("starting `{name}`"))?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(
            output.status.success(),
            "`{name}` failed: {}",
            complaint.trim()
        );
        serde_json::from_slice(&output.stdout).with_context(|| format!("`{name}` wrote no JSON"))
    }

    /// Returns how the database is opened beside the server.
    pub(crate) fn beside(&self) -> Options {
        let location = match &self.engine {
            Engine::Sqlite => Location::Directory(self.data()),
            Engine::Postgres { url } => Location::Postgres(url.clone()),
        };
        Options {
            id_block: 1_000,
            ..Options::tool(location)
        }
    }
}

/// Returns an address that nobody listens on, nor can come to be a client's own while the server is
/// down: the ports that systems give to clients begin later. No seed chooses it, so that two runs of
/// one seed do not meet.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    for _ in 0..100 {
        let chance = getrandom::u32().context("no chance to be had")?;
        let port = u16::try_from(15_000 + chance % 15_000)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    anyhow::bail!("no port from 15000 to 29999 is free")
}
