//! One-time codes.

use jiff::Timestamp;

/// How often a wrong code may be tried before the right one does not help any more.
pub const MAX_ATTEMPTS: i64 = 5;

/// A code that was sent and is not used yet; the code itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Otp {
    /// How many wrong codes were tried.
    pub attempts: i64,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Otp {
    /// Returns how many wrong codes may still be tried.
    #[must_use]
    pub fn attempts_left(&self) -> i64 {
        (MAX_ATTEMPTS - self.attempts).max(0)
    }
}
