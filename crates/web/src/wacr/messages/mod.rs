//! `/api/v2/messages`: send a message.

pub(super) mod interactive;
mod merge;
mod recipient;
pub(super) mod text;

use axum::response::Response;
use domain::message::{Author, Content};
use http::StatusCode;
use operations::{Addressee, SendMessage, Window};
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
}

/// Sends a message, and says so in `words`.
async fn send<T: Serialize>(
    call: &Call,
    to: Found,
    content: Content,
    (what, words): (T, &str),
) -> Result<Response, Error> {
    let contact_id = to.contact.id.get();
    let command = SendMessage {
        to: Addressee::Contact(Box::new(to.contact)),
        content,
        context_wamid: None,
        author: Author::default(),
        // Outside the window WhatsApp refuses by status, as it does for the vendor.
        window: Window::MayBeClosed,
    };
    let failed = |failed| Error::of(failed, Doing::Sending);
    let sent = call.operations.send_message(&call.caller, command).await;
    let sent = sent.map_err(failed)?;
    let row = call.operations.message(&call.caller, sent.message_id).await;
    let row = row.map_err(failed)?.ok_or_else(Error::vanished)?;
    let data = Sent {
        message_id: sent.wamid,
        contact_id,
        phone: to.phone.digits().to_owned(),
        what,
        status: "sent",
        sent_at: time(row.created_at),
        chat_id: row.conversation_id.get(),
        chat_message_id: row.id.get(),
    };
    Ok(success(call, StatusCode::OK, words, data))
}
