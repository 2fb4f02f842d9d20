//! `GET /api/v2/messages/{id}`.

use axum::response::Response;
use domain::ids::MessageId;
use http::StatusCode;

use super::row::MessageRow;
use crate::dialect::Call;
use crate::wacr::Error;
use crate::wacr::error::Doing;
use crate::wacr::shape::success;

/// Fetches a message by its id; what is no id is nobody's.
pub(in crate::wacr) async fn get(call: &Call) -> Result<Response, Error> {
    let id = call.path("id").parse().ok().and_then(MessageId::new);
    let found = match id {
        Some(id) => call.operations.tell_message(&call.caller, id).await,
        None => Ok(None),
    };
    let found = found.map_err(|failed| Error::of(failed, Doing::FETCHING_MESSAGE))?;
    let found = found.ok_or_else(|| Error::not_found("Message not found"))?;
    let words = "Message retrieved successfully";
    Ok(success(call, StatusCode::OK, words, MessageRow::of(found)))
}
