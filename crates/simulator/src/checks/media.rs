//! Pictures, films, sounds, files and stickers.

use serde_json::{Map, Value};

use super::fields::Fields;
use crate::refusal::Refusal;

const MAX_CAPTION_CHARS: usize = 1024;

pub(super) fn image(message: &Fields<'_>) -> Result<(), Refusal> {
    media(message, "image", &["caption"])
}

pub(super) fn video(message: &Fields<'_>) -> Result<(), Refusal> {
    media(message, "video", &["caption"])
}

pub(super) fn audio(message: &Fields<'_>) -> Result<(), Refusal> {
    media(message, "audio", &["voice"])
}

pub(super) fn document(message: &Fields<'_>) -> Result<(), Refusal> {
    media(message, "document", &["caption", "filename"])
}

pub(super) fn sticker(message: &Fields<'_>) -> Result<(), Refusal> {
    media(message, "sticker", &[])
}

/// Checks the media of a message or a header: an id or a link, and what else its kind has.
pub(super) fn media(parent: &Fields<'_>, kind: &str, others: &[&str]) -> Result<(), Refusal> {
    let media = parent.required_object(kind)?;
    let known = |key: &&str| ["id", "link"].contains(key) || others.contains(key);
    if let Some(key) = media.keys().find(|key| !known(key)) {
        let name = parent.name(kind);
        return Err(Refusal::invalid(&format!(
            "Unexpected key \"{key}\" on param \"{name}\"."
        )));
    }
    match (media.text("id")?, media.text("link")?) {
        (Some(id), None) if !id.is_empty() => {}
        (None, Some(link)) if is_web_address(link) => {}
        (None, Some(_)) => {
            return Err(Refusal::param(&media.name("link"), "is not a valid URI"));
        }
        (None, None) => return Err(Refusal::required(&media.name("link"))),
        (Some(_), _) => {
            return Err(Refusal::not_valid(&format!(
                "{kind}: give either an id or a link."
            )));
        }
    }
    media.text("filename")?;
    media.text_up_to("caption", MAX_CAPTION_CHARS)
}

fn is_web_address(link: &str) -> bool {
    let rest = link
        .strip_prefix("https://")
        .or_else(|| link.strip_prefix("http://"));
    rest.is_some_and(|it| !it.is_empty() && !it.starts_with('/') && !it.contains(' '))
}

/// The objects that may hold a file's id.
const FILES: [&str; 5] = ["image", "video", "audio", "document", "sticker"];

/// Returns the uploaded files that a message refers to, by the names of their fields.
pub(crate) fn media_ids(message: &Map<String, Value>) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    of_object(message, "", &mut found);
    if let Some(header) = message.get("interactive").and_then(|it| it.get("header")) {
        of_value(header, "interactive['header']", &mut found);
    }
    let components = message.get("template").and_then(|it| it.get("components"));
    for component in components.and_then(Value::as_array).into_iter().flatten() {
        let parameters = component.get("parameters").and_then(Value::as_array);
        for parameter in parameters.into_iter().flatten() {
            of_value(
                parameter,
                "template['components']['parameters']",
                &mut found,
            );
        }
    }
    found
}

fn of_value<'a>(value: &'a Value, path: &str, found: &mut Vec<(String, &'a str)>) {
    if let Some(object) = value.as_object() {
        of_object(object, path, found);
    }
}

fn of_object<'a>(object: &'a Map<String, Value>, path: &str, found: &mut Vec<(String, &'a str)>) {
    let kind = object.get("type").and_then(Value::as_str);
    let Some(kind) = kind.filter(|it| FILES.contains(it)) else {
        return;
    };
    let id = object.get(kind).and_then(|it| it.get("id"));
    if let Some(id) = id.and_then(Value::as_str) {
        let name = if path.is_empty() {
            format!("{kind}['id']")
        } else {
            format!("{path}['{kind}']['id']")
        };
        found.push((name, id));
    }
}

/// Returns the file that a message of a kind only points to.
pub(crate) fn link(message: &Map<String, Value>, kind: &str) -> Option<String> {
    let link = message.get(kind)?.get("link")?.as_str()?;
    Some(link.into())
}
