//! One engine's turn: start, load, measure case by case, look at the memory.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use crate::arguments::Arguments;
use crate::cases::{self, CASES, Case, Tenant};
use crate::load::Load;
use crate::proc::Memory;
use crate::report::{CaseReport, EngineReport, Ratios};
use crate::server::{self, Server};

pub(crate) enum Engine {
    Sqlite,
    Postgres { url: String },
}

/// Switchboard's binary with the database it is to use.
struct Switchboard<'a> {
    arguments: &'a Arguments,
    engine: &'a Engine,
    folder: &'a Path,
}

pub(crate) async fn measure(
    engine: &Engine,
    arguments: &Arguments,
    folder: &Path,
) -> anyhow::Result<EngineReport> {
    let folder = folder.join(engine.name());
    std::fs::create_dir_all(&folder)?;
    let switchboard = Switchboard {
        arguments,
        engine,
        folder: &folder,
    };
    let server = switchboard.serve(&[]).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let memory_after_start = Memory::read(server.pid())?;

    let tenant = switchboard.create_tenant()?;
    eprintln!("{}: loading {} contacts …", engine.name(), tenant.contacts);
    let load = Load {
        server: &server,
        connections: arguments.connections,
    };
    let preload = {
        let tenant = tenant.clone();
        load.fill(tenant.contacts, move |number| {
            cases::preload(&tenant, number)
        })
    };
    let loaded_in = preload.await.context("loading contacts")?;

    let mut cases = Vec::new();
    let mut memory_after_run = Vec::new();
    switchboard
        .measure_cases(&server, &tenant, false, &mut cases)
        .await?;
    memory_after_run.push(Memory::read(server.pid())?);
    server.stop().await?;

    let server = switchboard.serve(&["--sandbox"]).await?;
    switchboard
        .measure_cases(&server, &tenant, true, &mut cases)
        .await?;
    memory_after_run.push(Memory::read(server.pid())?);
    server.stop().await?;

    Ok(EngineReport {
        engine: engine.name(),
        loaded_per_second: tenant.contacts as f64 / loaded_in.as_secs_f64(),
        memory_after_start,
        memory_after_run: memory_after_run
            .into_iter()
            .reduce(Memory::max)
            .unwrap_or(memory_after_start),
        cases,
    })
}

impl Engine {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres { .. } => "postgres",
        }
    }
}

impl Switchboard<'_> {
    async fn serve(&self, flags: &[&str]) -> anyhow::Result<Server> {
        let address = server::free_address()?;
        let mut command = self.command(&["serve", "--listen", &address.to_string()]);
        command.args(flags);
        Server::start(command, address, &self.folder.join("server.log")).await
    }

    fn create_tenant(&self) -> anyhow::Result<Tenant> {
        self.ask(&[
            "tenant", "create", "--slug", "bench", "--name", "Bench", "--json",
        ])?;
        let key = |api| {
            let create = ["key", "create", "--tenant", "bench", "--api", api];
            let answer =
                self.ask(&[&create[..], &["--rate-per-minute", "0", "--json"]].concat())?;
            let key = answer["key"].as_str().map(str::to_owned);
            key.with_context(|| format!("no key in {answer}"))
        };
        Ok(Tenant {
            flowiq_key: key("flowiq")?,
            flowella_key: key("flowella")?,
            contacts: self.arguments.contacts,
        })
    }

    async fn measure_cases(
        &self,
        server: &Server,
        tenant: &Tenant,
        sandbox: bool,
        reports: &mut Vec<CaseReport>,
    ) -> anyhow::Result<()> {
        let is_wanted = |case: &&Case| {
            let only = self.arguments.only.as_deref();
            case.sandbox == sandbox && only.is_none_or(|only| only == case.name)
        };
        for case in CASES.iter().filter(is_wanted) {
            eprintln!("{}: {} …", self.engine.name(), case.name);
            let load = Load {
                server,
                connections: self.arguments.connections,
            };
            let (tenant, request) = (tenant.clone(), case.request);
            let outcome = load.measure(self.arguments.times(), move |number| {
                request(&tenant, number)
            });
            let outcome = outcome
                .await
                .with_context(|| format!("the case `{}`", case.name))?;
            let target = (case.target)(self.engine);
            reports.push(CaseReport {
                name: case.name,
                outcome,
                ratios: Ratios::default(),
                target,
            });
        }
        Ok(())
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

    fn command(&self, args: &[&str]) -> Command {
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

impl Memory {
    fn max(self, other: Self) -> Self {
        Self {
            now_megabytes: self.now_megabytes.max(other.now_megabytes),
            peak_megabytes: self.peak_megabytes.max(other.peak_megabytes),
        }
    }
}
