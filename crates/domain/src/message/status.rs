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

    /// Returns how far along it is; of two reports of one message the higher is true.
    ///
    /// Reports come late, twice and in any order, so a status only rises. A failure beats `sent`,
    /// and what reached the phone beats a failure.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sending => 1,
            Self::Unconfirmed => 2,
            Self::Accepted => 3,
            Self::Sent => 4,
            Self::Failed => 5,
            Self::Delivered => 6,
            Self::Read => 7,
            Self::Played => 8,
            // Nobody at WhatsApp knows of these.
            Self::Cancelled | Self::Skipped | Self::Received => u8::MAX,
        }
    }

    /// Returns what counts and lists take it for.
    #[must_use]
    pub fn stage(self) -> Stage {
        match self {
            Self::Queued | Self::Sending | Self::Unconfirmed => Stage::Pending,
            Self::Accepted | Self::Sent => Stage::Sent,
            Self::Delivered => Stage::Delivered,
            Self::Read | Self::Played => Stage::Read,
            Self::Failed => Stage::Failed,
            Self::Cancelled | Self::Skipped => Stage::Dropped,
            Self::Received => Stage::Received,
        }
    }

    /// Returns whether a report changes it.
    #[must_use]
    pub fn rises_to(self, reported: Self) -> bool {
        reported.rank() > self.rank()
    }
}

/// How far a message got, as counts and lists tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Not taken by Meta yet, or not known to be.
    Pending,
    /// Taken by Meta.
    Sent,
    /// On the phone.
    Delivered,
    /// Read, or listened to.
    Read,
    /// It will not arrive.
    Failed,
    /// Taken back, or held back by a rule.
    Dropped,
    /// It came in.
    Received,
}

impl Stage {
    /// Every one of them.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Failed,
        Self::Dropped,
        Self::Received,
    ];

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
            Self::Received => "received",
        }
    }

    /// Returns the statuses that are taken for it.
    pub fn statuses(self) -> impl Iterator<Item = Status> {
        let all = Status::ALL.into_iter();
        all.filter(move |status| status.stage() == self)
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn reports_in_any_order_end_at_the_furthest() {
        use Status::{Delivered, Failed, Played, Read, Sent};
        for (reports, end) in [
            (&[Sent, Delivered, Read, Played][..], Played),
            (&[Played, Read, Delivered, Sent], Played),
            (&[Delivered, Sent], Delivered),
            (&[Read, Read], Read),
            (&[Sent, Failed], Failed),
            (&[Failed, Sent], Failed),
            (&[Failed, Delivered], Delivered),
            (&[Delivered, Failed], Delivered),
        ] {
            for start in [Status::Sending, Status::Accepted, Status::Unconfirmed] {
                let reached = reports.iter().fold(start, |status, reported| {
                    if status.rises_to(*reported) {
                        *reported
                    } else {
                        status
                    }
                });
                assert_eq!(reached, end, "{reports:?}");
            }
        }
    }

    #[test]
    fn what_whatsapp_never_had_stays_as_it_is() {
        for status in [Status::Cancelled, Status::Skipped, Status::Received] {
            assert!(!status.rises_to(Status::Delivered));
            assert!(!status.rises_to(Status::Failed));
        }
    }
}
