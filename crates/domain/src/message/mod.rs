//! Messages: what is said, which way, and how far it got.

pub mod content;
pub mod listing;
pub mod status;

pub use content::{Content, Kind};
pub use listing::{MessageListing, MessageSort, Talks};
pub use status::{Stage, Status};

use jiff::Timestamp;

use crate::ids::{ChannelId, ContactId, ConversationId, JobId, MessageId};

/// A message of a conversation, kept before anybody is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id, which also goes to Meta as `biz_opaque_callback_data`.
    pub id: MessageId,
    /// The conversation it belongs to.
    pub conversation_id: ConversationId,
    /// Whom it goes to or comes from.
    pub contact_id: ContactId,
    /// The tenant's number it uses.
    pub channel_id: ChannelId,
    /// Which way it goes.
    pub direction: Direction,
    /// What it says.
    pub content: Content,
    /// How far it got.
    pub status: Status,
    /// WhatsApp's id of it, once there is one.
    pub wamid: Option<String>,
    /// The WhatsApp id of the message it answers.
    pub context_wamid: Option<String>,
    /// Who sent it.
    pub author: Author,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its status last changed.
    pub updated_at: Timestamp,
}

/// Who sent a message; by default, nobody in particular: it was sent through the API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// The human agent, as the caller named them.
    pub member_id: Option<String>,
    /// The broadcast it belongs to.
    pub job_id: Option<JobId>,
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the person to the tenant.
    Inbound,
    /// From the tenant to the person.
    Outbound,
}

impl Direction {
    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Inbound, Self::Outbound]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// Why a message failed, as Meta said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Meta's code; `None` where Meta was never reached.
    pub code: Option<i64>,
    /// Meta's short text, or ours.
    pub title: String,
    /// Meta's details.
    pub details: Option<String>,
}
