//! The object that a message's `type` names.
//!
//! Some fields are spelled as in the domain's types; those are the database's and may part from
//! Meta's any day, so they are written out here again.

use domain::message::{Content, content};
use serde::Serialize;

use super::cards::Card;
use super::interactive::Interactive;
use super::media::Media;
use super::template::Template;

/// The object of a message, under its own name.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Object<'a> {
    Text(Text<'a>),
    Image(Media<'a>),
    Video(Media<'a>),
    Audio(Media<'a>),
    Document(Media<'a>),
    Sticker(Media<'a>),
    Location(Location<'a>),
    Contacts(Vec<Card<'a>>),
    Interactive(Box<Interactive<'a>>),
    Template(Template<'a>),
    Reaction(Reaction<'a>),
}

#[derive(Serialize)]
pub(super) struct Text<'a> {
    body: &'a str,
    preview_url: bool,
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
    /// Returns the object of a message; what only comes in has none.
    pub(super) fn of(content: &'a Content) -> Option<Self> {
        Some(match content {
            Content::Text(it) => Self::Text(Text {
                body: &it.body,
                preview_url: it.preview_url,
            }),
            Content::Image(media) => Self::Image(Media::captioned(media)),
            Content::Video(media) => Self::Video(Media::captioned(media)),
            Content::Audio(media) => Self::Audio(Media::sound(media)),
            Content::Document(media) => Self::Document(Media::document(media)),
            Content::Sticker(media) => Self::Sticker(Media::bare(media)),
            Content::Location(it) => Self::Location(Location::of(it)),
            Content::Contacts(it) => Self::Contacts(it.cards.iter().map(Card::of).collect()),
            Content::Interactive(it) => Self::Interactive(Box::new(Interactive::of(it))),
            Content::Template(it) => Self::Template(Template::of(it)),
            Content::Reaction(it) => Self::Reaction(Reaction {
                message_id: &it.message_id,
                emoji: &it.emoji,
            }),
            Content::Reply(_) | Content::Order(_) | Content::Unsupported(_) => return None,
        })
    }
}

impl<'a> Location<'a> {
    pub(super) fn of(location: &'a content::Location) -> Self {
        Self {
            latitude: location.latitude,
            longitude: location.longitude,
            name: location.name.as_deref(),
            address: location.address.as_deref(),
        }
    }
}
