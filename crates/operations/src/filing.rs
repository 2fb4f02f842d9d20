//! Filing for searches what contacts and messages say: in the background, by one process at a time,
//! and never for long enough to hold up those who write.

use std::time::Duration;

use storage::{Lease, LeaseName, System};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::Result;
use crate::operations::Operations;

/// How many changes of a tenant are filed together: about a block of ids, of which each piece is
/// written once.
const BATCH: usize = 4_096;

/// How long the lease is held without a word, and how often it is renewed.
const LEASE_SECONDS: i64 = 30;
const RENEW_AFTER: Duration = Duration::from_secs(8);

/// How long to rest where nothing waits, or after a failure.
const REST: Duration = Duration::from_millis(500);

/// For how long to rest after some was filed, as parts of the time it took: as long again for so many
/// reads and writes of others a second, and at least and at most so long.
const EVEN: f64 = 200.0;
const LEAST_REST: f64 = 0.25;
const MOST_REST: f64 = 20.0;

impl Operations {
    /// Files all that waits to be searched; `false` where another process does.
    pub async fn file_for_search(&self) -> Result<bool> {
        let system = self.database().system();
        let Some(lease) = self.take_filing(&system).await? else {
            return Ok(false);
        };
        let filer = Filer {
            operations: self,
            system,
            lease,
        };
        let mut after = 0;
        let mut done = filer.step(&mut after).await;
        while matches!(done, Ok(true)) {
            done = filer.step(&mut after).await;
        }
        filer.system.release_lease(&filer.lease).await?;
        done.map(|_| true).map_err(Into::into)
    }

    /// Files what waits until it is told to stop.
    pub(crate) async fn keep_filing(&self, stopping: &CancellationToken) {
        while !stopping.is_cancelled() {
            if let Err(error) = self.hold_and_file(stopping).await {
                tracing::warn!(error = %error, "what is searched could not be filed; it waits");
            }
            rest(REST, stopping).await;
        }
    }

    /// Files while the lease is this process's; returns at once where it is another's.
    async fn hold_and_file(&self, stopping: &CancellationToken) -> storage::Result<()> {
        let system = self.database().system();
        let Some(lease) = self.take_filing(&system).await? else {
            return Ok(());
        };
        let filer = Filer {
            operations: self,
            system,
            lease,
        };
        let filed = filer.run(stopping).await;
        let released = filer.system.release_lease(&filer.lease).await;
        filed.and(released)
    }

    async fn take_filing(&self, system: &System) -> storage::Result<Option<Lease>> {
        let name = LeaseName {
            tenant: 0,
            name: "search".to_owned(),
        };
        let holder = self.delivery().holder();
        system.take_lease(&name, holder, LEASE_SECONDS).await
    }
}

/// Whoever holds the lease.
struct Filer<'o> {
    operations: &'o Operations,
    system: System,
    lease: Lease,
}

impl Filer<'_> {
    async fn run(&self, stopping: &CancellationToken) -> storage::Result<()> {
        let (mut renewed_at, mut after) = (Instant::now(), 0);
        let mut traffic = Traffic::new(&self.system);
        while !stopping.is_cancelled() {
            if renewed_at.elapsed() > RENEW_AFTER {
                if !self.system.renew_lease(&self.lease, LEASE_SECONDS).await? {
                    return Ok(());
                }
                renewed_at = Instant::now();
            }
            let began_at = Instant::now();
            let pause = if self.step(&mut after).await? {
                began_at.elapsed().mul_f64(traffic.rest(&self.system))
            } else {
                REST
            };
            rest(pause, stopping).await;
        }
        Ok(())
    }

    /// Files some of what one tenant has waiting, each tenant in turn; `false` where nothing waits.
    async fn step(&self, after: &mut i64) -> storage::Result<bool> {
        let next = match self.system.next_to_file(*after).await? {
            None if *after > 0 => self.system.next_to_file(0).await?,
            next => next,
        };
        let Some(tenant) = next else {
            return Ok(false);
        };
        *after = tenant.get();
        let store = self.operations.database().store_for(tenant);
        store.file_for_search(&self.lease, BATCH).await?;
        Ok(true)
    }
}

/// How much others ask of the database.
struct Traffic {
    asked: u64,
    at: Instant,
}

impl Traffic {
    fn new(system: &System) -> Self {
        Self {
            asked: system.asked(),
            at: Instant::now(),
        }
    }

    /// Returns for how long to rest, by what was asked for since the last time.
    fn rest(&mut self, system: &System) -> f64 {
        let now = Self::new(system);
        let asked = now.asked.saturating_sub(self.asked);
        let seconds = now.at.duration_since(self.at).as_secs_f64().max(0.001);
        *self = now;
        (asked as f64 / seconds / EVEN).clamp(LEAST_REST, MOST_REST)
    }
}

async fn rest(pause: Duration, stopping: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = stopping.cancelled() => {}
    }
}
