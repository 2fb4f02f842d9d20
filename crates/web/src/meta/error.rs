//! What goes wrong with webhooks, as whoever sets one up reads it.

use axum::response::Response;
use http::{StatusCode, header};
use serde::Serialize;

use crate::dialect::reply;

/// Why a webhook is not taken. Meta comes again after any of them, so whatever an operation fails
/// with is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// No app has this path.
    UnknownPath,
    /// The address does not answer to this method.
    WrongMethod,
    /// The handshake is none, or its word is wrong.
    WrongWord,
    /// The signature is missing, or not the app's.
    WrongSignature,
    /// The body is longer than Meta's are.
    TooLarge,
    /// The body broke off.
    BrokenBody,
    /// The body did not arrive in time.
    SlowBody,
    /// The storage has no time, or is away; the log has more.
    Unavailable,
}

#[derive(Serialize)]
struct Told {
    error: &'static str,
}

impl Error {
    /// Says it.
    pub(super) fn say(self) -> Response {
        let (status, error) = match self {
            Self::UnknownPath => (StatusCode::NOT_FOUND, "no app has this webhook path"),
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "only GET and POST"),
            Self::WrongWord => (StatusCode::FORBIDDEN, "the verify token is wrong"),
            Self::WrongSignature => (
                StatusCode::UNAUTHORIZED,
                "the signature is missing, or not made with this app's secret",
            ),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long"),
            Self::BrokenBody => (StatusCode::BAD_REQUEST, "the body broke off"),
            Self::SlowBody => (StatusCode::REQUEST_TIMEOUT, "the body took too long"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "try again in a moment"),
        };
        let mut response = reply::json(status, &Told { error });
        match self {
            Self::Unavailable => reply::set_number(&mut response, header::RETRY_AFTER, 1),
            Self::WrongMethod => reply::set_text(&mut response, header::ALLOW, "GET, HEAD, POST"),
            _ => {}
        }
        response
    }
}
