//! Listening: connections, their limits, and a shutdown that lets requests finish.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::Web;

/// Limits on connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections may be open; the next one waits.
    pub max_connections: usize,
    /// How long the headers of a request may take.
    pub header_time: Duration,
    /// How long requests under way are waited for at shutdown.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            header_time: Duration::from_secs(30),
            drain_time: Duration::from_secs(25),
        }
    }
}

/// Serves until `shutdown` is done, then lets the requests under way finish.
pub async fn serve(listener: TcpListener, web: Web, limits: Limits, shutdown: impl Future) {
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(limits.max_connections));
    let tasks = TaskTracker::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            let place = Arc::clone(&connections).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            _ = &mut shutdown => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Usually too many open files; the next connection may have more luck.
                tracing::warn!(error = %error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let connection = graceful.watch(connect(stream, web.clone(), limits));
        tasks.spawn(async move {
            // A client that breaks off is its own business.
            drop(connection.await);
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.drain_time, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
}

fn connect(
    stream: TcpStream,
    web: Web,
    limits: Limits,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "a connection keeps its delay");
    }
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let web = web.clone();
        async move { Ok::<_, std::convert::Infallible>(web.handle(request.map(Body::new)).await) }
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .serve_connection(TokioIo::new(stream), service)
}
