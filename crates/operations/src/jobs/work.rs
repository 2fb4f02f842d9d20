//! Working on jobs, by one process at a time.

use std::time::Duration;

use storage::{DueJob, Lease, LeaseName};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::feed::Feeder;
use crate::error::Result;
use crate::operations::Operations;

/// How long the lease is held without a word, and how often it is renewed.
const LEASE_SECONDS: i64 = 10;
const RENEW_AFTER: Duration = Duration::from_secs(3);

/// How long to wait where nothing is due, and where the lease is another's or something failed.
const LOOK_AFTER: Duration = Duration::from_millis(250);
const REST: Duration = Duration::from_secs(2);

/// As many jobs are worked on in turn.
const JOBS: i64 = 32;

impl Operations {
    /// Works on all jobs that are due, until none is; `false` where another process does.
    pub async fn feed_jobs(&self) -> Result<bool> {
        let Some(lease) = self.take_jobs().await? else {
            return Ok(false);
        };
        let mut done = self.feed_due(&lease).await;
        while matches!(done, Ok(true)) {
            done = self.feed_due(&lease).await;
        }
        self.database().system().release_lease(&lease).await?;
        done.map(|_| true)
    }

    /// Works on jobs until it is told to stop.
    pub(crate) async fn keep_feeding(&self, stopping: &CancellationToken) {
        while !stopping.is_cancelled() {
            if let Err(error) = self.hold_and_feed(stopping).await {
                tracing::warn!(error = %error, "jobs could not be worked on; they wait");
            }
            tokio::select! {
                () = tokio::time::sleep(REST) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Works on jobs while the lease is this process's; returns at once where it is another's.
    async fn hold_and_feed(&self, stopping: &CancellationToken) -> Result<()> {
        let Some(lease) = self.take_jobs().await? else {
            return Ok(());
        };
        let system = self.database().system();
        let mut renewed_at = Instant::now();
        let mut worked = Ok(());
        while !stopping.is_cancelled() {
            if renewed_at.elapsed() > RENEW_AFTER {
                if !system.renew_lease(&lease, LEASE_SECONDS).await? {
                    return Ok(());
                }
                renewed_at = Instant::now();
            }
            match self.feed_due(&lease).await {
                Ok(true) => {}
                Ok(false) => {
                    let looking = tokio::time::sleep(LOOK_AFTER);
                    stopping.run_until_cancelled(looking).await;
                }
                Err(error) => {
                    worked = Err(error);
                    break;
                }
            }
        }
        system.release_lease(&lease).await?;
        worked
    }

    async fn take_jobs(&self) -> Result<Option<Lease>> {
        let name = LeaseName {
            tenant: 0,
            name: "jobs".to_owned(),
        };
        let holder = self.delivery().holder();
        let system = self.database().system();
        Ok(system.take_lease(&name, holder, LEASE_SECONDS).await?)
    }

    /// Takes up a portion of each job that is due; `false` where none is.
    async fn feed_due(&self, lease: &Lease) -> Result<bool> {
        let system = self.database().system();
        let due = system.due_jobs(self.clock().now(), JOBS).await?;
        for due in &due {
            self.look_at_job(lease, *due).await?;
        }
        Ok(!due.is_empty())
    }

    /// Does the next step of a job. Where that fails the job waits, and lets the others have their
    /// turn.
    async fn look_at_job(&self, lease: &Lease, due: DueJob) -> Result<()> {
        let Some(feeder) = Feeder::of(self, lease, due).await? else {
            return Ok(());
        };
        let Err(error) = feeder.feed().await else {
            return Ok(());
        };
        tracing::warn!(job.id = %due.job_id, error = %error, "a job could not go on; it waits");
        feeder.wait_long().await
    }
}
