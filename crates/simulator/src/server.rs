//! The running server.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::fault::Fault;
use crate::ledger::{Ledger, Sent};
use crate::routes;

/// How long to wait before accepting again when there was no room for another connection.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// How a simulator runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        }
    }
}

/// A running simulator; it ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    ledger: Arc<Ledger>,
    tracker: TaskTracker,
    running: DropGuard,
}

impl Simulator {
    /// Starts one.
    pub async fn start(config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let ledger = Arc::new(Ledger::default());
        let tracker = TaskTracker::new();
        let stopping = CancellationToken::new();
        let lines = Lines {
            ledger: ledger.clone(),
            tracker: tracker.clone(),
            stopping,
        };
        let running = lines.stopping.clone().drop_guard();
        let until = lines.stopping.clone();
        tracker.spawn(until.run_until_cancelled_owned(lines.accept(listener)));
        Ok(Self {
            address,
            ledger,
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
        format!("http://{}", self.address)
    }

    /// Returns the last messages it took, at most 10,000, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.ledger.sent()
    }

    /// Returns how many requests to send it received, taken or not.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.ledger.requests()
    }

    /// Lets a message fail; each fault is for one message, in the order they were given.
    ///
    /// A request that is refused in its own right leaves the fault to the next one.
    pub fn fault_next(&self, fault: Fault) {
        self.ledger.add_fault(fault);
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
    ledger: Arc<Ledger>,
    tracker: TaskTracker,
    stopping: CancellationToken,
}

impl Lines {
    async fn accept(self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let until = self.stopping.clone();
                    let connection = serve(stream, self.ledger.clone());
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

async fn serve(stream: TcpStream, ledger: Arc<Ledger>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection to the simulator stays slow");
    }
    let service = service_fn(|request| routes::answer(&ledger, request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to the simulator ended early");
    }
}
