//! How far a message got.

/// The stages of a message. An outbound one goes `queued`, `sending`, `accepted`, `sent`,
/// `delivered`, `read`, `played`; the others are ends of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Written down, not yet taken up.
    Queued,
    /// Taken up: the request may be on its way.
    Sending,
    /// Meta said 200.
    Accepted,
    /// Meta sent it on.
    Sent,
    /// It reached the phone.
    Delivered,
    /// It was read.
    Read,
    /// It was listened to.
    Played,
    /// It will not arrive.
    Failed,
    /// Nobody knows whether Meta took it; it is never sent again by guess.
    Unconfirmed,
    /// Taken back before it was taken up.
    Cancelled,
    /// Not sent, by a rule such as an opt-out.
    Skipped,
    /// It came in.
    Received,
}

impl Status {
    /// Every stage.
    pub const ALL: [Self; 12] = [
        Self::Queued,
        Self::Sending,
        Self::Accepted,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Played,
        Self::Failed,
        Self::Unconfirmed,
        Self::Cancelled,
        Self::Skipped,
        Self::Received,
    ];

    /// Returns the word a database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Received => "received",
        }
    }

    /// Reads the word a database keeps.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}
