//! What Meta says to us: the handshake before it uses a webhook's address, and its events.
//!
//! It is no dialect: nobody has a key, the signature over the raw body is the proof, and Meta reads
//! nothing of an answer but its status.

mod error;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use operations::{MetaApp, Operations, SIGNATURE_HEADER};
use tower_http::catch_panic::CatchPanicLayer;

use error::Error;

/// The longest body: Meta posts up to 3 MB.
const MAX_BODY: usize = (3 << 20) + (64 << 10);

/// How long a body may take to arrive.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Returns the routes of webhooks.
pub(crate) fn router(operations: Operations) -> Router {
    Router::new()
        .route("/webhooks/meta/{path}", get(shake_hands).post(take_events))
        .method_not_allowed_fallback(async || Error::WrongMethod.say())
        .fallback(async || Error::UnknownPath.say())
        .with_state(operations)
        .layer(CatchPanicLayer::custom(|_| Error::Unavailable.say()))
}

async fn shake_hands(
    State(operations): State<Operations>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    let app = match find(&operations, &path).await {
        Ok(app) => app,
        Err(error) => return error.say(),
    };
    match app.shake_hands(request.uri().query().unwrap_or_default()) {
        Some(challenge) => {
            let mut response = Response::new(Body::from(challenge));
            // Whoever reads it must not take it for a page.
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, plain);
            response
        }
        None => Error::WrongWord.say(),
    }
}

async fn take_events(
    State(operations): State<Operations>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    match keep(&operations, &path, request).await {
        Ok(()) => Response::new(Body::empty()),
        Err(error) => error.say(),
    }
}

async fn keep(operations: &Operations, path: &str, request: Request) -> Result<(), Error> {
    let app = find(operations, path).await?;
    let (head, body) = request.into_parts();
    let signature = head.headers.get(SIGNATURE_HEADER);
    let signature = signature.and_then(|value| value.to_str().ok());
    // Without one, nothing needs to be read to know that it is wrong.
    let signature = signature.ok_or(Error::WrongSignature)?;
    let length = HttpBody::size_hint(&body).upper();
    let length = length.and_then(|it| usize::try_from(it).ok());
    let length = length.unwrap_or(MAX_BODY);
    if length > MAX_BODY {
        return Err(Error::TooLarge);
    }
    let _room = operations.take_room(length).await.map_err(unavailable)?;
    let body = read(body).await?;
    let is_kept = operations.accept_events(&app, signature, &body).await;
    if is_kept.map_err(unavailable)? {
        Ok(())
    } else {
        Err(Error::WrongSignature)
    }
}

async fn find(operations: &Operations, path: &str) -> Result<MetaApp, Error> {
    let app = operations.meta_app(path).await.map_err(unavailable)?;
    app.ok_or(Error::UnknownPath)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unavailable(error: operations::Error) -> Error {
    tracing::warn!(error = %error, "a webhook could not be taken; Meta comes again");
    Error::Unavailable
}

async fn read(body: Body) -> Result<Bytes, Error> {
    let reading = Limited::new(body, MAX_BODY).collect();
    match tokio::time::timeout(TIME_LIMIT, reading).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Error::TooLarge),
        Ok(Err(_)) => Err(Error::BrokenBody),
        Err(_) => Err(Error::SlowBody),
    }
}
