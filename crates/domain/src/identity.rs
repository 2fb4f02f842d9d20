//! What a person is recognised by.

use jiff::Timestamp;

/// The kinds of identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// A number, by its match key.
    Number,
    /// A business-scoped user id.
    UserId,
    /// A user id that the portfolios of one managed group share.
    ParentUserId,
}

impl IdentityKind {
    /// Returns the word a database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::UserId => "user_id",
            Self::ParentUserId => "parent_user_id",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Number, Self::UserId, Self::ParentUserId]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// Something that one contact of a tenant is recognised by, and no other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// Of what kind it is.
    pub kind: IdentityKind,
    /// Whose user ids these are: a business portfolio's, else a WABA's; empty for numbers.
    pub scope: String,
    /// The match key of a number, or the id.
    pub key: String,
}

/// Something that a contact was once recognised by and no longer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerIdentity {
    /// What it was.
    pub identity: Identity,
    /// Until when.
    pub ended_at: Timestamp,
}
