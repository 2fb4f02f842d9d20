//! `switchboard serve`: listen, work, and stop in good order.

use std::time::Duration;

use anyhow::Context;
use operations::Operations;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::settings::Settings;
use crate::{logging, wiring};

/// How often key uses are written down and sends of crashed processes are looked for.
const MAINTENANCE: Duration = Duration::from_secs(30);

/// Runs the server until it is told to stop.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    run_with(settings, async |_, _| Ok(())).await
}

/// Runs the server; `ready` is called once it listens.
pub(crate) async fn run_with(
    settings: Settings,
    ready: impl AsyncFnOnce(&Operations, std::net::SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    logging::start(&settings)?;
    let (operations, simulator) = wiring::server(&settings).await?;
    let listener = TcpListener::bind(settings.listen).await.with_context(|| {
        format!(
            "cannot listen on {}; choose another with --listen",
            settings.listen
        )
    })?;
    let address = listener.local_addr()?;
    announce(&settings, address);
    let stopping = CancellationToken::new();
    let maintenance = maintain(operations.clone(), stopping.clone());
    let web = web::Web::new(&operations);
    let serving = web::serve(listener, web, web::Limits::default(), stopping.cancelled());
    let starting = async {
        let outcome = ready(&operations, address).await;
        if outcome.is_err() {
            stopping.cancel();
        }
        outcome
    };
    let signals = async {
        let outcome = tokio::select! {
            told = until_told() => told,
            () = stopping.cancelled() => Ok(()),
        };
        stopping.cancel();
        outcome
    };
    let (started, told, (), ()) = tokio::join!(starting, signals, serving, maintenance);
    operations.close().await;
    if let Some(simulator) = simulator {
        simulator.stop().await;
    }
    tracing::info!("stopped");
    started.and(told)
}

fn announce(settings: &Settings, address: std::net::SocketAddr) {
    let database = if settings.database_url.is_some() {
        "postgres"
    } else {
        "sqlite"
    };
    tracing::info!(%address, database, sandbox = settings.sandbox, "listening");
    if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "this address is open to the network: whoever reaches it can try keys, and traffic is \
             not encrypted; put a proxy with TLS in front"
        );
    }
    if settings.sandbox {
        tracing::warn!("sandbox: messages go to a simulator, to nobody's phone");
    }
}

async fn maintain(operations: Operations, stopping: CancellationToken) {
    let mut due = tokio::time::interval(MAINTENANCE);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            () = stopping.cancelled() => return,
        }
        if let Err(error) = operations.maintain().await {
            tracing::warn!(error = %error, "maintenance failed; it is tried again");
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn until_told() -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping; requests under way may finish");
    Ok(())
}
