//! Switchboard's binary, with the database it is to use.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use domain::ids::{ChannelId, TenantId};
use serde_json::Value;
use storage::Location;

use crate::arguments::Arguments;
use crate::cases::Tenant;
use crate::engine::Engine;
use crate::rows::Rows;
use crate::server::{self, Server};

/// What the simulated Meta signs with.
pub(crate) const APP_SECRET: &str = "bench-app-secret";

/// The account that every line belongs to.
pub(crate) const WABA_ID: &str = "102290129340398";

/// A tier that nothing here reaches.
pub(crate) const LIFTED: u32 = 100_000;

pub(crate) struct Switchboard<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) engine: &'a Engine,
    pub(crate) folder: &'a Path,
}

/// A number to be connected.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) phone_number_id: &'static str,
    pub(crate) tier: u32,
}

/// A number that is connected.
pub(crate) struct Channel {
    pub(crate) id: ChannelId,
    pub(crate) webhook_path: String,
}

impl Switchboard<'_> {
    pub(crate) async fn serve(&self) -> anyhow::Result<Server> {
        let address = server::free_address()?;
        let command = self.command(&["serve", "--listen", &address.to_string()]);
        let log = self.folder.join("server.log");
        Server::start(command, (address, "/readyz"), &log).await
    }

    /// Starts a simulator that counts what it is sent and limits nobody.
    pub(crate) async fn simulate(&self) -> anyhow::Result<Server> {
        let address = server::free_address()?;
        let mut command = Command::new(&self.arguments.switchboard);
        command.args(["simulate", "--listen", &address.to_string()]);
        command.args(["--statuses", "none"]);
        let log = self.folder.join("simulator.log");
        Server::start(command, (address, "/simulator/rates"), &log).await
    }

    pub(crate) fn create_tenant(&self) -> anyhow::Result<Tenant> {
        let created = self.ask(&[
            "tenant", "create", "--slug", "bench", "--name", "Bench", "--json",
        ])?;
        let id = created["tenant"]["id"].as_i64().and_then(TenantId::new);
        let key = |api| {
            let create = ["key", "create", "--tenant", "bench", "--api", api];
            let answer =
                self.ask(&[&create[..], &["--rate-per-minute", "0", "--json"]].concat())?;
            let key = answer["key"].as_str().map(str::to_owned);
            key.with_context(|| format!("no key in {answer}"))
        };
        Ok(Tenant {
            id: id.with_context(|| format!("no id in {created}"))?,
            flowiq_key: key("flowiq")?,
            flowella_key: key("flowella")?,
            wacr_key: key("wacr")?,
            contacts: self.arguments.contacts,
            deep_cursor: String::new(),
        })
    }

    /// Connects a number of the simulator's; the tenant's first is its default.
    pub(crate) fn connect(&self, simulator: &Server, line: Line) -> anyhow::Result<Channel> {
        let (graph_url, tier) = (
            format!("http://{}", simulator.address),
            line.tier.to_string(),
        );
        let id = line.phone_number_id;
        let mut args = vec!["channel", "create", "--tenant", "bench", "--json"];
        args.extend(["--phone-number-id", id, "--waba-id", WABA_ID]);
        args.extend(["--number", "+27110000000", "--token", "any"]);
        args.extend(["--app-secret", APP_SECRET, "--verify-token", "any"]);
        args.extend(["--graph-url", &graph_url, "--tier-per-second", &tier]);
        let created = self.ask(&args)?;
        let id = created["channel"]["id"].as_i64().and_then(ChannelId::new);
        let path = created["webhook_path"].as_str().map(str::to_owned);
        let channel = id
            .zip(path)
            .map(|(id, webhook_path)| Channel { id, webhook_path });
        channel.with_context(|| format!("no channel in {created}"))
    }

    /// Returns where the embedded database is.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Opens the tenant's rows beside the server.
    pub(crate) async fn open(&self, tenant: &Tenant) -> anyhow::Result<Rows> {
        let location = match self.engine {
            Engine::Sqlite => Location::Directory(self.data_dir()),
            Engine::Postgres { url } => Location::Postgres(url.clone()),
        };
        Rows::open(location, tenant.id).await
    }

    /// Runs a command that answers with one JSON object.
    fn ask(&self, args: &[&str]) -> anyhow::Result<Value> {
        let name = args[..2].join(" ");
        let output = self
            .command(args)
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

    /// Returns a command on the server's data.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.arguments.switchboard);
        command
            .args(args)
            .arg("--data-dir")
            .arg(self.folder.join("data"));
        if let Engine::Postgres { url } = self.engine {
            command.args(["--database-url", url]);
        }
        command
    }
}
