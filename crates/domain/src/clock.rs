//! The time, as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the time: the system's in production, a settable one in tests.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// Returns the clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self { fixed: None }
    }

    /// Returns a clock that stands still at `instant` until it is moved.
    #[must_use]
    pub fn fixed(instant: Timestamp) -> Self {
        Self {
            fixed: Some(Arc::new(AtomicI64::new(instant.as_microsecond()))),
        }
    }

    /// Returns the instant, to the microsecond: what a database column keeps.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others ask"
    )]
    pub fn now(&self) -> Timestamp {
        let microseconds = match &self.fixed {
            Some(fixed) => fixed.load(Ordering::SeqCst),
            None => Timestamp::now().as_microsecond(),
        };
        Timestamp::from_microsecond(microseconds).unwrap_or_default()
    }

    /// Moves a fixed clock forward; the system's clock does not move for anybody.
    pub fn advance_seconds(&self, seconds: i64) {
        if let Some(fixed) = &self.fixed {
            fixed.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        }
    }
}
