//! `/send-whatsapp`: a message to a contact.

use axum::response::Response;
use domain::message::Content;
use domain::message::content::{Card, CardPhone, Cards, Text};
use http::StatusCode;
use operations::{SendMessage, Window};
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
    let kind = body.required_text("message_type", "")?;
    if !TYPES.contains(&kind) {
        let message = format!(
            "Unsupported message_type: {kind}. Supported types: {}",
            TYPES.join(", ")
        );
        return Err(Error::invalid_message_type(message));
    }
    let content = match kind {
        "text" => text(&body)?,
        "contacts" => cards(&body)?,
        _ => {
            let message = format!(
                "message_type {kind} is not supported by this version yet. Supported now: text, \
                 contacts"
            );
            return Err(Error::not_supported_yet(message));
        }
    };
    let message_type = content.kind();
    let to = anywhere(call, number)?;
    let recipient = to.digits().to_owned();
    let doing = Doing::Sending {
        digits: recipient.clone(),
    };
    let command = SendMessage {
        to,
        content,
        context_wamid: body.text("context_message_id")?.map(str::to_owned),
        // Outside the window WhatsApp refuses by status, as it does for the vendor.
        window: Window::MayBeClosed,
    };
    let sent = call.operations.send_message(&call.caller, command).await;
    let sent = sent.map_err(|failed| Error::of(failed, &doing))?;
    let data = SentData {
        message_id: sent.wamid,
        recipient,
        message_type,
    };
    let body = Sent {
        success: true,
        message: "Message sent successfully",
        data,
    };
    Ok(reply::json(StatusCode::OK, &body))
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
    let missing = |field: &str| card.required_text(field, OF_CARDS).map(drop);
    let Some(name) = card.object("name")? else {
        missing("name")?;
        return Err(Error::missing_field(
            "contacts name is required for contact messages",
        ));
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let formatted_name = name.required_text("formatted_name", OF_CARDS)?.to_owned();
    let (first_name, last_name) = (
        owned(name.text("first_name")?),
        owned(name.text("last_name")?),
    );
    let phones = card.objects("phones")?;
    if phones.is_empty() {
        missing("phones")?;
    }
    let phone = |phone: &Object| {
        Ok(CardPhone {
            phone: phone.required_text("phone", OF_CARDS)?.to_owned(),
            kind: owned(phone.text("type")?),
        })
    };
    let phones = phones.iter().map(phone).collect::<Result<_, Error>>()?;
    Ok(Card {
        formatted_name,
        first_name,
        last_name,
        phones,
    })
}
