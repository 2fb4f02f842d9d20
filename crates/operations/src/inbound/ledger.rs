//! Looking into the ledger, replaying from it, and forgetting what is old.

use domain::tenant::Tenant;
use jiff::SignedDuration;
use storage::{EventState, KeptEvent, LedgerFilter};

use crate::error::Result;
use crate::operations::Operations;

/// How many events are forgotten in one go.
const FORGOTTEN_AT_ONCE: i64 = 2000;

/// Which events of the ledger are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventFilter<'t> {
    /// Those of a tenant's numbers.
    pub tenant: Option<&'t Tenant>,
    /// Those that got so far.
    pub state: Option<EventState>,
    /// The newest so many.
    pub limit: i64,
}

impl Operations {
    /// Returns events of the ledger, newest first.
    pub async fn kept_events(&self, filter: EventFilter<'_>) -> Result<Vec<KeptEvent>> {
        let filter = LedgerFilter {
            tenant_id: filter.tenant.map(|tenant| tenant.id),
            state: filter.state,
            id: None,
            limit: filter.limit,
        };
        Ok(self.database().system().kept_events(filter).await?)
    }

    /// Returns an event of the ledger.
    pub async fn kept_event(&self, id: i64) -> Result<Option<KeptEvent>> {
        let filter = LedgerFilter {
            id: Some(id),
            limit: 1,
            ..LedgerFilter::default()
        };
        let found = self.database().system().kept_events(filter).await?;
        Ok(found.into_iter().next())
    }

    /// Lets an event be applied again; `false` where there is none.
    pub async fn replay_event(&self, id: i64) -> Result<bool> {
        let now = self.clock().now();
        let is_there = self.database().system().replay_event(id, now).await?;
        self.arrivals().news.notify_one();
        Ok(is_there)
    }

    /// Lets everything that failed be applied again; returns how much it is.
    pub async fn replay_failed(&self) -> Result<usize> {
        let now = self.clock().now();
        let replayed = self.database().system().replay_failed(now).await?;
        self.arrivals().news.notify_one();
        Ok(replayed)
    }

    /// Forgets events that are older than the ledger keeps them.
    pub(crate) async fn forget_events(&self) -> Result<()> {
        let before = self.clock().now() - SignedDuration::from_hours(24 * self.inbound_keep_days());
        let system = self.database().system();
        while system.forget_events(before, FORGOTTEN_AT_ONCE).await? > 0 {}
        Ok(())
    }
}
