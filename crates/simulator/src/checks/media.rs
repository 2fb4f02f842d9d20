//! Pictures, films, sounds, files and stickers.

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
