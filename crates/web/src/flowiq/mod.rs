//! FlowIQ: flat errors, snake case, keys `fiq_…`. See `docs/dialects/flowiq.md`.

mod auth;
mod contacts;
mod error;
mod json;
mod messages;
mod shape;

pub(crate) use error::Error;

use axum::response::Response;
use domain::key::Api;
use jiff::Timestamp;
use operations::{Caller, Rate};

use crate::dialect::{Dialect, Failure, Route, Verb};

/// The dialect.
pub(crate) struct FlowIq;

/// FlowIQ's keys may do everything.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Right {
    Any,
}

impl Dialect for FlowIq {
    type Right = Right;
    type Error = Error;

    const API: Api = Api::FlowIq;

    const ROUTES: &'static [Route<Self>] = &[
        Route::new(Verb::Get, "/contact", Right::Any, |call| {
            Box::pin(contacts::get(call))
        }),
        Route::new(Verb::Post, "/contact", Right::Any, |call| {
            Box::pin(contacts::create(call))
        }),
        Route::new(Verb::Post, "/send-whatsapp", Right::Any, |call| {
            Box::pin(messages::send(call))
        }),
    ];

    fn permit(_caller: &Caller, right: Right) -> Result<(), Failure> {
        match right {
            Right::Any => Ok(()),
        }
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
