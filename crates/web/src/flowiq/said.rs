//! Messages as FlowIQ shows them in rows and events: words, media, and who said it.

use domain::message::content::{Action, Header, Interactive, Parameter, ParameterValue, Template};
use domain::message::{Content, Direction, Message};
use serde_json::{Value, json};

/// Returns what a message says: its text, its caption, what was tapped. What has more parts than one
/// is JSON, as text.
pub(super) fn words(content: &Content) -> Option<String> {
    match content {
        Content::Text(text) => Some(text.body.clone()),
        Content::Image(media)
        | Content::Video(media)
        | Content::Audio(media)
        | Content::Document(media)
        | Content::Sticker(media) => media.caption.clone(),
        Content::Location(location) => location.name.clone().or_else(|| location.address.clone()),
        Content::Contacts(cards) => {
            let names = cards.cards.iter().map(|card| card.formatted_name.as_str());
            Some(names.collect::<Vec<_>>().join(", "))
        }
        Content::Interactive(interactive) => Some(of_interactive(interactive).to_string()),
        Content::Template(template) => Some(of_template(template)),
        Content::Reaction(reaction) => Some(reaction.emoji.clone()),
        Content::Reply(reply) => Some(reply.title.clone()),
        Content::Order(order) => order.text.clone(),
        Content::Unsupported(_) => None,
    }
}

fn of_interactive(it: &Interactive) -> Value {
    let header = match &it.header {
        Some(Header::Text { text }) => Some(text),
        Some(Header::Image(_) | Header::Video(_) | Header::Document(_)) | None => None,
    };
    let buttons: Vec<&str> = match &it.action {
        Action::Buttons { buttons } => buttons.iter().map(|it| it.title.as_str()).collect(),
        Action::List { button, .. } | Action::CtaUrl { button, .. } => vec![button],
        Action::Flow(flow) => vec![&flow.button],
        Action::LocationRequest => Vec::new(),
    };
    json!({"header": header, "body": it.body, "footer": it.footer, "buttons": buttons})
}

/// Returns what people read of a template, or where nobody knows that, what was put into it.
fn of_template(it: &Template) -> String {
    if let Some(text) = &it.text {
        return text.clone();
    }
    let parameter = |it: &'_ Parameter| match &it.value {
        ParameterValue::Text { text } => text.clone(),
        ParameterValue::Currency { fallback, .. } | ParameterValue::DateTime { fallback } => {
            fallback.clone()
        }
    };
    let body: Vec<String> = it.body.iter().map(parameter).collect();
    json!({"template": it.name, "language": it.language, "body": body}).to_string()
}

/// Returns what kind of media a message is, as FlowIQ tells it apart.
pub(super) fn media_type(content: &Content) -> Option<&'static str> {
    match content {
        Content::Image(_)
        | Content::Video(_)
        | Content::Audio(_)
        | Content::Document(_)
        | Content::Interactive(_) => Some(content.kind().as_str()),
        Content::Text(_)
        | Content::Sticker(_)
        | Content::Location(_)
        | Content::Contacts(_)
        | Content::Template(_)
        | Content::Reaction(_)
        | Content::Reply(_)
        | Content::Order(_)
        | Content::Unsupported(_) => None,
    }
}

/// Returns the name of a message's file.
pub(super) fn file_name(content: &Content) -> Option<&str> {
    content.media()?.filename.as_deref()
}

/// Returns who said it.
pub(super) fn sender_type(message: &Message) -> &'static str {
    match message.direction {
        Direction::Inbound => "user-whatsapp",
        Direction::Outbound if message.author.member_id.is_some() => "human-whatsapp",
        Direction::Outbound => "bot-whatsapp",
    }
}
