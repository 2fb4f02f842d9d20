//! `/api/v1/messages`: a free text, while the person may be answered.

use axum::response::Response;
use domain::consent::Topic;
use domain::ids::ChannelId;
use domain::message::content::Text;
use domain::message::{Author, Content};
use http::StatusCode;
use operations::{Addressee, SendMessage, Window};
use serde::Serialize;

use super::{Error, json};
use crate::dialect::{Call, reply};

const MAX_TEXT: usize = 4096;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    id: String,
    conversation_id: Option<String>,
    contact_id: String,
    meta_message_id: String,
}

/// `POST /api/v1/messages`.
pub(super) async fn send(call: &Call) -> Result<Response, Error> {
    let body = json::object(&call.body)?;
    let to = json::phone(call, "to", body.text("to")?)?;
    let text = body.text("text")?;
    if !(1..=MAX_TEXT).contains(&text.chars().count()) {
        let rule = format!("text: must have 1 to {MAX_TEXT} characters");
        return Err(Error::validation(rule));
    }
    let channel = match body.patch("whatsappChannelId", usize::MAX)?.into_option() {
        None => None,
        Some(id) => Some(ChannelId::from_cuid(&id).ok_or_else(Error::no_channel)?),
    };
    let command = SendMessage {
        to: Addressee::Number(to),
        channel,
        content: Content::Text(Text {
            body: text.to_owned(),
            preview_url: false,
        }),
        context_wamid: None,
        author: Author::default(),
        window: Window::MustBeOpen,
        topic: Topic::All,
    };
    let sent = call.operations.send_message(&call.caller, command).await?;
    let row = call.operations.message(&call.caller, sent.message_id).await;
    // It left, whatever the storage answers now.
    let row = row.ok().flatten();
    let sent = Sent {
        id: sent.message_id.to_cuid(),
        conversation_id: row.map(|row| row.conversation_id.to_cuid()),
        contact_id: sent.contact.id.to_cuid(),
        meta_message_id: sent.wamid,
    };
    Ok(reply::json(StatusCode::CREATED, &sent))
}
