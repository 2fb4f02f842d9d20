//! The running server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::accounts::Account;
use crate::apps::App;
use crate::config::{Config, Rules};
use crate::control::{self, ControlError, Setup};
use crate::fault::{Fault, FaultRule};
use crate::ledger::Sent;
use crate::lines::Line;
use crate::people::Person;
use crate::routes;
use crate::webhooks::{Behaviour, Counts, Courier, Delivery};
use crate::world::World;

/// How long to wait before accepting again when there was no room for another connection.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// A running simulator; it ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    world: Arc<World>,
    tracker: TaskTracker,
    running: DropGuard,
}

impl Simulator {
    /// Starts one.
    pub async fn start(config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let tracker = TaskTracker::new();
        let stopping = CancellationToken::new();
        let courier = Courier::new(tracker.clone(), stopping.clone(), config.retry_pause);
        let world = Arc::new(World::new(config, graph_url(address), courier)?);
        let lines = Lines {
            world: world.clone(),
            tracker: tracker.clone(),
            stopping,
        };
        let running = lines.stopping.clone().drop_guard();
        let until = lines.stopping.clone();
        tracker.spawn(until.run_until_cancelled_owned(lines.accept(listener)));
        Ok(Self {
            address,
            world,
            tracker,
            running,
        })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what to use in place of `https://graph.facebook.com`.
    #[must_use]
    pub fn graph_url(&self) -> String {
        graph_url(self.address)
    }

    /// Returns the last messages it took, at most 10,000, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.world.ledger.sent()
    }

    /// Returns how many requests to send it received, taken or not.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.world.ledger.requests()
    }

    /// Lets a message fail; each fault is for one message, in the order they were given.
    ///
    /// A request that is refused in its own right leaves the fault to the next one.
    pub fn fault_next(&self, fault: Fault) {
        self.world.ledger.add_fault(FaultRule::once(fault));
    }

    /// Lets messages fail as a rule says.
    pub fn add_fault(&self, rule: FaultRule) {
        self.world.ledger.add_fault(rule);
    }

    /// Changes what lines are held to that have no rules of their own.
    pub fn set_rules(&self, rules: Rules) {
        self.world.set_rules(rules);
    }

    /// Adds an app, or changes the one with its id; it gets its webhooks from now on.
    ///
    /// The first one gets those of every account that names none.
    pub fn add_app(&self, app: App) {
        self.world.add_app(app);
    }

    /// Adds an account, or changes the one with its id.
    pub fn add_account(&self, account: Account) -> Result<(), ControlError> {
        control::add_account(&self.world, account)
    }

    /// Adds a line, or changes the one with its id.
    pub fn add_line(&self, line: Line) -> Result<(), ControlError> {
        control::add_line(&self.world, line)
    }

    /// Adds somebody, or changes who has the number.
    pub fn add_person(&self, person: Person) -> Result<(), ControlError> {
        control::add_person(&self.world, person)
    }

    /// Adds all of these.
    pub fn set_up(&self, setup: Setup) -> Result<(), ControlError> {
        setup.carry_out(&self.world)
    }

    /// Lets somebody write, as `POST /simulator/messages` does; returns the ids of the messages.
    pub fn write(&self, writing: &Value) -> Result<Vec<String>, ControlError> {
        control::write(&self.world, writing)
    }

    /// Tells how far a message got, as `POST /simulator/statuses` does.
    pub fn report(&self, status: &Value) -> Result<(), ControlError> {
        control::report(&self.world, status)
    }

    /// Posts a webhook as it is, as `POST /simulator/webhooks` does; returns the posts' numbers.
    pub fn post_webhook(&self, webhook: &Value) -> Result<Vec<u64>, ControlError> {
        control::post_raw(&self.world, webhook)
    }

    /// Changes how the webhooks of an app, or of the first, are posted from now on.
    pub fn set_behaviour(
        &self,
        app_id: Option<&str>,
        behaviour: Behaviour,
    ) -> Result<(), ControlError> {
        control::set_behaviour(&self.world, app_id, behaviour)
    }

    /// Returns the last webhooks of an app, or of the first, at most 10,000, oldest first.
    #[must_use]
    pub fn webhooks(&self, app_id: Option<&str>) -> Vec<Delivery> {
        let app = self.world.apps.get(app_id);
        app.map(|it| it.outbox.deliveries(0, usize::MAX))
            .unwrap_or_default()
    }

    /// Returns how many webhooks an app, or the first, was posted.
    #[must_use]
    pub fn webhook_counts(&self, app_id: Option<&str>) -> Counts {
        let app = self.world.apps.get(app_id);
        app.map(|it| it.outbox.counts()).unwrap_or_default()
    }

    /// Returns the most messages of a line that were taken in any second.
    #[must_use]
    pub fn most_in_any_second(&self, phone_number_id: &str) -> usize {
        let line = self.world.lines.get(phone_number_id);
        line.map_or(0, |it| it.inner().pace.counts().1)
    }

    /// Stops: closes every connection and waits until all are closed.
    pub async fn stop(self) {
        drop(self.running);
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// What every connection needs.
#[derive(Clone)]
struct Lines {
    world: Arc<World>,
    tracker: TaskTracker,
    stopping: CancellationToken,
}

impl Lines {
    async fn accept(self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let until = self.stopping.clone();
                    let connection = serve(stream, self.world.clone());
                    self.tracker
                        .spawn(until.run_until_cancelled_owned(connection));
                }
                Err(error) => {
                    tracing::warn!(%error, "the simulator could not accept a connection");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                }
            }
        }
    }
}

async fn serve(stream: TcpStream, world: Arc<World>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection to the simulator stays slow");
    }
    let service = service_fn(|request| routes::answer(&world, request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to the simulator ended early");
    }
}

fn graph_url(address: SocketAddr) -> String {
    format!("http://{address}")
}
