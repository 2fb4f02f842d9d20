//! `switchboard serve`: listen, work, and stop in good order.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use operations::Operations;
use simulator::Simulator;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::settings::Settings;
use crate::{place, signals, wiring};

/// How often key uses are written down and sends of crashed processes are looked for.
const MAINTENANCE: Duration = Duration::from_secs(30);

/// Runs the server until it is told to stop.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    run_with(settings, async |_, _| Ok(())).await
}

/// Runs the server; `ready` is called once it listens.
pub(crate) async fn run_with(
    settings: Settings,
    ready: impl AsyncFnOnce(&Operations, SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let stopping = signals::heed()?;
    let opened = stopping
        .run_until_cancelled(Opened::open(&settings))
        .await
        .transpose()?;
    let Some(opened) = opened else {
        tracing::info!("stopped before it was ready");
        return Ok(());
    };
    let (operations, address) = (&opened.operations, opened.address);
    announce(&settings, address);
    if let Some(simulator) = &opened.simulator {
        listen_to(simulator, operations, address).await?;
    }
    let web = web::Web::new(operations);
    let limits = web::Limits::default();
    let serving = web::serve(opened.listener, web, limits, stopping.cancelled());
    let starting = async {
        let outcome = stopping
            .run_until_cancelled(ready(operations, address))
            .await
            .transpose();
        if outcome.is_err() {
            stopping.cancel();
        }
        outcome
    };
    let maintenance = maintain(operations, &stopping);
    let work = operations.work(&stopping);
    let (started, (), (), ()) = tokio::join!(starting, serving, maintenance, work);
    close(opened.operations, opened.simulator).await;
    tracing::info!("stopped");
    started.map(drop)
}

/// All that a server needs, opened.
struct Opened {
    operations: Operations,
    simulator: Option<Simulator>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Opened {
    /// Opens the data first: where another server has it, that is what to hear of.
    async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let (operations, simulator) = wiring::server(settings).await?;
        match listen(settings.listen).await {
            Ok((listener, address)) => Ok(Self {
                operations,
                simulator,
                listener,
                address,
            }),
            Err(error) => {
                close(operations, simulator).await;
                Err(error)
            }
        }
    }
}

async fn listen(wanted: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(wanted);
    let listener = listener.await.with_context(|| {
        format!("cannot listen on {wanted}; choose another address or port with --listen")
    })?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Has the simulator post what happens to this server.
async fn listen_to(
    simulator: &Simulator,
    operations: &Operations,
    address: SocketAddr,
) -> anyhow::Result<()> {
    let app = operations.sandbox_app().await?;
    let address = place::reachable(address);
    simulator.add_app(simulator::App {
        id: app.id.to_string(),
        secret: app.secret,
        verify_token: app.verify_token,
        callback_url: Some(format!("http://{address}{}", app.webhook_path)),
    });
    Ok(())
}

async fn close(operations: Operations, simulator: Option<Simulator>) {
    operations.close().await;
    if let Some(simulator) = simulator {
        simulator.stop().await;
    }
}

fn announce(settings: &Settings, address: SocketAddr) {
    let database = if settings.database_url.is_some() {
        "postgres"
    } else {
        "sqlite"
    };
    tracing::info!(%address, database, sandbox = settings.sandbox, "listening");
    if !address.ip().to_canonical().is_loopback() {
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

async fn maintain(operations: &Operations, stopping: &CancellationToken) {
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
