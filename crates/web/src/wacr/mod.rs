//! WA.cr API v2: an envelope around everything, tokens with scopes. See `docs/dialects/wacr.md`.

mod account;
mod auth;
mod batches;
mod changes;
mod comments;
mod contacts;
mod error;
mod filling;
mod groups;
mod json;
mod labels;
mod list;
mod messages;
mod otps;
mod people;
mod shape;
mod templates;

pub(crate) use error::Error;

use axum::response::Response;
use domain::ids::{GroupId, SourceId, StatusId};
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
        Get "/api/v2/account" Scope::AccountRead => account::get;
        Get "/api/v2/account/usage" Scope::AccountRead => account::usage;
        Get "/api/v2/account/limits" Scope::AccountRead => account::limits;

        Get "/api/v2/contacts" Scope::ContactsRead => people::list;
        Post "/api/v2/contacts" Scope::ContactsWrite => contacts::create;
        Post "/api/v2/contacts/batch" Scope::ContactsWrite => batches::create [up to 10 << 20];
        Delete "/api/v2/contacts/batch" Scope::ContactsDelete => batches::delete;
        Get "/api/v2/contacts/{id}" Scope::ContactsRead => changes::get;
        Patch "/api/v2/contacts/{id}" Scope::ContactsWrite => changes::update;
        Delete "/api/v2/contacts/{id}" Scope::ContactsDelete => changes::delete;

        Get "/api/v2/groups" Scope::GroupsRead => labels::list::<GroupId>;
        Post "/api/v2/groups" Scope::GroupsWrite => labels::create::<GroupId>;
        Get "/api/v2/groups/{id}" Scope::GroupsRead => labels::get::<GroupId>;
        Patch "/api/v2/groups/{id}" Scope::GroupsWrite => labels::update::<GroupId>;
        Delete "/api/v2/groups/{id}" Scope::GroupsDelete => labels::delete::<GroupId>;
        Post "/api/v2/groups/{id}/contacts" Scope::GroupsWrite => groups::join;
        Delete "/api/v2/groups/{id}/contacts" Scope::GroupsWrite => groups::leave;

        Get "/api/v2/sources" Scope::SourcesRead => labels::list::<SourceId>;
        Post "/api/v2/sources" Scope::SourcesWrite => labels::create::<SourceId>;
        Get "/api/v2/sources/{id}" Scope::SourcesRead => labels::get::<SourceId>;
        Patch "/api/v2/sources/{id}" Scope::SourcesWrite => labels::update::<SourceId>;
        Delete "/api/v2/sources/{id}" Scope::SourcesDelete => labels::delete::<SourceId>;

        Get "/api/v2/statuses" Scope::StatusesRead => labels::list::<StatusId>;
        Post "/api/v2/statuses" Scope::StatusesWrite => labels::create::<StatusId>;
        Get "/api/v2/statuses/{id}" Scope::StatusesRead => labels::get::<StatusId>;
        Patch "/api/v2/statuses/{id}" Scope::StatusesWrite => labels::update::<StatusId>;
        Delete "/api/v2/statuses/{id}" Scope::StatusesDelete => labels::delete::<StatusId>;

        Post "/api/v2/auth/send-otp" Scope::MessagesSend => otps::send;
        Post "/api/v2/auth/resend" Scope::MessagesSend => otps::resend;
        Post "/api/v2/auth/verify" Scope::MessagesSend => otps::verify;
        Post "/api/v2/auth/status" Scope::MessagesSend => otps::status;

        Get "/api/v2/comments/{mobile}" => comments::list;
        Post "/api/v2/comments/{mobile}" => comments::add;

        Get "/api/v2/messages" Scope::MessagesRead => messages::list::list;
        Get "/api/v2/messages/{id}" Scope::MessagesRead => messages::get::get;
        Post "/api/v2/messages/text" Scope::MessagesSend => messages::text::send;
        Post "/api/v2/messages/template" Scope::MessagesSend => messages::template::send [or a form];
        Post "/api/v2/messages/media" Scope::MessagesSend => messages::media::send [or a form];
        Post "/api/v2/messages/interactive" Scope::MessagesSend => messages::interactive::send;

        Get "/api/v2/auth/templates" Scope::TemplatesRead => templates::list_for_codes;
        Get "/api/v2/templates" Scope::TemplatesRead => templates::list;
        Post "/api/v2/templates/sync" Scope::TemplatesSync => templates::sync;
        Get "/api/v2/templates/{id}" Scope::TemplatesRead => templates::show;
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
