//! What an answer left unread of its request.
//!
//! A connection that is closed on a client that still sends is reset, and the client may never see
//! the answer that says why. So the rest of a refused body is read on, within reason.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};

/// How much of a body is read for nobody, and how long.
const MAX_BYTES: usize = 8 << 20;
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// A body that is lent to whoever answers.
#[derive(Debug)]
pub(crate) struct Unread(Arc<Mutex<Body>>);

/// The other end of an [`Unread`], which reads.
#[derive(Debug)]
struct Lent(Arc<Mutex<Body>>);

impl Unread {
    /// Lends a body.
    pub(crate) fn lend(body: Body) -> (Self, Body) {
        let shared = Arc::new(Mutex::new(body));
        (Self(Arc::clone(&shared)), Body::new(Lent(shared)))
    }

    /// Reads what is left, for nobody.
    pub(crate) async fn discard(self) {
        let mut body = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let reading = async {
            let mut left = MAX_BYTES;
            while let Some(Ok(frame)) = body.frame().await {
                let length = frame.data_ref().map_or(0, Bytes::len);
                match left.checked_sub(length) {
                    Some(fewer) => left = fewer,
                    None => return,
                }
            }
        };
        // Who sends on after that is cut off.
        drop(tokio::time::timeout(TIME_LIMIT, reading).await);
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        HttpBody::size_hint(&*body)
    }
}
