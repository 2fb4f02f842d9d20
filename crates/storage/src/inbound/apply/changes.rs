//! What an event changes, in nobody's wire format.

use domain::ids::MessageId;
use domain::message::content::MediaKind;
use domain::message::{Content, Direction, Failure, Status};
use jiff::Timestamp;

use super::people::Person;

/// An event to be applied, and where it is from.
#[derive(Clone, Debug)]
pub struct InboundChange {
    /// The event's id.
    pub event_id: i64,
    /// The app that posted it.
    pub app_id: i64,
    /// The business account it is of.
    pub waba_id: String,
    /// The number it is of, if it names one.
    pub phone_number_id: Option<String>,
    /// When it happened; never later than it came.
    pub at: Timestamp,
    /// What it changes.
    pub change: Change,
}

/// What an event changes.
#[derive(Clone, Debug)]
pub enum Change {
    /// Somebody said something.
    Said(Box<InboundMessage>),
    /// A message got somewhere, or failed.
    Reported(Box<Report>),
    /// Somebody changed or took back what they said.
    Edited(Box<InboundEdit>),
    /// Somebody wants messages no longer, or again.
    Wished(Box<Wish>),
    /// Somebody has another number or id.
    Moved {
        /// As they were called before.
        before: Box<Person>,
        /// As they are called now; what is absent has not changed.
        after: Box<Person>,
    },
    /// A number may send more a second than before.
    Upgraded(Upgrade),
    /// A template is not what it was.
    Template(Box<TemplateChange>),
    /// Nothing; the ledger keeps it, with a note.
    Kept(Option<&'static str>),
    /// Nothing; nobody can read it.
    Unreadable,
}

impl Change {
    /// Returns whether it makes no row of a tenant's.
    pub(super) fn is_light(&self) -> bool {
        match self {
            Self::Said(_) | Self::Edited(_) | Self::Wished(_) | Self::Moved { .. } => false,
            Self::Reported(report) => report.wish.is_none(),
            Self::Upgraded(_) | Self::Template(_) | Self::Kept(_) | Self::Unreadable => true,
        }
    }
}

/// A message that came in, or that the business wrote from its own phone.
#[derive(Clone, Debug)]
pub struct InboundMessage {
    /// Who wrote it; of the business's own, to whom.
    pub person: Person,
    /// Which way it went.
    pub direction: Direction,
    /// What it says; nothing where somebody only opened the chat.
    pub content: Option<Content>,
    /// WhatsApp's id of it.
    pub wamid: String,
    /// The message it answers.
    pub context_wamid: Option<String>,
    /// The file that belongs to it, which is to be downloaded.
    pub file: Option<InboundFile>,
    /// What its words say of consent.
    pub wish: Option<Wish>,
}

/// A file that came in.
#[derive(Clone, Debug)]
pub struct InboundFile {
    /// Meta's id of it.
    pub media_id: String,
    /// What it came as.
    pub kind: MediaKind,
    /// What Meta says it is.
    pub mime_type: Option<String>,
    /// Its SHA-256 as Meta spells it.
    pub sha256: Option<String>,
}

/// A change of a message by its writer.
#[derive(Clone, Debug)]
pub struct InboundEdit {
    /// The message.
    pub message_wamid: String,
    /// WhatsApp's id of the change.
    pub wamid: String,
    /// What it says now; nothing where it was taken back.
    pub content: Option<Content>,
}

/// What Meta says of a message that was sent.
#[derive(Clone, Debug)]
pub struct Report {
    /// WhatsApp's id of the message.
    pub wamid: String,
    /// Our id of it, where Meta says it.
    pub message_id: Option<MessageId>,
    /// How far it got.
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Whom it went to, as WhatsApp calls them.
    pub recipient: Person,
    /// What the failure says of consent.
    pub wish: Option<Wish>,
}

/// What somebody wants of messages.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Who, where it is no message's writer or recipient.
    pub person: Person,
    /// Whether they want no more of them.
    pub is_opted_out: bool,
    /// How they said so.
    pub origin: WishOrigin,
}

/// How somebody said what they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WishOrigin {
    /// By a word such as STOP: of every message from this number.
    Keyword,
    /// By WhatsApp's own setting: of marketing from this number.
    Preference,
}

/// A number that may send more a second.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// Its digits.
    pub number: String,
    /// Messages a second.
    pub tier_per_second: i64,
}

/// What Meta says of a template by itself.
#[derive(Clone, Debug)]
pub struct TemplateChange {
    /// Meta's id of it.
    pub meta_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// What is said.
    pub news: TemplateNews,
}

/// What is said of a template.
#[derive(Clone, Debug)]
pub enum TemplateNews {
    /// It has another status.
    Status {
        /// The status, in Meta's word.
        status: String,
        /// Why, where it was refused.
        reason: Option<String>,
    },
    /// People like it so much now.
    Quality(String),
    /// It has another category.
    Category(String),
    /// It is gone.
    Deleted,
    /// Something that only the whole list tells.
    Other,
}
