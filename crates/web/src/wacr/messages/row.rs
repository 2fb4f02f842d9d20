//! A message as WA.cr shows it.

use domain::message::{Content, Stage};
use operations::ToldMessage;
use serde::Serialize;

use crate::wacr::shape::time;

/// A message by itself.
#[derive(Serialize)]
pub(super) struct MessageRow {
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

/// A message in a list.
#[derive(Serialize)]
pub(super) struct ListedRow {
    id: i64,
    interaction_id: i64,
    sender_id: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    message: Option<String>,
    status: &'static str,
    message_id: Option<String>,
    sent_at: String,
    is_read: bool,
}

impl MessageRow {
    pub(super) fn of(told: ToldMessage) -> Self {
        let failure = told.message.failure.as_ref();
        let status_message = failure.map(|it| it.details.as_ref().unwrap_or(&it.title).clone());
        let author = told.message.author.member_id.as_deref();
        // The vendor's staff have numbers; other names for them stay where they were given.
        let staff_id = author.and_then(|it| it.parse().ok());
        let (ref_message_id, url) = (told.message.context_wamid.clone(), told.media_url.clone());
        let row = ListedRow::of(told);
        Self {
            id: row.id,
            interaction_id: row.interaction_id,
            sender_id: row.sender_id,
            kind: row.kind,
            message: row.message,
            status: row.status,
            status_message,
            message_id: row.message_id,
            ref_message_id,
            url,
            sent_at: row.sent_at,
            is_read: row.is_read,
            staff_id,
        }
    }
}

impl ListedRow {
    pub(super) fn of(told: ToldMessage) -> Self {
        let message = told.message;
        Self {
            id: message.id.get(),
            interaction_id: message.conversation_id.get(),
            sender_id: told.sender,
            kind: message.content.kind().as_str(),
            message: words(&message.content),
            status: status(message.status.stage()),
            message_id: message.wamid,
            sent_at: time(message.created_at),
            is_read: told.is_read,
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

/// WA.cr knows four. What nobody knows the fate of may have arrived, so it did not fail; what came in
/// did arrive.
pub(super) fn status(stage: Stage) -> &'static str {
    match stage {
        Stage::Pending | Stage::Sent => "sent",
        Stage::Delivered | Stage::Received => "delivered",
        Stage::Read => "read",
        Stage::Failed | Stage::Dropped => "failed",
    }
}
