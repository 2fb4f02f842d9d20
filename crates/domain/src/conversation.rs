//! A conversation: a contact on a channel.

use jiff::Timestamp;

use crate::ids::{ChannelId, ContactId, ConversationId};

/// What is said between a contact and one of the tenant's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The contact.
    pub contact_id: ContactId,
    /// The tenant's number.
    pub channel_id: ChannelId,
    /// Whether it is being worked on.
    pub status: ConversationStatus,
    /// How many messages it has.
    pub message_count: i64,
    /// Until when anything may be answered.
    pub window_expires_at: Option<Timestamp>,
    /// When its newest message was written.
    pub last_message_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
}

/// Whether a conversation is being worked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConversationStatus {
    /// It is.
    #[default]
    Open,
    /// It is done.
    Closed,
    /// It waits for somebody.
    Pending,
    /// It is put away.
    Archived,
    /// It is put off.
    Snoozed,
}

impl ConversationStatus {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Closed,
        Self::Pending,
        Self::Archived,
        Self::Snoozed,
    ];

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Pending => "pending",
            Self::Archived => "archived",
            Self::Snoozed => "snoozed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}
