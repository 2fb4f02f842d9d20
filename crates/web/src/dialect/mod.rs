//! What all dialects share: the path of a request, and the list of what can go wrong on it.

pub(crate) mod body;
mod call;
mod failure;
mod form;
pub(crate) mod once;
mod pipeline;
pub(crate) mod reply;
mod route;
#[cfg(test)]
pub(crate) mod told;

pub(crate) use call::Call;
pub(crate) use failure::{Failure, NotOnce};
pub(crate) use pipeline::router;
pub(crate) use route::{Route, Verb, routes};

use axum::response::Response;
use domain::key::Api;
use jiff::Timestamp;
use operations::{Caller, Rate};

/// A vendor's API as far as the path of a request goes.
pub(crate) trait Dialect: Sized + Send + Sync + 'static {
    /// What a route demands of a key.
    type Right: Copy + Send + Sync + 'static;
    /// What a handler fails with.
    type Error: From<Failure> + Send;

    /// Whose keys open it.
    const API: Api;

    /// The table of routes.
    const ROUTES: &'static [Route<Self>];

    /// Returns whether a caller has a right.
    fn permit(caller: &Caller, right: Self::Right) -> Result<(), Failure>;

    /// Returns whether a request that failed so did nothing, and may come again.
    fn did_nothing(error: &Self::Error) -> bool;

    /// Changes an error to what the vendor says on one path alone.
    fn at(_path: &'static str, error: Self::Error) -> Self::Error {
        error
    }

    /// Says an error in the vendor's shape.
    fn say(error: Self::Error, now: Timestamp) -> Response;

    /// Adds the headers that every response of the vendor carries.
    fn stamp(response: &mut Response, rate: Option<Rate>);
}
