//! The object that a message's `type` names.
//!
//! Some fields are spelled as in the domain's types; those are the database's and may part from
//! Meta's any day, so they are written out here again.

use domain::message::{Content, content};
use serde::Serialize;

use super::cards::Card;
use super::interactive::Interactive;

/// The object of a message, under its own name.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Object<'a> {
    Text(Text<'a>),
    Image(Media<'a>),
    Video(Media<'a>),
    Audio(Media<'a>),
    Document(Media<'a>),
    Location(Location<'a>),
    Contacts(Vec<Card<'a>>),
    Interactive(Interactive<'a>),
    Reaction(Reaction<'a>),
}

#[derive(Serialize)]
pub(super) struct Text<'a> {
    body: &'a str,
    preview_url: bool,
}

#[derive(Serialize)]
pub(super) struct Media<'a> {
    link: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Location<'a> {
    latitude: f64,
    longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Reaction<'a> {
    message_id: &'a str,
    emoji: &'a str,
}

impl<'a> Object<'a> {
    pub(super) fn of(content: &'a Content) -> Self {
        match content {
            Content::Text(it) => Self::Text(Text {
                body: &it.body,
                preview_url: it.preview_url,
            }),
            Content::Image(media) => Self::Image(Media::captioned(media)),
            Content::Video(media) => Self::Video(Media::captioned(media)),
            Content::Audio(media) => Self::Audio(Media::bare(media)),
            Content::Document(media) => Self::Document(Media {
                caption: media.caption.as_deref(),
                ..Media::named(media)
            }),
            Content::Location(it) => Self::Location(Location {
                latitude: it.latitude,
                longitude: it.longitude,
                name: it.name.as_deref(),
                address: it.address.as_deref(),
            }),
            Content::Contacts(it) => Self::Contacts(it.cards.iter().map(Card::of).collect()),
            Content::Interactive(it) => Self::Interactive(Interactive::of(it)),
            Content::Reaction(it) => Self::Reaction(Reaction {
                message_id: &it.message_id,
                emoji: &it.emoji,
            }),
        }
    }
}

// Meta refuses a field that the kind of media does not have.
impl<'a> Media<'a> {
    /// Returns what every kind of media has.
    pub(super) fn bare(media: &'a content::Media) -> Self {
        Self {
            link: &media.url,
            caption: None,
            filename: None,
        }
    }

    /// Returns a file without words beside it.
    pub(super) fn named(media: &'a content::Media) -> Self {
        Self {
            filename: media.filename.as_deref(),
            ..Self::bare(media)
        }
    }

    fn captioned(media: &'a content::Media) -> Self {
        Self {
            caption: media.caption.as_deref(),
            ..Self::bare(media)
        }
    }
}
