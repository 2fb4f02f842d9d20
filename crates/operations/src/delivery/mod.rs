//! The delivery engine: everything that leaves, leaves through here.
//!
//! Each number has a lane. A lane is leased to one process at a time, sends no faster than Meta
//! allows, and gives each person their messages one after the other. A message whose sender waits
//! for the answer goes straight through where the lane is free; everything else waits in the
//! database, as `queued`, and the lane's pump works it off. Whatever happens, a row says how far
//! each message got before the next step is taken: nothing is sent twice, and a crash leaves at
//! worst an `unconfirmed` row, which Meta's status report settles.

mod attempt;
mod lane;
mod pace;
mod pairs;
mod pump;
mod verdict;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::{ContactId, TenantId};
use storage::{Channel, Lease, Store};
use tokio_util::sync::CancellationToken;

pub(crate) use attempt::{Attempt, Ready, To, answer};
pub(crate) use lane::Slot;
use lane::{Lane, LaneKey, LeaseDesk};
use verdict::NOT_REACHED;

use crate::error::Result;
use crate::operations::Operations;

/// Who waits for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Somebody asked, and waits for the answer.
    Asked,
    /// Nobody: it goes when it can.
    Queued,
}

/// The lanes this process knows.
#[derive(Debug)]
pub(crate) struct Delivery {
    lanes: Mutex<HashMap<LaneKey, Arc<Lane>>>,
    /// This process, among those that share a database.
    holder: String,
    stopping: CancellationToken,
}

impl Delivery {
    pub(crate) fn new(holder: String) -> Self {
        Self {
            lanes: Mutex::default(),
            holder,
            stopping: CancellationToken::new(),
        }
    }

    /// Returns this process's name, among those that share a database.
    pub(crate) fn holder(&self) -> &str {
        &self.holder
    }

    fn all(&self) -> Vec<Arc<Lane>> {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.values().cloned().collect()
    }

    /// Lets no pump take up anything more.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
    }
}

/// A channel's lane, and what is needed to send through it.
#[derive(Clone)]
pub(crate) struct Route {
    lane: Arc<Lane>,
    pub(crate) store: Store,
    pub(crate) channel: Arc<Channel>,
}

impl Route {
    /// Waits until something left or came, or for so long.
    pub(crate) async fn changed(&self, most: Duration) {
        self.lane.changed(most).await;
    }
}

impl Operations {
    /// Returns the way out of a channel.
    pub(crate) fn route(&self, tenant: TenantId, channel: Channel) -> Route {
        let key = (tenant, channel.id);
        let per_second = channel.tier_per_second;
        let mut lanes = self
            .delivery()
            .lanes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let lane = lanes
            .entry(key)
            .or_insert_with(|| Arc::new(Lane::new(key, per_second)));
        let lane = Arc::clone(lane);
        drop(lanes);
        lane.set_pace(per_second);
        Route {
            lane,
            store: self.database().store_for(tenant),
            channel: Arc::new(channel),
        }
    }

    /// Returns the lease of a way out; nothing where another process holds it.
    async fn lease(&self, route: &Route) -> Result<Option<Lease>> {
        let desk = LeaseDesk {
            system: self.database().system(),
            store: &route.store,
            holder: self.delivery().holder(),
            at: self.clock().now(),
        };
        route.lane.lease(&desk).await
    }

    /// Takes a place in the lane for a message that somebody waits for, and returns it when it may
    /// leave, with the epoch of the lane's lease; nothing where it has to queue.
    pub(crate) async fn enter(
        &self,
        route: &Route,
        person: ContactId,
        patience: Duration,
    ) -> Result<Option<(Slot, i64)>> {
        if self.lease(route).await?.is_none() {
            return Ok(None);
        }
        let Ok((slot, wait)) = route.lane.enter(person, patience) else {
            return Ok(None);
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        // It may have been lost meanwhile.
        let lease = self.lease(route).await?;
        Ok(lease.map(|lease| (slot, lease.epoch)))
    }

    /// Has the queue of a way out looked at.
    pub(crate) fn wake(&self, route: &Route) {
        if !self.delivery().stopping.is_cancelled() && route.lane.wake() {
            let (operations, route) = (self.clone(), route.clone());
            self.tasks().spawn(async move {
                operations.pump(&route).await;
            });
        }
    }

    /// Gives all lanes back, so that another process need not wait for the end of their leases.
    pub(crate) async fn release_lanes(&self) {
        for lane in self.delivery().all() {
            if let Err(error) = lane.release(&self.database().system()).await {
                tracing::warn!(error = %error, "a lane was not given back; its lease ends by itself");
            }
        }
    }
}
