//! `/send-whatsapp`: a message to a contact.

mod cards;
mod interactive;
mod limits;
mod location;
mod media;
mod reaction;
mod text;

use axum::response::Response;
use domain::consent::Topic;
use domain::message::{Author, Content};
use http::StatusCode;
use operations::{Addressee, SendMessage, Window};
use serde::Serialize;

use super::Error;
use super::auth::{TenantId, check_tenant};
use super::contacts::anywhere;
use super::error::Doing;
use super::json::{self, Object};
use crate::dialect::{Call, reply};

/// Every type the vendor has, in its order, and what reads its fields.
const TYPES: [(&str, Read); 9] = [
    ("text", text::read),
    ("image", media::image),
    ("video", media::video),
    ("audio", media::audio),
    ("document", media::document),
    ("location", location::read),
    ("contacts", cards::read),
    ("interactive", interactive::read),
    ("reaction", reaction::read),
];

type Read = fn(&Object) -> Result<Content, Error>;

#[derive(Serialize)]
struct Sent {
    success: bool,
    message: &'static str,
    data: SentData,
}

#[derive(Serialize)]
struct SentData {
    message_id: String,
    recipient: String,
    message_type: &'static str,
}

/// `POST /send-whatsapp`.
pub(super) async fn send(call: &Call) -> Result<Response, Error> {
    check_tenant(call, TenantId::Optional).await?;
    let body = json::object(&call.body)?;
    let number = body.required_text("phone_number", "")?;
    let content = content(&body)?;
    let context_wamid = match content {
        // A reaction is to a message already.
        Content::Reaction(_) => None,
        _ => body.text("context_message_id")?.map(str::to_owned),
    };
    let to = anywhere(call, number)?;
    let (recipient, message_type) = (to.digits().to_owned(), content.kind().as_str());
    let command = SendMessage {
        to: Addressee::Number(to),
        channel: None,
        content,
        context_wamid,
        author: Author::default(),
        // Outside the window WhatsApp refuses by status, as it does for the vendor.
        window: Window::MayBeClosed,
        topic: Topic::All,
    };
    let sent = call.operations.send_message(&call.caller, command).await;
    let digits = recipient.clone();
    let sent = sent.map_err(|failed| Error::of(failed, &Doing::Sending { digits }))?;
    let body = Sent {
        success: true,
        message: "Message sent successfully",
        data: SentData {
            message_id: sent.wamid,
            recipient,
            message_type,
        },
    };
    Ok(reply::json(StatusCode::OK, &body))
}

fn content(body: &Object) -> Result<Content, Error> {
    let wanted = body.required_text("message_type", "")?;
    match TYPES.iter().find(|(name, _)| *name == wanted) {
        Some((_, read)) => read(body),
        None => Err(Error::invalid_message_type(format!(
            "Unsupported message_type: {wanted}. Supported types: {}",
            TYPES.map(|(name, _)| name).join(", ")
        ))),
    }
}
