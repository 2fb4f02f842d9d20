//! A line of a route table.

use axum::response::Response;
use futures_util::future::BoxFuture;

use super::{Call, Dialect};

/// How long a body may be unless the route says otherwise: 1 MiB.
const DEFAULT_MAX_BODY: usize = 1 << 20;

/// The methods that routes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

impl Verb {
    /// Returns the methods that are answered: whoever may get something may ask for its head.
    pub(crate) fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Get => &["GET", "HEAD"],
            Self::Post => &["POST"],
        }
    }
}

/// What answers a request.
pub(crate) type Handler<D> =
    for<'c> fn(&'c Call) -> BoxFuture<'c, Result<Response, <D as Dialect>::Error>>;

/// A line of a route table: method, path, right, handler.
pub(crate) struct Route<D: Dialect> {
    pub(crate) verb: Verb,
    pub(crate) path: &'static str,
    pub(crate) right: D::Right,
    pub(crate) handler: Handler<D>,
    pub(crate) max_body: usize,
}

impl<D: Dialect> Route<D> {
    pub(crate) const fn new(
        verb: Verb,
        path: &'static str,
        right: D::Right,
        handler: Handler<D>,
    ) -> Self {
        Self {
            verb,
            path,
            right,
            handler,
            max_body: DEFAULT_MAX_BODY,
        }
    }
}
