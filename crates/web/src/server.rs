//! Listening: connections, their limits, and a shutdown that lets requests finish.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

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

/// How long a connection that sends no whole head is waited for at shutdown, and how long the end of
/// an answer may take to leave.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// Serves until `shutdown` is done, then lets the requests under way finish.
pub async fn serve(listener: TcpListener, web: Web, limits: Limits, shutdown: impl Future) {
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(limits.max_connections));
    let (tasks, requests) = (TaskTracker::new(), TaskTracker::new());
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
        let connection = graceful.watch(connect(stream, (&web, &requests), limits));
        tasks.spawn(async move {
            // A client that breaks off is its own business.
            drop(connection.await);
            drop(place);
        });
    }
    drop(listener);
    let drained = async {
        tokio::select! {
            () = graceful.shutdown() => {}
            () = all_answered(&requests) => {}
        }
    };
    if tokio::time::timeout(limits.drain_time, drained)
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
}

/// Returns a moment after every request whose head was read is answered: whoever sent half a head is
/// not waited for.
async fn all_answered(requests: &TaskTracker) {
    requests.close();
    loop {
        requests.wait().await;
        tokio::time::sleep(LAST_MOMENT).await;
        if requests.is_empty() {
            return;
        }
    }
}

/// An answer, under way until its end is taken.
struct Answer {
    body: Body,
    _under_way: TaskTrackerToken,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn connect(
    stream: TcpStream,
    (web, requests): (&Web, &TaskTracker),
    limits: Limits,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + use<> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "a connection keeps its delay");
    }
    let (web, requests) = (web.clone(), requests.clone());
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let (web, under_way) = (web.clone(), requests.token());
        async move {
            let answer = web.handle(request.map(Body::new)).await;
            Ok::<_, std::convert::Infallible>(answer.map(|body| Answer {
                body,
                _under_way: under_way,
            }))
        }
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .serve_connection(TokioIo::new(stream), service)
}
