//! Putting the parts together.

use std::sync::Arc;

use anyhow::Context;
use domain::Clock;
use operations::{EvidenceVerifier, Operations, Parts, Sandbox, SimulatorVerifier, Verifier};
use simulator::Simulator;
use storage::{Database, Options};
use tokio_util::task::TaskTracker;

use crate::settings::Settings;

/// Opens the database for a command that runs beside a server.
pub(crate) async fn tool(settings: &Settings) -> anyhow::Result<Operations> {
    let database = Database::open(Options::tool(settings.location())).await?;
    assemble(database, None)
}

/// Opens the database for a server, and starts the simulator where one is wanted.
pub(crate) async fn server(settings: &Settings) -> anyhow::Result<(Operations, Option<Simulator>)> {
    let database = Database::open(Options::server(settings.location())).await?;
    let simulator = if settings.sandbox {
        let started = Simulator::start(simulator::Config::default()).await;
        Some(started.context("the simulator could not be started")?)
    } else {
        None
    };
    Ok((assemble(database, simulator.as_ref())?, simulator))
}

fn assemble(database: Database, simulator: Option<&Simulator>) -> anyhow::Result<Operations> {
    let sandbox = simulator.map(|simulator| Sandbox {
        graph_url: simulator.graph_url(),
    });
    let verifier: Arc<dyn Verifier> = match &sandbox {
        Some(sandbox) => Arc::new(SimulatorVerifier::new(&sandbox.graph_url)?),
        None => Arc::new(EvidenceVerifier),
    };
    Ok(Operations::new(Parts {
        database,
        clock: Clock::system(),
        cloud: cloud_api::Client::new(cloud_api::Timeouts::default())?,
        verifier,
        sandbox,
        tasks: TaskTracker::new(),
    }))
}
