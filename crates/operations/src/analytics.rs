//! How many messages a tenant sent, and how far they got.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use storage::Tally;
use tokio_util::sync::CancellationToken;

use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

/// How often what changed is summed up.
const FOLD_EVERY: Duration = Duration::from_secs(2);

/// How far back is counted where nobody says.
const DEFAULT_PERIOD: SignedDuration = SignedDuration::from_hours(30 * 24);

const MINUTE: i64 = 60 * 1_000_000;

/// From when until when, as far as somebody says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    /// From when; thirty days before the end if nobody says.
    pub start: Option<Timestamp>,
    /// Until when; now if nobody says.
    pub end: Option<Timestamp>,
}

/// What was sent in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sending {
    /// When the period began: at a full minute.
    pub start: Timestamp,
    /// When it ended: before a full minute.
    pub end: Timestamp,
    /// The messages that were made in it, by how far they got until now.
    pub tally: Tally,
}

impl Operations {
    /// Counts the messages that went out in a period, as it is when it reaches to the full minutes
    /// around it; nothing where it ends before it begins.
    pub async fn count_sending(&self, caller: &Caller, period: Period) -> Result<Option<Sending>> {
        let end = period.end.unwrap_or_else(|| self.clock().now());
        let before = || end.saturating_sub(DEFAULT_PERIOD).unwrap_or(end);
        let start = period.start.unwrap_or_else(before);
        if start > end {
            return Ok(None);
        }
        let (start, end) = (minute_before(start), minute_after(end));
        let tally = self.store(caller).tally(start, end).await?;
        Ok(Some(Sending { start, end, tally }))
    }

    /// Sums up what changed, until it is told to stop.
    pub(crate) async fn keep_folding(&self, stopping: &CancellationToken) {
        let system = self.database().system();
        let mut due = tokio::time::interval(FOLD_EVERY);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stopping.run_until_cancelled(due.tick()).await.is_some() {
            loop {
                match system.fold_tallies().await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::warn!(error = %error, "counts could not be summed up; they wait");
                        break;
                    }
                }
            }
        }
    }
}

fn minute_before(at: Timestamp) -> Timestamp {
    let micros = at.as_microsecond();
    let full = micros - micros.rem_euclid(MINUTE);
    Timestamp::from_microsecond(full).unwrap_or(at)
}

fn minute_after(at: Timestamp) -> Timestamp {
    let micros = at.as_microsecond();
    let full = micros + (-micros).rem_euclid(MINUTE);
    Timestamp::from_microsecond(full).unwrap_or(at)
}
