//! One engine's turn: start, load, measure case by case, look at the memory.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use crate::arguments::{Arguments, Set};
use crate::cases::{self, CASES, Case, Tenant, Work};
use crate::figure::Figure;
use crate::load::{Load, Outcome};
use crate::proc::{Memory, Processes};
use crate::report::{CaseReport, EngineReport, Ratios};
use crate::rows::{Recipient, Rows};
use crate::server::Server;
use crate::switchboard::Switchboard;
use crate::{big, broadcast, files, jobs, webhooks};

/// As many contacts come after the cursor of a list that is read deep down.
const DEEP: u64 = 60;

pub(crate) enum Engine {
    Sqlite,
    Postgres { url: String },
}

/// What a case needs.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) switchboard: &'a Switchboard<'a>,
    pub(crate) server: &'a Server,
    pub(crate) simulator: &'a Server,
    pub(crate) tenant: &'a Tenant,
    pub(crate) rows: &'a Rows,
}

/// What came of a case.
pub(crate) struct Finding {
    pub(crate) outcome: Outcome,
    pub(crate) figures: Vec<Figure>,
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
    let (simulator, server) = (switchboard.simulate().await?, switchboard.serve().await?);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let memory_after_start = Memory::read(server.pid())?;

    let tenant = switchboard.create_tenant()?;
    switchboard.connect(&simulator, cases::DEFAULT)?;
    let rows = switchboard.open(&tenant).await?;
    let stage = Stage {
        switchboard: &switchboard,
        server: &server,
        simulator: &simulator,
        tenant: &tenant,
        rows: &rows,
    };
    let (loaded_per_second, cases) = match arguments.set {
        Set::Usual => stage.measure_usual().await?,
        Set::Big => {
            let found = big::measure(&stage).await?;
            (found.contacts_per_second, found.cases)
        }
    };
    let memory_after_run = Memory::read(server.pid())?;
    rows.close().await;
    server.stop().await?;
    simulator.stop().await?;

    Ok(EngineReport {
        engine: engine.name(),
        loaded_per_second,
        memory_after_start,
        memory_after_run,
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

impl Arguments {
    fn wants(&self, case: &Case) -> bool {
        self.only.as_deref().is_none_or(|only| only == case.name)
    }
}

impl Stage<'_> {
    pub(crate) fn processes(&self) -> Processes {
        Processes {
            server: self.server.pid(),
            simulator: Some(self.simulator.pid()),
        }
    }

    /// Returns the people to write to.
    pub(crate) async fn recipients(&self) -> anyhow::Result<Vec<Recipient>> {
        let count = self.tenant.contacts.min(broadcast::RECIPIENTS);
        self.rows.recipients(count).await
    }

    fn load(&self) -> Load<'_> {
        Load {
            server: self.server,
            processes: self.processes(),
            connections: self.switchboard.arguments.connections,
        }
    }

    /// Returns how many contacts a second were loaded, and what came of each case.
    async fn measure_usual(&self) -> anyhow::Result<(f64, Vec<CaseReport>)> {
        let (arguments, engine) = (self.switchboard.arguments, self.switchboard.engine);
        let loaded_per_second = self.load_contacts().await?;
        // The last of the first to be made.
        let oldest = self.rows.recipients(self.tenant.contacts.min(DEEP)).await?;
        let deep_cursor = oldest.last().map(|it| it.id.to_cuid()).unwrap_or_default();
        let tenant = &Tenant {
            deep_cursor,
            ..self.tenant.clone()
        };
        let stage = Stage { tenant, ..*self };
        let mut cases = Vec::new();
        for case in CASES.iter().filter(|it| arguments.wants(it)) {
            eprintln!("{}: {} …", engine.name(), case.name);
            let finding = stage.measure(case).await;
            let finding = finding.with_context(|| format!("the case `{}`", case.name))?;
            cases.push(CaseReport {
                name: case.name.to_owned(),
                outcome: finding.outcome,
                figures: finding.figures,
                ratios: Ratios::default(),
                target: (case.target)(engine),
                bar: None,
            });
        }
        Ok((loaded_per_second, cases))
    }

    /// Returns how many a second were loaded.
    async fn load_contacts(&self) -> anyhow::Result<f64> {
        let (engine, tenant) = (self.switchboard.engine.name(), self.tenant.clone());
        let contacts = tenant.contacts;
        eprintln!("{engine}: loading {contacts} contacts …");
        let request = move |number| cases::preload(&tenant, number);
        let loaded_in = self.load().fill(contacts, request).await;
        let loaded_in = loaded_in.context("loading contacts")?;
        Ok(contacts as f64 / loaded_in.as_secs_f64())
    }

    async fn measure(&self, case: &Case) -> anyhow::Result<Finding> {
        match &case.work {
            Work::Requests(request) => {
                let (tenant, request) = (self.tenant.clone(), *request);
                let request = move |number| request(&tenant, number);
                let times = self.switchboard.arguments.times();
                Ok(Finding {
                    outcome: self.load().measure(times, request).await?,
                    figures: Vec::new(),
                })
            }
            Work::Job(line) => jobs::measure(self, *line).await,
            Work::Broadcast(line) => broadcast::measure(self, *line).await,
            Work::Webhooks(line, storm) => webhooks::measure(self, *line, *storm).await,
            Work::Import => files::import(self).await,
            Work::Export => files::export(self).await,
        }
    }
}
