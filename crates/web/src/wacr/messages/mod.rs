//! `/api/v2/messages`: send a message, list them, fetch one.

pub(super) mod get;
pub(super) mod interactive;
pub(super) mod list;
pub(super) mod media;
mod merge;
pub(super) mod recipient;
mod row;
pub(super) mod template;
pub(super) mod text;

use axum::response::Response;
use domain::consent::Topic;
use domain::message::{Author, Content, Message};
use http::StatusCode;
use operations::{Addressee, Error as Failed, SendMessage, Window};
use serde::Serialize;

use super::Error;
use super::error::Doing;
use super::shape::{success, time};
use crate::dialect::Call;
use recipient::Found;

/// A message that was sent; `what` is said of it alone.
#[derive(Serialize)]
struct Sent<T> {
    message_id: String,
    contact_id: i64,
    phone: String,
    #[serde(flatten)]
    what: T,
    status: &'static str,
    sent_at: String,
    chat_id: i64,
    chat_message_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    otp_code: Option<String>,
}

/// Sends a message, and says so in `words`.
async fn send<T: Serialize>(
    call: &Call,
    to: Found,
    content: Content,
    told: (T, &str),
) -> Result<Response, Error> {
    let sent = deliver(call, &to, content, Topic::All).await;
    let row = sent.map_err(failed)?;
    Ok(say(call, &to, row, told))
}

fn failed(failed: Failed) -> Error {
    Error::of(failed, Doing::SENDING)
}

/// Sends a message and returns its row.
async fn deliver(
    call: &Call,
    to: &Found,
    content: Content,
    topic: Topic,
) -> Result<Message, Failed> {
    let command = SendMessage {
        to: Addressee::Contact(Box::new(to.contact.clone())),
        channel: None,
        content,
        context_wamid: None,
        author: Author::default(),
        // Outside the window WhatsApp refuses by status, as it does for the vendor.
        window: Window::MayBeClosed,
        topic,
    };
    let sent = call.operations.send_message(&call.caller, command).await?;
    let row = call.operations.message(&call.caller, sent.message_id).await;
    // It left, whatever the storage answers now.
    row.ok().flatten().ok_or(Failed::Internal)
}

/// Says that a message was sent.
fn say<T: Serialize>(call: &Call, to: &Found, row: Message, told: (T, &str)) -> Response {
    say_with_code(call, to, (row, None), told)
}

/// Says that a message was sent, and which code was made for it.
fn say_with_code<T: Serialize>(
    call: &Call,
    to: &Found,
    (row, otp_code): (Message, Option<String>),
    (what, words): (T, &str),
) -> Response {
    let data = Sent {
        message_id: row.wamid.unwrap_or_default(),
        contact_id: to.contact.id.get(),
        phone: to.phone.digits().to_owned(),
        what,
        status: "sent",
        sent_at: time(row.created_at),
        chat_id: row.conversation_id.get(),
        chat_message_id: row.id.get(),
        otp_code,
    };
    success(call, StatusCode::OK, words, data)
}
