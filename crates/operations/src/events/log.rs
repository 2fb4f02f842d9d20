//! Looking into what webhooks were told, telling it again, and forgetting what is old.

use domain::ids::{DeliveryId, WebhookId};
use jiff::SignedDuration;
use storage::{Delivery, DeliveryFilter, DeliveryState};

use super::tell::WORTH_TELLING;
use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

/// How many deliveries are forgotten, or told again, in one go.
const AT_ONCE: i64 = 1000;

/// Which deliveries are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct WhichDeliveries {
    /// Those of a webhook.
    pub webhook: Option<WebhookId>,
    /// Those that got so far.
    pub state: Option<DeliveryState>,
    /// The newest so many.
    pub limit: i64,
}

/// A delivery, with all that it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// All that it says.
    pub body: String,
}

impl Operations {
    /// Returns what the tenant's webhooks were told and are to be, newest first.
    pub async fn deliveries(
        &self,
        caller: &Caller,
        which: WhichDeliveries,
    ) -> Result<Vec<Delivery>> {
        let filter = DeliveryFilter {
            webhook_id: which.webhook,
            state: which.state,
            limit: which.limit,
        };
        Ok(self.store(caller).deliveries(filter).await?)
    }

    /// Returns a delivery of the tenant.
    pub async fn show_delivery(
        &self,
        caller: &Caller,
        id: DeliveryId,
    ) -> Result<Option<ShownDelivery>> {
        let found = self.store(caller).delivery(id).await?;
        Ok(found.map(|(delivery, body)| ShownDelivery { delivery, body }))
    }

    /// Has a delivery made again, under its old id; `false` where there is none.
    pub async fn replay_delivery(&self, caller: &Caller, id: DeliveryId) -> Result<bool> {
        let now = self.clock().now();
        let store = self.store(caller);
        let is_there = store.replay_delivery(id, now, now + WORTH_TELLING).await?;
        self.courier().wake();
        Ok(is_there)
    }

    /// Has all deliveries made again that failed, of one webhook or of all; returns how many.
    pub async fn replay_failed_deliveries(
        &self,
        caller: &Caller,
        webhook: Option<WebhookId>,
    ) -> Result<usize> {
        let which = WhichDeliveries {
            webhook,
            state: Some(DeliveryState::Failed),
            limit: AT_ONCE,
        };
        let mut replayed = 0;
        loop {
            let failed = self.deliveries(caller, which).await?;
            if failed.is_empty() {
                return Ok(replayed);
            }
            for delivery in failed {
                replayed += usize::from(self.replay_delivery(caller, delivery.id).await?);
            }
        }
    }

    /// Forgets deliveries that are older than the log keeps them.
    pub(crate) async fn forget_deliveries(&self) -> Result<()> {
        let days = self.delivery_keep_days();
        let before = self.clock().now() - SignedDuration::from_hours(24 * days);
        for tenant in self.database().system().tenants_with_deliveries().await? {
            let store = self.database().store_for(tenant);
            while store.forget_deliveries(before, AT_ONCE).await? > 0 {}
        }
        Ok(())
    }
}
