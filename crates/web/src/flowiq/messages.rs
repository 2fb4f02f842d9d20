//! `/send-whatsapp`: a message to a contact.

use axum::response::Response;
use domain::message::content::{Card, CardPhone, Cards, Text};
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

/// Every type the vendor has, in its order.
const TYPES: [&str; 9] = [
    "text",
    "image",
    "video",
    "audio",
    "document",
    "location",
    "contacts",
    "interactive",
    "reaction",
];

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
    let context_wamid = body.text("context_message_id")?.map(str::to_owned);
    let to = anywhere(call, number)?;
    let (recipient, message_type) = (to.digits().to_owned(), content.kind());
    let command = SendMessage {
        to: Addressee::Number(to),
        content,
        context_wamid,
        author: Author::default(),
        // Outside the window WhatsApp refuses by status, as it does for the vendor.
        window: Window::MayBeClosed,
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
    match body.required_text("message_type", "")? {
        "text" => text(body),
        "contacts" => cards(body),
        known if TYPES.contains(&known) => Err(Error::not_supported_yet(format!(
            "message_type {known} is not supported by this version yet. Supported now: text, \
             contacts"
        ))),
        unknown => Err(Error::invalid_message_type(format!(
            "Unsupported message_type: {unknown}. Supported types: {}",
            TYPES.join(", ")
        ))),
    }
}

fn text(body: &Object) -> Result<Content, Error> {
    let text = body.required_text("text", " for text messages")?;
    if text.chars().count() > Text::MAX_CHARS {
        let message = format!("text may have {} characters at most", Text::MAX_CHARS);
        return Err(Error::over_limit("Invalid text message", message));
    }
    Ok(Content::Text(Text {
        body: text.to_owned(),
        preview_url: false,
    }))
}

fn cards(body: &Object) -> Result<Content, Error> {
    let cards = body.objects("contacts")?;
    if cards.is_empty() {
        return Err(Error::missing_field(
            "contacts array is required for contact messages",
        ));
    }
    if cards.len() > Cards::MAX {
        let message = format!("contacts may have {} entries at most", Cards::MAX);
        return Err(Error::over_limit("Invalid contacts message", message));
    }
    let cards = cards.iter().map(card).collect::<Result<_, _>>()?;
    Ok(Content::Contacts(Cards { cards }))
}

const OF_CARDS: &str = " for contact messages";

fn card(card: &Object) -> Result<Card, Error> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let name = card.object("name")?;
    let name = name.ok_or_else(|| card.missing("name", OF_CARDS))?;
    let formatted_name = name.required_text("formatted_name", OF_CARDS)?.to_owned();
    let (first_name, last_name) = (name.text("first_name")?, name.text("last_name")?);
    let phones = card.objects("phones")?;
    if phones.is_empty() {
        return Err(card.missing("phones", OF_CARDS));
    }
    let phone = |phone: &Object| {
        Ok(CardPhone {
            phone: phone.required_text("phone", OF_CARDS)?.to_owned(),
            kind: owned(phone.text("type")?),
            wa_id: None,
        })
    };
    let phones = phones.iter().map(phone).collect::<Result<_, Error>>()?;
    Ok(Card {
        formatted_name,
        first_name: owned(first_name),
        last_name: owned(last_name),
        phones,
        ..Card::default()
    })
}
