//! Is a number on WhatsApp? What was answered.

/// An answer to "is this number on WhatsApp?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is; `wa_id` is what WhatsApp calls it, when the answer says so.
    Yes {
        /// WhatsApp's own digits for the number, which may differ from the dialled ones.
        wa_id: Option<String>,
    },
    /// It is not.
    No,
    /// Nobody can say without sending to it.
    Unknown,
}

/// A verdict as a contact keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// The number is on WhatsApp.
    Yes,
    /// Somebody asked, and nobody could say.
    Unknown,
}

impl Verified {
    /// Returns the word a database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word a database keeps.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Yes, Self::Unknown]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}
