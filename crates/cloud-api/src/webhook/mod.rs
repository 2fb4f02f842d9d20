//! What Meta posts to a webhook: batches of events, mixed, repeated, in no order, partly unknown.
//!
//! Reading never fails for a part that is unknown or missing; such a part becomes
//! [`Event::Unknown`] with its JSON, or a field that is `None`. Every event has a key under which
//! its repetitions are known.

mod account;
mod card;
mod content;
mod echo;
mod envelope;
mod errors;
mod inbound;
mod json;
mod keep;
mod key;
mod person;
mod phone_number;
mod place;
mod preference;
mod status;
mod system;
mod template;

pub use account::{Account, Restriction};
pub use echo::Echo;
pub use inbound::{Body, Context, File, Inbound, Product, Referral};
pub use json::NotJson;
pub use person::Person;
pub use phone_number::{NumberName, NumberQuality};
pub use preference::{Preference, UserPreference};
pub use status::{Conversation, Pricing, StatusUpdate};
pub use system::{SystemChange, SystemKind};
pub use template::{
    ComponentsUpdate, TemplateCategory, TemplateComponents, TemplateQuality, TemplateRef,
    TemplateStatus,
};

use jiff::Timestamp;
use serde_json::Value;

use crate::error::MetaError;

/// What one webhook request says.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// What it is about; `whatsapp_business_account`.
    pub object: Option<String>,
    /// Its events, in Meta's order, which says nothing.
    pub elements: Vec<Element>,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// The business account it is of; empty where none is named.
    pub waba_id: String,
    /// The number it is of, where it is of one and names it.
    pub phone_number_id: Option<String>,
    /// What Meta calls events of its kind.
    pub field: String,
    /// The same for every repetition, and for nothing else: printable ASCII, 200 bytes at most.
    pub dedup_key: String,
    /// When it happened, as Meta says.
    pub occurred_at: Option<Timestamp>,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A person wrote, tapped, changed or took back something.
    Inbound(Box<Inbound>),
    /// A message got somewhere, or failed.
    Status(Box<StatusUpdate>),
    /// A person has another number or id now.
    SystemChange(Box<SystemChange>),
    /// The business wrote from its own phone.
    Echo(Box<Echo>),
    /// A template was approved, refused, paused, ….
    TemplateStatus(Box<TemplateStatus>),
    /// People like a template more or less than before.
    TemplateQuality(Box<TemplateQuality>),
    /// Meta moves a template to another category.
    TemplateCategory(Box<TemplateCategory>),
    /// A template says something else now.
    TemplateComponents(Box<TemplateComponents>),
    /// Something befell the account.
    Account(Box<Account>),
    /// A number may send more or less than before.
    PhoneQuality(Box<NumberQuality>),
    /// Meta decided on a number's name.
    PhoneName(Box<NumberName>),
    /// A person wants marketing no longer, or again.
    UserPreference(Box<UserPreference>),
    /// Something failed that is no message's fault.
    Errors {
        /// What failed.
        errors: Vec<MetaError>,
        /// All of it.
        raw: Value,
    },
    /// Something that is not known here.
    Unknown {
        /// All of it.
        raw: Value,
    },
}

impl Event {
    /// Returns what it is about, in one word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Inbound(_) => "message",
            Self::Status(_) => "status",
            Self::SystemChange(_) => "system",
            Self::Echo(_) => "echo",
            Self::TemplateStatus(_)
            | Self::TemplateQuality(_)
            | Self::TemplateCategory(_)
            | Self::TemplateComponents(_) => "template",
            Self::Account(_) => "account",
            Self::PhoneQuality(_) | Self::PhoneName(_) => "number",
            Self::UserPreference(_) => "preference",
            Self::Errors { .. } => "errors",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// Reads a webhook's body, whose signature was checked.
pub fn parse(bytes: &[u8]) -> Result<Payload, NotJson> {
    Ok(envelope::open(json::read(bytes)?))
}
