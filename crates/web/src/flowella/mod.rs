//! Flowella: bare resources, camel case, one error envelope, keys `flo_…`. See
//! `docs/dialects/flowella.md`.

mod analytics;
mod auth;
mod contacts;
mod conversations;
mod error;
mod events;
mod fillings;
mod json;
mod messages;
mod opt_outs;
mod page;
mod ping;
mod recipients;
mod shape;
mod template_sends;
mod templates;

pub(crate) use error::Error;
pub(crate) use events::FlowellaVoice;

use axum::response::Response;
use domain::key::Api;
use jiff::Timestamp;
use operations::{Caller, Rate};

use crate::dialect::{Dialect, Failure, Route, routes};

/// The dialect.
pub(crate) struct Flowella;

/// Flowella's keys may do everything.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Right {
    Any,
}

impl Dialect for Flowella {
    type Right = Right;
    type Error = Error;

    const API: Api = Api::Flowella;

    const ROUTES: &'static [Route<Self>] = routes![
        Get "/api/v1/ping" Right::Any => ping::ping;
        Get "/api/v1/contacts" Right::Any => contacts::list;
        Post "/api/v1/contacts" Right::Any => contacts::upsert;
        Post "/api/v1/opt-outs" Right::Any => opt_outs::change;
        Post "/api/v1/messages" Right::Any => messages::send;
        Get "/api/v1/templates" Right::Any => templates::list;
        Post "/api/v1/templates/send" Right::Any => template_sends::send
            [up to template_sends::MAX_BODY];
        Get "/api/v1/analytics" Right::Any => analytics::show;
        Get "/api/v1/conversations" Right::Any => conversations::list;
    ];

    fn permit(_caller: &Caller, right: Right) -> Result<(), Failure> {
        match right {
            Right::Any => Ok(()),
        }
    }

    fn did_nothing(error: &Error) -> bool {
        error.did_nothing()
    }

    fn say(error: Error, _now: Timestamp) -> Response {
        error.into()
    }

    fn stamp(response: &mut Response, rate: Option<Rate>) {
        auth::stamp(response, rate);
    }
}

#[cfg(test)]
mod told;
