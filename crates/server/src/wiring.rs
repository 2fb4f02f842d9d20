//! Putting the parts together.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use domain::Clock;
use operations::{
    Ages, Directory, EvidenceVerifier, FetchTimeouts, Fetcher, Operations, Parts, PostTimeouts,
    Poster, Sandbox, Vault, Verifier,
};
use simulator::Simulator;
use storage::{Database, Location, Options};
use tokio_util::task::TaskTracker;

use crate::place;
use crate::settings::{MasterKey, Settings};

/// Where files are, in the data directory.
const MEDIA: &str = "media";

/// How long a database that does not answer is waited for without a word.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the data for a command that runs beside a server.
pub(crate) async fn tool(settings: &Settings) -> anyhow::Result<Operations> {
    tool_with(settings, Options::tool).await
}

async fn tool_with(
    settings: &Settings,
    options: impl FnOnce(Location) -> Options,
) -> anyhow::Result<Operations> {
    let database = open(settings, options).await?;
    // A command asks nobody about a number.
    let verifier = Arc::new(EvidenceVerifier::new(Clock::system(), Ages::default()));
    assemble(settings, database, verifier, None)
}

/// Opens data that must be there: a mistyped directory is not to become a new one.
pub(crate) async fn tool_on_data(settings: &Settings) -> anyhow::Result<Operations> {
    must_be_there(settings)?;
    tool(settings).await
}

/// Opens data that must be there for a command that writes much.
pub(crate) async fn import(settings: &Settings) -> anyhow::Result<Operations> {
    must_be_there(settings)?;
    tool_with(settings, Options::import).await
}

fn must_be_there(settings: &Settings) -> anyhow::Result<()> {
    if let Location::Directory(directory) = settings.location()
        && !directory.exists()
    {
        bail!(
            "there is no {}; say with --data-dir or --database-url where the data is",
            place::describe(settings).trim_start_matches("the ")
        );
    }
    Ok(())
}

/// Opens the data for a server, and starts the simulator where one is wanted.
pub(crate) async fn server(settings: &Settings) -> anyhow::Result<(Operations, Option<Simulator>)> {
    let simulator = if settings.sandbox {
        let started = Simulator::start(sandbox()).await;
        Some(started.context("the simulator could not be started")?)
    } else {
        None
    };
    let graph_url = simulator.as_ref().map(Simulator::graph_url);
    let choice = settings.verifier.clone();
    // Before the data: a setting that is missing is not to leave a new directory behind.
    let verifier = choice.verifier(&Clock::system(), graph_url.as_deref())?;
    let database = open(settings, Options::server).await?;
    let sandbox = graph_url.map(|graph_url| Sandbox { graph_url });
    let operations = assemble(settings, database, verifier, sandbox)?;
    Ok((operations, simulator))
}

async fn open(
    settings: &Settings,
    options: impl FnOnce(Location) -> Options,
) -> anyhow::Result<Database> {
    let location = settings.location();
    if let Location::Directory(directory) = &location {
        place::make_private(directory)?;
    }
    let mut opening = std::pin::pin!(Database::open(options(location)));
    loop {
        let opened = tokio::time::timeout(PATIENCE, &mut opening).await;
        match opened {
            Ok(opened) => return opened.map_err(|error| place::explain(settings, error)),
            Err(_) => tracing::warn!("still waiting for {}", place::describe(settings)),
        }
    }
}

fn vault(settings: &Settings) -> anyhow::Result<Vault> {
    match &settings.master_key {
        MasterKey::Given(keys) => Vault::from_text(keys).context("the setting master_key"),
        MasterKey::File(file) => Ok(Vault::in_file(file.clone())),
    }
}

fn assemble(
    settings: &Settings,
    database: Database,
    verifier: Arc<dyn Verifier>,
    sandbox: Option<Sandbox>,
) -> anyhow::Result<Operations> {
    Ok(Operations::new(Parts {
        database,
        clock: Clock::system(),
        cloud: cloud_api::Client::new(cloud_api::Timeouts::default())?,
        verifier,
        sandbox,
        vault: vault(settings)?,
        files: Arc::new(Directory::new(settings.data_dir.join(MEDIA))),
        fetcher: Fetcher::new(settings.guard.clone(), FetchTimeouts::default())?,
        poster: Poster::new(settings.guard.clone(), PostTimeouts::default())?,
        public_url: settings.public_url.clone(),
        voices: web::voices(),
        delivery_keep_days: settings.keep.delivery_days(),
        inbound_keep_days: settings.keep.inbound_days(),
        job_keep_days: settings.keep.job_days(),
        tasks: TaskTracker::new(),
    }))
}

/// Returns how the simulator of a sandbox behaves: as Meta mostly does, without its limits.
fn sandbox() -> simulator::Config {
    simulator::Config {
        rules: simulator::Rules {
            statuses: simulator::Reports::Delivered,
            ..simulator::Rules::default()
        },
        user_ids: true,
        ..simulator::Config::default()
    }
}
