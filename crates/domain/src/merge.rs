//! Two contacts that are one person.

use jiff::Timestamp;

use crate::ids::{ContactId, MergeId};

/// Why two contacts were made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeReason {
    /// Somebody said so.
    Asked,
    /// WhatsApp calls both by one number.
    SameNumber,
    /// WhatsApp named both as the sender of one message.
    SamePerson,
    /// One changed to the other's number.
    NumberChanged,
}

impl MergeReason {
    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::SameNumber => "same_number",
            Self::SamePerson => "same_person",
            Self::NumberChanged => "number_changed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Asked,
            Self::SameNumber,
            Self::SamePerson,
            Self::NumberChanged,
        ]
        .into_iter()
        .find(|it| it.as_str() == text)
    }
}

/// A merge as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRecord {
    /// Its id, by which it can be undone.
    pub id: MergeId,
    /// The contact that stayed.
    pub kept: ContactId,
    /// The contact that went into it.
    pub gone: ContactId,
    /// Why.
    pub reason: MergeReason,
    /// Who asked for it, in words of their own.
    pub made_by: Option<String>,
    /// When.
    pub made_at: Timestamp,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
}
