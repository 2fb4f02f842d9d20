//! What a message says, of every kind, in nobody's wire format.
//!
//! The database keeps this as JSON, so field names here are part of the stored format.

mod cards;
mod interactive;
mod kind;
mod media;
mod received;
mod template;
mod words;

pub use cards::{Card, CardAddress, CardCompany, CardEmail, CardName, CardPhone, CardUrl, Cards};
pub use interactive::{
    Action, Button, Flow, FlowName, FlowStart, Header, Interactive, Row, Section,
};
pub use kind::Kind;
pub use media::{Media, MediaKind, MediaSource};
pub use received::{Order, OrderItem, Reply, ReplyKind, Unsupported};
pub use template::{
    ButtonParameter, Parameter, ParameterValue, Template, TemplateButton, TemplateHeader,
};

use serde::{Deserialize, Serialize};

/// The content of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Plain text.
    Text(Text),
    /// A picture.
    Image(Media),
    /// A film.
    Video(Media),
    /// A sound.
    Audio(Media),
    /// A file.
    Document(Media),
    /// A sticker.
    Sticker(Media),
    /// A place.
    Location(Location),
    /// Contact cards.
    Contacts(Cards),
    /// Something to tap, with words around it.
    Interactive(Interactive),
    /// A template that WhatsApp approved, filled in.
    Template(Template),
    /// A reaction to another message.
    Reaction(Reaction),
    /// What a person tapped or filled in; only comes in.
    Reply(Reply),
    /// What a person ordered from a catalogue; only comes in.
    Order(Order),
    /// Something that cannot be shown; only comes in.
    Unsupported(Unsupported),
}

impl Content {
    /// Returns the kind as Meta, and so every vendor, calls it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Image(_) => Kind::Image,
            Self::Video(_) => Kind::Video,
            Self::Audio(_) => Kind::Audio,
            Self::Document(_) => Kind::Document,
            Self::Sticker(_) => Kind::Sticker,
            Self::Location(_) => Kind::Location,
            Self::Contacts(_) => Kind::Contacts,
            Self::Interactive(_) => Kind::Interactive,
            Self::Template(_) => Kind::Template,
            Self::Reaction(_) => Kind::Reaction,
            Self::Reply(reply) => match reply.from {
                ReplyKind::TemplateButton => Kind::Button,
                ReplyKind::Button
                | ReplyKind::Row
                | ReplyKind::Form
                | ReplyKind::CallPermission => Kind::Interactive,
            },
            Self::Order(_) => Kind::Order,
            Self::Unsupported(_) => Kind::Unsupported,
        }
    }

    /// Returns the picture, film, sound, file or sticker it is.
    #[must_use]
    pub fn media(&self) -> Option<&Media> {
        match self {
            Self::Image(media)
            | Self::Video(media)
            | Self::Audio(media)
            | Self::Document(media)
            | Self::Sticker(media) => Some(media),
            Self::Text(_)
            | Self::Location(_)
            | Self::Contacts(_)
            | Self::Interactive(_)
            | Self::Template(_)
            | Self::Reaction(_)
            | Self::Reply(_)
            | Self::Order(_)
            | Self::Unsupported(_) => None,
        }
    }

    /// Returns it without the one-time code that it carries, if it does.
    #[must_use]
    pub fn without_code(&self) -> Option<Self> {
        match self {
            Self::Template(template) => template.without_code().map(Self::Template),
            Self::Text(_)
            | Self::Image(_)
            | Self::Video(_)
            | Self::Audio(_)
            | Self::Document(_)
            | Self::Sticker(_)
            | Self::Location(_)
            | Self::Contacts(_)
            | Self::Interactive(_)
            | Self::Reaction(_)
            | Self::Reply(_)
            | Self::Order(_)
            | Self::Unsupported(_) => None,
        }
    }

    /// Returns every file it needs, and as what.
    #[must_use]
    pub fn all_media(&self) -> Vec<(MediaKind, &Media)> {
        let only = match self {
            Self::Image(media) => Some((MediaKind::Image, media)),
            Self::Video(media) => Some((MediaKind::Video, media)),
            Self::Audio(media) => Some((MediaKind::Audio, media)),
            Self::Document(media) => Some((MediaKind::Document, media)),
            Self::Sticker(media) => Some((MediaKind::Sticker, media)),
            Self::Interactive(it) => it.header.as_ref().and_then(Header::media),
            Self::Template(it) => it.header.as_ref().and_then(TemplateHeader::media),
            Self::Text(_)
            | Self::Location(_)
            | Self::Contacts(_)
            | Self::Reaction(_)
            | Self::Reply(_)
            | Self::Order(_)
            | Self::Unsupported(_) => None,
        };
        only.into_iter().collect()
    }

    /// Returns the same files, such as to put an uploaded one in the place of a link.
    pub fn all_media_mut(&mut self) -> Vec<&mut Media> {
        match self {
            Self::Image(media)
            | Self::Video(media)
            | Self::Audio(media)
            | Self::Document(media)
            | Self::Sticker(media) => vec![media],
            Self::Interactive(it) => {
                let header = it.header.as_mut().and_then(Header::media_mut);
                header.into_iter().collect()
            }
            Self::Template(it) => {
                let header = it.header.as_mut().and_then(TemplateHeader::media_mut);
                header.into_iter().collect()
            }
            Self::Text(_)
            | Self::Location(_)
            | Self::Contacts(_)
            | Self::Reaction(_)
            | Self::Reply(_)
            | Self::Order(_)
            | Self::Unsupported(_) => Vec::new(),
        }
    }
}

/// Plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text, 1 to [`Text::MAX_CHARS`] characters.
    pub body: String,
    /// Whether the first link is shown with a preview.
    #[serde(default)]
    pub preview_url: bool,
}

impl Text {
    /// The longest text Meta takes, in characters.
    pub const MAX_CHARS: usize = 4096;
}

/// A place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address; shown only beside a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A reaction to another message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The WhatsApp id of that message.
    pub message_id: String,
    /// One emoji; empty takes the reaction back.
    pub emoji: String,
}
