//! Telling what happens, by one process at a time.

use std::time::Duration;

use storage::{Lease, LeaseName, System};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::Result;
use crate::operations::Operations;

/// How long the lease is held without a word, and how often it is renewed. No delivery begins that
/// could still be on its way when somebody else may take the lease: an address is waited for ten
/// seconds.
const LEASE_SECONDS: i64 = 30;
const RENEW_AFTER: Duration = Duration::from_secs(3);
const SURE_FOR: Duration = Duration::from_secs(15);

/// How often somebody looks for what happened and what became due, and for a lease that became
/// free.
const LOOK_AFTER: Duration = Duration::from_millis(200);

/// How long to wait after a failure, at first and at most.
const REST: Duration = Duration::from_millis(250);
const LONG_REST: Duration = Duration::from_secs(10);

impl Operations {
    /// Tells all that happened, and makes all deliveries that are due; `false` where another
    /// process does.
    pub async fn tell_events(&self) -> Result<bool> {
        let system = self.database().system();
        let Some(lease) = self.take_events(&system).await? else {
            return Ok(false);
        };
        let told = self.tell_all(&lease).await;
        self.courier().is_idle().await;
        system.release_lease(&lease).await?;
        told.map(|()| true).map_err(Into::into)
    }

    async fn tell_all(&self, lease: &Lease) -> storage::Result<()> {
        while self.tell_some(lease).await? {}
        while self.send_out().await? {
            self.courier().is_idle().await;
        }
        Ok(())
    }

    /// Tells what happens until it is told to stop.
    pub(crate) async fn keep_telling(&self, stopping: &CancellationToken) {
        let mut rest = REST;
        while !stopping.is_cancelled() {
            let wait = match self.hold_and_tell(stopping).await {
                Ok(()) => {
                    rest = REST;
                    LOOK_AFTER
                }
                Err(error) => {
                    tracing::warn!(error = %error, "what happens could not be told; it waits");
                    rest = (rest * 2).min(LONG_REST);
                    rest
                }
            };
            stopping.run_until_cancelled(tokio::time::sleep(wait)).await;
        }
    }

    /// Tells while the lease is this process's; returns at once where it is another's.
    async fn hold_and_tell(&self, stopping: &CancellationToken) -> storage::Result<()> {
        let system = self.database().system();
        let Some(lease) = self.take_events(&system).await? else {
            return Ok(());
        };
        let told = self.tell_while_held(&system, &lease, stopping).await;
        // Nobody else is to make a delivery that is still on its way.
        self.courier().is_idle().await;
        let released = system.release_lease(&lease).await;
        told.and(released)
    }

    async fn tell_while_held(
        &self,
        system: &System,
        lease: &Lease,
        stopping: &CancellationToken,
    ) -> storage::Result<()> {
        let mut renewed_at = Instant::now();
        while !stopping.is_cancelled() {
            if renewed_at.elapsed() > RENEW_AFTER {
                let renewing_at = Instant::now();
                if !system.renew_lease(lease, LEASE_SECONDS).await? {
                    return Ok(());
                }
                renewed_at = renewing_at;
            }
            let has_told = self.tell_some(lease).await?;
            if renewed_at.elapsed() < SURE_FOR {
                self.send_out().await?;
            }
            if !has_told {
                tokio::select! {
                    () = self.courier().news() => {}
                    () = tokio::time::sleep(LOOK_AFTER) => {}
                    () = stopping.cancelled() => {}
                }
            }
        }
        Ok(())
    }

    async fn take_events(&self, system: &System) -> storage::Result<Option<Lease>> {
        let name = LeaseName {
            tenant: 0,
            name: "events".to_owned(),
        };
        let holder = self.delivery().holder();
        system.take_lease(&name, holder, LEASE_SECONDS).await
    }
}
