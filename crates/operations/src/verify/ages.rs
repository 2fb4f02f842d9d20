//! How long an answer is good.

use domain::verification::Verdict;
use jiff::{SignedDuration, Timestamp};
use storage::Verification;

/// How long an answer is good, by what it says: people join WhatsApp more often than they leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// That a number is on WhatsApp.
    pub yes: SignedDuration,
    /// That it is not.
    pub no: SignedDuration,
}

impl Default for Ages {
    fn default() -> Self {
        Self {
            yes: SignedDuration::from_hours(30 * 24),
            no: SignedDuration::from_hours(24),
        }
    }
}

impl Ages {
    /// Returns whether an answer is still good.
    pub(super) fn allow(self, verification: &Verification, now: Timestamp) -> bool {
        let age = match verification.verdict {
            Verdict::Yes { .. } => self.yes,
            Verdict::No => self.no,
            Verdict::Unknown => return false,
        };
        now.duration_since(verification.verified_at) < age
    }
}
