//! Pictures, films, sounds and files, each at an address.

use domain::message::Content;
use domain::message::content::Media;

use super::limits::Limits;
use super::{Error, Object};

pub(super) fn image(body: &Object) -> Result<Content, Error> {
    let media = linked(body)?;
    let caption = caption(body, Limits("Invalid image message"))?;
    Ok(Content::Image(Media { caption, ..media }))
}

pub(super) fn video(body: &Object) -> Result<Content, Error> {
    let media = linked(body)?;
    let caption = caption(body, Limits("Invalid video message"))?;
    Ok(Content::Video(Media { caption, ..media }))
}

/// A sound has no caption: WhatsApp would not show it.
pub(super) fn audio(body: &Object) -> Result<Content, Error> {
    linked(body).map(Content::Audio)
}

pub(super) fn document(body: &Object) -> Result<Content, Error> {
    let media = linked(body)?;
    let caption = caption(body, Limits("Invalid document message"))?;
    let filename = body.text("filename")?.map(|name| name.trim().to_owned());
    Ok(Content::Document(Media {
        caption,
        filename,
        ..media
    }))
}

fn linked(body: &Object) -> Result<Media, Error> {
    let url = body.required_text("media_url", " for media messages")?;
    Ok(Media::link(url.trim()))
}

fn caption(body: &Object, limits: Limits) -> Result<Option<String>, Error> {
    let Some(caption) = body.text("caption")? else {
        return Ok(None);
    };
    limits.chars("caption", caption, Media::MAX_CAPTION_CHARS)?;
    Ok(Some(caption.to_owned()))
}
