//! `/api/v1/conversations`: list conversations.

use axum::response::Response;
use domain::conversation::ConversationStatus;
use domain::ids::ConversationId;
use http::StatusCode;
use operations::ConversationPlace;

use super::Error;
use super::page::{self, Page};
use super::shape::ConversationRow;
use crate::dialect::{Call, reply};

/// `GET /api/v1/conversations`.
pub(super) async fn list(call: &Call) -> Result<Response, Error> {
    let part = page::asked(call, place)?;
    let status = call.query("status").map(status).transpose()?;
    let listed = call
        .operations
        .list_conversations(&call.caller, part, status)
        .await?;
    let page = Page::of(
        listed,
        |(conversation, contact)| ConversationRow::of(conversation, contact),
        |(conversation, _)| conversation.id.to_place_cuid(conversation.last_message_at),
    )?;
    Ok(reply::json(StatusCode::OK, &page))
}

/// Conversations move in their order, so a cursor says where its row was, not only which it is.
fn place(cursor: &str) -> Option<ConversationPlace> {
    let (id, last_message_at) = ConversationId::from_place_cuid(cursor)?;
    Some(ConversationPlace {
        last_message_at,
        id,
    })
}

fn status(word: &str) -> Result<ConversationStatus, Error> {
    let known = ConversationStatus::ALL.into_iter();
    let mut known = known.filter(|it| it.as_str().to_uppercase() == word);
    known.next().ok_or_else(|| {
        Error::validation("status: must be one of OPEN, CLOSED, PENDING, ARCHIVED, SNOOZED")
    })
}
