//! Watching over the lanes: what is due is sent, leases are kept, and what a dead process left is
//! taken over.

use std::time::Duration;

use domain::ids::TenantId;
use storage::BusyChannel;
use tokio_util::sync::CancellationToken;

use super::Route;
use crate::error::Result;
use crate::operations::Operations;

/// How often the queues are looked at, for what became due and for what other processes put there.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How many looks there are between two renewals of the leases.
const KEEP_EVERY: u32 = 8;

/// How many looks there are between two searches for what a dead process left half done.
const SEARCH_EVERY: u32 = 12;

impl Operations {
    /// Watches over the lanes until it is told to stop.
    pub(crate) async fn watch_lanes(&self, stopping: &CancellationToken) {
        let mut due = tokio::time::interval(LOOK_EVERY);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut looks = 0_u32;
        while stopping.run_until_cancelled(due.tick()).await.is_some() {
            if let Err(error) = self.look_at_lanes(looks).await {
                tracing::warn!(error = %error, "the queues could not be looked at");
            }
            looks = looks.wrapping_add(1);
        }
    }

    async fn look_at_lanes(&self, looks: u32) -> Result<()> {
        let system = self.database().system();
        if looks.is_multiple_of(KEEP_EVERY) {
            for lane in self.delivery().all() {
                if lane.is_idle() {
                    continue;
                }
                lane.keep(&system).await?;
            }
        }
        if looks.is_multiple_of(SEARCH_EVERY) {
            for busy in system.channels_sending().await? {
                // Whoever takes a lane, where nobody else holds it, marks what its last holder left.
                if let Some(route) = self.busy_route(busy).await? {
                    self.lease(&route).await?;
                }
            }
        }
        for busy in system.channels_with_due(self.clock().now()).await? {
            if let Some(route) = self.busy_route(busy).await? {
                self.wake(&route);
            }
        }
        Ok(())
    }

    /// Returns the way out of a channel with something to do, if it is still there.
    async fn busy_route(&self, busy: BusyChannel) -> Result<Option<Route>> {
        let Some(tenant) = TenantId::new(busy.tenant_id) else {
            return Ok(None);
        };
        let store = self.database().store_for(tenant);
        let channel = store.channel(busy.channel_id).await?;
        Ok(channel.map(|channel| self.route(tenant, channel)))
    }
}
