//! WA.cr API v2: an envelope around everything, tokens with scopes. See `docs/dialects/wacr.md`.

mod auth;
mod comments;
mod contacts;
mod error;
mod filling;
mod json;
mod messages;
mod otps;
mod shape;

pub(crate) use error::Error;

use axum::response::Response;
use domain::key::{Api, Scope};
use jiff::Timestamp;
use operations::{Caller, Rate};

use crate::dialect::{Dialect, Failure, Route, routes};

/// The dialect.
pub(crate) struct WaCr;

impl Dialect for WaCr {
    type Right = Scope;
    type Error = Error;

    const API: Api = Api::WaCr;

    const ROUTES: &'static [Route<Self>] = routes![
        Post "/api/v2/contacts" Scope::ContactsWrite => contacts::create;

        Post "/api/v2/auth/send-otp" Scope::MessagesSend => otps::send;
        Post "/api/v2/auth/resend" Scope::MessagesSend => otps::resend;
        Post "/api/v2/auth/verify" Scope::MessagesSend => otps::verify;
        Post "/api/v2/auth/status" Scope::MessagesSend => otps::status;

        Get "/api/v2/comments/{mobile}" => comments::list;
        Post "/api/v2/comments/{mobile}" => comments::add;

        Get "/api/v2/messages/{id}" Scope::MessagesRead => messages::get::get;
        Post "/api/v2/messages/text" Scope::MessagesSend => messages::text::send;
        Post "/api/v2/messages/template" Scope::MessagesSend => messages::template::send [or a form];
        Post "/api/v2/messages/media" Scope::MessagesSend => messages::media::send [or a form];
        Post "/api/v2/messages/interactive" Scope::MessagesSend => messages::interactive::send;
    ];

    fn permit(caller: &Caller, right: Scope) -> Result<(), Failure> {
        if caller.may(right) {
            Ok(())
        } else {
            Err(Failure::MissingScope(right))
        }
    }

    fn did_nothing(error: &Error) -> bool {
        error.did_nothing()
    }

    fn say(error: Error, now: Timestamp) -> Response {
        error.into_response(now)
    }

    fn stamp(response: &mut Response, rate: Option<Rate>) {
        auth::stamp(response, rate);
    }
}

#[cfg(test)]
mod told;
