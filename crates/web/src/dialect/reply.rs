//! Writing responses.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

/// Returns a JSON response.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    // Our own shapes serialize; if one did not, an empty 500 is the honest answer.
    let (status, body) = match serde_json::to_vec(body) {
        Ok(body) => (status, body),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// What an error tells its client to do, in a header that is the same in every dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Come back later.
    RetryAfter { seconds: i64 },
    /// Use one of these methods.
    Allow(String),
}

impl Advice {
    pub(crate) fn stamp(&self, response: &mut Response) {
        match self {
            Self::RetryAfter { seconds } => set_number(response, header::RETRY_AFTER, *seconds),
            Self::Allow(methods) => set_text(response, header::ALLOW, methods),
        }
    }
}

/// Sets a header to a number.
pub(crate) fn set_number(response: &mut Response, name: HeaderName, value: impl Into<i64>) {
    response
        .headers_mut()
        .insert(name, HeaderValue::from(value.into()));
}

/// Sets a header to a text that is known to be one.
pub(crate) fn set_text(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// `X-RateLimit-Limit`.
pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
/// `X-RateLimit-Remaining`.
pub(crate) const RATE_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
/// `X-RateLimit-Reset`, in seconds since 1970.
pub(crate) const RATE_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
