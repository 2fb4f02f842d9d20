//! FlowIQ: flat errors, snake case, keys `fiq_…`. See `docs/dialects/flowiq.md`.

mod auth;
mod contacts;
mod conversations;
mod error;
mod events;
mod json;
mod messages;
mod said;
mod shape;
mod talk;
mod templates;
mod webhooks;

pub(crate) use error::Error;
pub(crate) use events::FlowIqVoice;

use axum::response::Response;
use domain::key::Api;
use jiff::Timestamp;
use operations::{Caller, Rate};

use crate::dialect::{Dialect, Failure, Route, routes};

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

    const ROUTES: &'static [Route<Self>] = routes![
        Get "/contact" Right::Any => contacts::get;
        Post "/contact" Right::Any => contacts::create;
        Get "/conversations" Right::Any => conversations::get;
        Post "/send-template" Right::Any => templates::send;
        Post "/send-whatsapp" Right::Any => messages::send;
        Post "/set-webhooks" Right::Any => webhooks::set;
    ];

    fn permit(_caller: &Caller, right: Right) -> Result<(), Failure> {
        match right {
            Right::Any => Ok(()),
        }
    }

    fn did_nothing(error: &Error) -> bool {
        error.did_nothing()
    }

    fn at(path: &'static str, error: Error) -> Error {
        match path {
            "/conversations" => error.with_success(),
            _ => error,
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
