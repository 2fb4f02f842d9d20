//! Applying what waits in the ledger: in its order, by one process at a time.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use storage::{Lease, LeaseName, System, WaitingEvent};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::reading;
use crate::error::Result;
use crate::operations::Operations;

/// How many events are applied together.
const BATCH: i64 = 500;

/// How long the lease is held without a word, and how often it is renewed.
const LEASE_SECONDS: i64 = 10;
const RENEW_AFTER: Duration = Duration::from_secs(3);

/// How often somebody who was not told looks for news, and for a lease that became free.
const LOOK_AFTER: Duration = Duration::from_millis(250);

/// How long to wait after a failure, at first and at most.
const REST: Duration = Duration::from_millis(250);
const LONG_REST: Duration = Duration::from_secs(10);

/// How often an event is tried that the storage has no time for, and how long it waits at first.
const ATTEMPTS: i64 = 12;
const POSTPONED_SECONDS: i64 = 2;

impl Operations {
    /// Applies all that waits and is due; `false` where another process does.
    pub async fn apply_events(&self) -> Result<bool> {
        let system = self.database().system();
        let Some(lease) = self.take_inbound(&system).await? else {
            return Ok(false);
        };
        let applier = Applier {
            operations: self,
            system,
            lease,
        };
        let mut done = applier.step().await;
        while matches!(done, Ok(true)) {
            done = applier.step().await;
        }
        applier.system.release_lease(&applier.lease).await?;
        done.map(|_| true).map_err(Into::into)
    }

    /// Applies what comes in until it is told to stop.
    pub(crate) async fn keep_applying(&self, stopping: &CancellationToken) {
        let mut rest = REST;
        while !stopping.is_cancelled() {
            let wait = match self.hold_and_apply(stopping).await {
                Ok(()) => {
                    rest = REST;
                    LOOK_AFTER
                }
                Err(error) => {
                    tracing::warn!(error = %error, "events could not be applied; they wait");
                    rest = (rest * 2).min(LONG_REST);
                    rest
                }
            };
            let resting = tokio::time::sleep(wait);
            tokio::select! {
                () = resting => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Applies while the lease is this process's; returns at once where it is another's.
    async fn hold_and_apply(&self, stopping: &CancellationToken) -> storage::Result<()> {
        let system = self.database().system();
        let Some(lease) = self.take_inbound(&system).await? else {
            return Ok(());
        };
        let applier = Applier {
            operations: self,
            system,
            lease,
        };
        let applied = applier.run(stopping).await;
        let released = applier.system.release_lease(&applier.lease).await;
        applied.and(released)
    }

    async fn take_inbound(&self, system: &System) -> storage::Result<Option<Lease>> {
        let name = LeaseName {
            tenant: 0,
            name: "inbound".to_owned(),
        };
        let holder = self.delivery().holder();
        system.take_lease(&name, holder, LEASE_SECONDS).await
    }
}

/// Whoever holds the lease.
struct Applier<'o> {
    operations: &'o Operations,
    system: System,
    lease: Lease,
}

impl Applier<'_> {
    async fn run(&self, stopping: &CancellationToken) -> storage::Result<()> {
        let mut renewed_at = Instant::now();
        while !stopping.is_cancelled() {
            if renewed_at.elapsed() > RENEW_AFTER {
                if !self.system.renew_lease(&self.lease, LEASE_SECONDS).await? {
                    return Ok(());
                }
                renewed_at = Instant::now();
            }
            if !self.step().await? {
                let news = self.operations.arrivals().news.notified();
                tokio::select! {
                    () = news => {}
                    () = tokio::time::sleep(LOOK_AFTER) => {}
                    () = stopping.cancelled() => {}
                }
            }
        }
        Ok(())
    }

    /// Applies some of what is due; `false` where nothing is.
    async fn step(&self) -> storage::Result<bool> {
        let now = self.operations.clock().now();
        let waiting = self.system.waiting_events(now, BATCH).await?;
        if waiting.is_empty() {
            return Ok(false);
        }
        self.apply(&waiting).await?;
        Ok(true)
    }

    /// Applies events together; where that fails, each half of them by itself, so that an event
    /// that cannot be applied is found, and fails alone.
    fn apply<'a>(&'a self, events: &'a [WaitingEvent]) -> BoxFuture<'a, storage::Result<()>> {
        Box::pin(async move {
            let now = self.operations.clock().now();
            let changes = events.iter().map(reading::read).collect();
            let error = match self.system.apply_events(&self.lease, changes, now).await {
                Ok(()) => return Ok(()),
                Err(error @ storage::Error::LeaseLost) => return Err(error),
                Err(error) => error,
            };
            if let [event] = events {
                return self.put_aside(event, &error).await;
            }
            tracing::debug!(error = %error, "a batch of events failed; its halves are tried");
            let (first, second) = events.split_at(events.len() / 2);
            self.apply(first).await?;
            self.apply(second).await
        })
    }

    /// Lets an event wait that the storage has no time for, and gives up one that it refuses. If
    /// even that cannot be written, the storage is gone and everything waits.
    async fn put_aside(&self, event: &WaitingEvent, why: &storage::Error) -> storage::Result<()> {
        let now = self.operations.clock().now();
        let is_passing = matches!(why, storage::Error::Unavailable(_) | storage::Error::Busy);
        tracing::warn!(event.id, error = %why, is_passing, "an event could not be applied");
        if is_passing && event.attempts + 1 < ATTEMPTS {
            let seconds = POSTPONED_SECONDS << event.attempts.clamp(0, ATTEMPTS);
            let due_at = now + SignedDuration::from_secs(seconds);
            return self.system.postpone_event(&self.lease, event, due_at).await;
        }
        let reason = why.to_string();
        self.system
            .fail_event(&self.lease, event, &reason, now)
            .await
    }
}
