//! `GET /api/v2/messages/{id}`.

use axum::response::Response;
use domain::ids::MessageId;
use domain::message::{Content, Status};
use http::StatusCode;
use operations::ToldMessage;
use serde::Serialize;

use crate::dialect::Call;
use crate::wacr::Error;
use crate::wacr::error::Doing;
use crate::wacr::shape::{success, time};

/// A message.
#[derive(Serialize)]
struct MessageRow {
    id: i64,
    interaction_id: i64,
    sender_id: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    message: Option<String>,
    status: &'static str,
    status_message: Option<String>,
    message_id: Option<String>,
    ref_message_id: Option<String>,
    url: Option<String>,
    sent_at: String,
    is_read: bool,
    staff_id: Option<i64>,
}

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

impl MessageRow {
    fn of(told: ToldMessage) -> Self {
        let message = told.message;
        let failure = message.failure.as_ref();
        Self {
            id: message.id.get(),
            interaction_id: message.conversation_id.get(),
            sender_id: told.sender,
            kind: message.content.kind(),
            message: words(&message.content),
            status: status(&message.status, told.is_read),
            status_message: failure.map(|it| it.details.as_ref().unwrap_or(&it.title).clone()),
            message_id: message.wamid,
            ref_message_id: message.context_wamid,
            url: told.media_url,
            sent_at: time(message.created_at),
            is_read: told.is_read,
            // The vendor's staff have numbers; other names for them stay where they were given.
            staff_id: message.author.member_id.and_then(|it| it.parse().ok()),
        }
    }
}

/// The text, the caption, the words around what is tapped; of a template its name.
fn words(content: &Content) -> Option<String> {
    let words = match content {
        Content::Interactive(it) => Some(it.body.as_str()),
        Content::Text(_)
        | Content::Image(_)
        | Content::Video(_)
        | Content::Audio(_)
        | Content::Document(_)
        | Content::Sticker(_)
        | Content::Location(_)
        | Content::Contacts(_)
        | Content::Template(_)
        | Content::Reaction(_)
        | Content::Reply(_)
        | Content::Order(_)
        | Content::Unsupported(_) => content.words().into_iter().next(),
    };
    words.map(str::to_owned)
}

/// WA.cr knows four. What nobody knows the fate of may have arrived, so it did not fail.
fn status(status: &Status, is_read: bool) -> &'static str {
    match status {
        Status::Queued
        | Status::Sending
        | Status::Accepted
        | Status::Sent
        | Status::Unconfirmed => "sent",
        Status::Delivered => "delivered",
        Status::Read | Status::Played => "read",
        Status::Failed | Status::Cancelled | Status::Skipped => "failed",
        Status::Received if is_read => "read",
        Status::Received => "delivered",
    }
}
