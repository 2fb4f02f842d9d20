//! What goes back over the wire.

use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;

/// An HTTP answer.
pub(crate) type Answer = Response<Full<Bytes>>;

/// The connection is to be closed without an answer.
#[derive(Debug)]
pub(crate) struct HungUp;

impl fmt::Display for HungUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hung up, as told")
    }
}

impl std::error::Error for HungUp {}

/// Answers with JSON.
pub(crate) fn json(status: u16, body: &impl Serialize) -> Answer {
    match serde_json::to_vec(body) {
        Ok(bytes) => raw(status, "application/json; charset=UTF-8", bytes.into()),
        Err(error) => {
            tracing::error!(%error, "an answer of the simulator could not be written");
            bad_gateway()
        }
    }
}

/// Answers that it was done.
pub(crate) fn success() -> Answer {
    let body = Bytes::from_static(br#"{"success":true}"#);
    raw(200, "application/json; charset=UTF-8", body)
}

/// Answers as the machines before Meta's do when those are down: not in Meta's words.
pub(crate) fn bad_gateway() -> Answer {
    let page = "<html><head><title>Error</title></head><body>Bad Gateway</body></html>";
    raw(
        502,
        "text/html; charset=utf-8",
        Bytes::from_static(page.as_bytes()),
    )
}

fn raw(status: u16, content_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}
