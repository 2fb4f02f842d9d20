//! What a person sends.

use domain::message::Content;
use serde_json::Value;

use super::content::{self, file};
use super::errors;
use super::person::Person;
use crate::error::MetaError;
use crate::lenient::Lenient;

/// Something a person sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Inbound {
    /// WhatsApp's id of it.
    pub wamid: String,
    /// Who sent it.
    pub from: Person,
    /// The group it was sent to, if it was.
    pub group_id: Option<String>,
    /// What Meta calls its kind; empty where it says none.
    pub kind: String,
    /// What it says.
    pub body: Body,
    /// The file that belongs to it.
    pub file: Option<File>,
    /// What it answers, or that it was passed on.
    pub context: Option<Context>,
    /// The advertisement that led here.
    pub referral: Option<Referral>,
    /// Why there is nothing to show.
    pub errors: Vec<MetaError>,
    /// All of it, with the parts that are not known here.
    pub raw: Value,
}

/// What a person did.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Said something. What is not known here is [`Content::Unsupported`]; a reaction without
    /// an emoji takes the reaction back.
    Said(Content),
    /// Changed what they said.
    Edited {
        /// Which message.
        wamid: String,
        /// What it says now.
        content: Content,
    },
    /// Took back what they said.
    Revoked {
        /// Which message.
        wamid: String,
    },
    /// Opened the chat for the first time.
    Opened,
}

/// A file that came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Meta's id of it, good for 7 days.
    pub id: Option<String>,
    /// Where it can be fetched for the next minutes, with the token.
    pub url: Option<String>,
    /// What it is.
    pub mime_type: Option<String>,
    /// Its SHA-256 in base 64.
    pub sha256: Option<String>,
    /// Whether it is a sticker that moves.
    pub is_animated: bool,
}

/// What a message answers, or that it was passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The message it answers; what was passed on answers none.
    pub wamid: Option<String>,
    /// Who wrote that message: digits.
    pub from: Option<String>,
    /// Whether it was passed on.
    pub is_forwarded: bool,
    /// Whether it was passed on again and again.
    pub is_frequently_forwarded: bool,
    /// The product it asks about.
    pub product: Option<Product>,
}

/// A product of a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// The catalogue.
    pub catalog_id: Option<String>,
    /// The product, as the catalogue calls it.
    pub product_id: Option<String>,
}

/// The advertisement that led a person here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Referral {
    /// Its address.
    pub source_url: Option<String>,
    /// Meta's id of it.
    pub source_id: Option<String>,
    /// `ad` or `post`.
    pub source_type: Option<String>,
    /// Its headline.
    pub headline: Option<String>,
    /// Its text.
    pub body: Option<String>,
    /// `image` or `video`.
    pub media_type: Option<String>,
    /// The address of its picture or film.
    pub media_url: Option<String>,
    /// The address of its small picture.
    pub thumbnail_url: Option<String>,
    /// What Meta knows the click by.
    pub click_id: Option<String>,
}

impl Inbound {
    /// Reads an element of `messages`; one without an id is none.
    pub(super) fn read(message: &Value, people: &[Person]) -> Option<Self> {
        let kind = message.text("type").unwrap_or_default();
        Some(Self {
            wamid: message.id("id")?,
            from: sender(message).found_in(people),
            group_id: message.id("group_id"),
            body: body(message, &kind),
            file: file(message, &kind),
            kind,
            context: message.object("context").map(Context::read),
            referral: message.object("referral").map(Referral::read),
            errors: errors::of(message),
            raw: message.clone(),
        })
    }
}

/// Reads who sent a message, as it says itself.
pub(super) fn sender(message: &Value) -> Person {
    let identity = message.object("identity");
    Person {
        wa_id: message.id("from"),
        user_id: message.id("from_user_id"),
        parent_user_id: message.id("from_parent_user_id"),
        identity_key_hash: identity.and_then(|it| it.id("hash")),
        ..Person::default()
    }
}

pub(super) fn body(message: &Value, kind: &str) -> Body {
    let special = match kind {
        "edit" => edited(message),
        "revoke" => message
            .object("revoke")
            .and_then(|it| it.id("original_message_id"))
            .map(|wamid| Body::Revoked { wamid }),
        "request_welcome" => Some(Body::Opened),
        _ => None,
    };
    special.unwrap_or_else(|| Body::Said(content::of(message, kind)))
}

fn edited(message: &Value) -> Option<Body> {
    let edit = message.object("edit")?;
    let (wamid, new) = (edit.id("original_message_id")?, edit.object("message")?);
    let kind = new.text("type").unwrap_or_default();
    let content = content::of(new, &kind);
    Some(Body::Edited { wamid, content })
}

impl Context {
    pub(super) fn read(context: &Value) -> Self {
        let product = context.object("referred_product");
        Self {
            wamid: context.id("id"),
            from: context.id("from"),
            is_forwarded: context.flag("forwarded"),
            is_frequently_forwarded: context.flag("frequently_forwarded"),
            product: product.map(|it| Product {
                catalog_id: it.id("catalog_id"),
                product_id: it.id("product_retailer_id"),
            }),
        }
    }
}

impl Referral {
    fn read(referral: &Value) -> Self {
        let media_url = referral.text("image_url");
        Self {
            source_url: referral.text("source_url"),
            source_id: referral.id("source_id"),
            source_type: referral.text("source_type"),
            headline: referral.text("headline"),
            body: referral.text("body"),
            media_type: referral.text("media_type"),
            media_url: media_url.or_else(|| referral.text("video_url")),
            thumbnail_url: referral.text("thumbnail_url"),
            click_id: referral.text("ctwa_clid"),
        }
    }
}
