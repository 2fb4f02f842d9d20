//! What a message says, by what Meta calls its kind.

use domain::message::Content;
use domain::message::content::{
    Cards, Location, Media, MediaSource, Order, OrderItem, Reaction, Reply, ReplyKind, Text,
    Unsupported,
};
use serde_json::Value;

use super::inbound::File;
use crate::lenient::Lenient;

/// The kinds that bring a file.
const FILES: [&str; 5] = ["image", "video", "audio", "document", "sticker"];

/// Reads what a message says. A kind that is unknown, or has not what it must have, is one that
/// cannot be shown.
pub(super) fn of(message: &Value, kind: &str) -> Content {
    known(message, kind).unwrap_or_else(|| {
        let said = message.object("unsupported").and_then(|it| it.text("type"));
        Content::Unsupported(Unsupported {
            name: said.unwrap_or_else(|| kind.into()),
        })
    })
}

fn known(message: &Value, kind: &str) -> Option<Content> {
    if kind == "contacts" {
        let cards = message.field("contacts")?.as_array()?;
        let cards = cards.iter().map(super::card::of).collect();
        return Some(Content::Contacts(Cards { cards }));
    }
    let object = message.object(kind)?;
    Some(match kind {
        "text" => Content::Text(Text {
            body: object.text("body")?,
            preview_url: false,
        }),
        "image" => Content::Image(media(object)?),
        "video" => Content::Video(media(object)?),
        "audio" => Content::Audio(media(object)?),
        "document" => Content::Document(media(object)?),
        "sticker" => Content::Sticker(media(object)?),
        "location" => Content::Location(Location {
            latitude: object.number("latitude")?,
            longitude: object.number("longitude")?,
            name: object.text("name"),
            address: object.text("address"),
        }),
        "reaction" => Content::Reaction(Reaction {
            message_id: object.id("message_id")?,
            // Both nothing and an empty text take it back.
            emoji: object.text("emoji").unwrap_or_default(),
        }),
        "button" => Content::Reply(button(object)?),
        "interactive" => Content::Reply(interactive(object)?),
        "order" => Content::Order(order(object)),
        _ => return None,
    })
}

/// Reads the file that a message of a kind brings.
pub(super) fn file(message: &Value, kind: &str) -> Option<File> {
    let message = match kind {
        "edit" => message.object("edit")?.object("message")?,
        _ => message,
    };
    let kind = message.text("type").unwrap_or_default();
    let object = message
        .object(&kind)
        .filter(|_| FILES.contains(&kind.as_str()))?;
    Some(File {
        id: object.id("id"),
        url: object.text("url"),
        mime_type: object.text("mime_type"),
        sha256: object.text("sha256"),
        is_animated: object.flag("animated"),
    })
}

fn media(object: &Value) -> Option<Media> {
    let by_id = object.id("id").map(MediaSource::Id);
    let source = by_id.or_else(|| object.text("url").map(MediaSource::Link))?;
    Some(Media {
        source,
        caption: object.text("caption"),
        filename: object.text("filename"),
        mime_type: object.text("mime_type"),
        is_voice: object.flag("voice"),
    })
}

/// Reads a template's button. Either text stands for the other.
fn button(button: &Value) -> Option<Reply> {
    let (payload, text) = (button.text("payload"), button.text("text"));
    Some(Reply {
        from: ReplyKind::TemplateButton,
        id: payload.clone().or_else(|| text.clone())?,
        title: text.or(payload)?,
        description: None,
        form: None,
    })
}

fn interactive(interactive: &Value) -> Option<Reply> {
    let kind = interactive.text("type")?;
    let object = interactive.object(&kind)?;
    let from = match kind.as_str() {
        "button_reply" => ReplyKind::Button,
        "list_reply" => ReplyKind::Row,
        "nfm_reply" => return Some(form(object)),
        "call_permission_reply" => return Some(call_permission(object)),
        _ => return None,
    };
    Some(Reply {
        from,
        id: object.id("id")?,
        title: object.text("title").unwrap_or_default(),
        description: object.text("description"),
        form: None,
    })
}

/// Reads a form; what was filled in is JSON within a text, and kept as that text where it is not.
fn form(reply: &Value) -> Reply {
    let filled_in = reply.field("response_json").map(|given| {
        let text = given.as_str();
        let read = text.and_then(|it| serde_json::from_str(it).ok());
        read.unwrap_or_else(|| given.clone())
    });
    Reply {
        from: ReplyKind::Form,
        id: reply.text("name").unwrap_or_default(),
        title: reply.text("body").unwrap_or_default(),
        description: None,
        form: filled_in,
    }
}

fn call_permission(reply: &Value) -> Reply {
    Reply {
        from: ReplyKind::CallPermission,
        id: reply.text("response").unwrap_or_default(),
        title: String::new(),
        description: None,
        form: Some(reply.clone()),
    }
}

fn order(order: &Value) -> Order {
    let item = |item: &Value| OrderItem {
        product_id: item.id("product_retailer_id").unwrap_or_default(),
        quantity: item.integer("quantity").unwrap_or_default(),
        price: item.number("item_price").unwrap_or_default(),
        currency: item.text("currency").unwrap_or_default(),
    };
    Order {
        catalog_id: order.id("catalog_id").unwrap_or_default(),
        text: order.text("text"),
        items: order.list("product_items").iter().map(item).collect(),
    }
}
