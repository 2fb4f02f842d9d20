//! Consent: what a contact allows, on which channel, and how we know.

use jiff::Timestamp;

use crate::ids::{ChannelId, ConsentId};

/// What a consent is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Every message.
    All,
    /// Marketing templates only, as Meta's own preference has it.
    Marketing,
}

impl Topic {
    /// Returns the word a database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Marketing => "marketing",
        }
    }

    /// Reads the word a database keeps.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::All, Self::Marketing]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// Who or what changed a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentOrigin {
    /// A call of an API.
    Api,
    /// A word such as STOP, written by the person.
    Keyword,
    /// Meta's preference webhook.
    MetaPreference,
    /// Somebody at the console or the command line.
    Console,
    /// A file that was imported.
    Import,
}

impl ConsentOrigin {
    /// Returns the word a database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Keyword => "keyword",
            Self::MetaPreference => "meta_preference",
            Self::Console => "console",
            Self::Import => "import",
        }
    }

    /// Reads the word a database keeps.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Api,
            Self::Keyword,
            Self::MetaPreference,
            Self::Console,
            Self::Import,
        ]
        .into_iter()
        .find(|it| it.as_str() == text)
    }
}

/// One change of consent; the log keeps every one and never overwrites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The id of the log entry.
    pub id: ConsentId,
    /// The channel concerned; `None` is every channel.
    pub channel_id: Option<ChannelId>,
    /// What it is about.
    pub topic: Topic,
    /// Whether the person opted out (or back in).
    pub is_opted_out: bool,
    /// How it came.
    pub origin: ConsentOrigin,
    /// Who did it, where that is not the person: a key, or somebody at the console.
    pub made_by: Option<String>,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// When it happened.
    pub at: Timestamp,
}
