//! `/api/v1/opt-outs`: who wants no messages from a channel.

use axum::response::Response;
use domain::ids::{ChannelId, ConsentId};
use http::StatusCode;
use operations::{Standing, Wish};
use serde::Serialize;

use super::shape::time;
use super::{Error, json};
use crate::dialect::{Call, reply};

const MAX_REASON: usize = 500;

/// How somebody stands to messages from a channel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OptOutState {
    opt_out_id: Option<String>,
    active: bool,
    revoked_at: Option<String>,
}

impl OptOutState {
    fn of(standing: &Standing) -> Self {
        Self {
            opt_out_id: standing.opt_out.map(ConsentId::to_cuid),
            active: standing.is_opted_out,
            revoked_at: standing.ended_at.map(time),
        }
    }
}

/// `POST /api/v1/opt-outs`.
pub(super) async fn change(call: &Call) -> Result<Response, Error> {
    let body = json::object(&call.body)?;
    let is_set = match body.text("action")? {
        "set" => true,
        "clear" => false,
        _ => return Err(Error::validation("action: must be `set` or `clear`")),
    };
    let channel = body.text("whatsappChannelId")?;
    let phone = json::phone(call, "phone", body.text("phone")?)?;
    let wish = if is_set {
        let reason = body.patch("reason", MAX_REASON)?.into_option();
        Wish::OptOut { reason }
    } else {
        // A reason belongs to an opt-out alone.
        Wish::OptIn { reason: None }
    };
    let channel = ChannelId::from_cuid(channel).ok_or_else(Error::no_channel)?;
    let standing = call
        .operations
        .wish_of_number(&call.caller, (&phone, channel), wish)
        .await?;
    Ok(reply::json(StatusCode::OK, &OptOutState::of(&standing)))
}
