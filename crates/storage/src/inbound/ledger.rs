//! Looking into the ledger, replaying from it, and forgetting what is old.

use domain::ids::TenantId;
use jiff::Timestamp;

use super::waiting::wait;
use crate::error::Result;
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// How far an event got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventState {
    /// It waits to be applied.
    Received,
    /// It was applied.
    Applied,
    /// It could not be applied.
    Failed,
}

impl EventState {
    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Applied => "applied",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Received, Self::Applied, Self::Failed]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// An event in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    /// Its id.
    pub id: i64,
    /// How far it got.
    pub state: EventState,
    /// What it is about, in a word.
    pub kind: String,
    /// The app that posted it.
    pub app_id: i64,
    /// The business account it is of.
    pub waba_id: String,
    /// The number it is of, if it names one.
    pub phone_number_id: Option<String>,
    /// Whose number that is now.
    pub tenant_id: Option<TenantId>,
    /// Why it failed, or what is to be said of it besides.
    pub reason: Option<String>,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// When it came.
    pub received_at: Timestamp,
    /// All of it, as Meta says it.
    pub body: String,
}

/// Which events of the ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct LedgerFilter {
    /// Those of a tenant's numbers.
    pub tenant_id: Option<TenantId>,
    /// Those that got so far.
    pub state: Option<EventState>,
    /// One of them.
    pub id: Option<i64>,
    /// The newest so many.
    pub limit: i64,
}

const SELECT: &str = "SELECT e.id, w.event_id, f.event_id, e.kind, e.app_id, e.waba_id, \
         e.phone_number_id, n.tenant_id, COALESCE(f.reason, e.note), \
         COALESCE(f.attempts, w.attempts, 0), e.received_at, e.body \
     FROM inbound_events e \
     LEFT JOIN inbound_waiting w ON w.event_id = e.id \
     LEFT JOIN inbound_failed f ON f.event_id = e.id \
     LEFT JOIN numbers n ON n.phone_number_id = e.phone_number_id";

fn read(row: &mut Row) -> Result<KeptEvent> {
    let (id, waits, failed) = (row.int()?, row.opt_int()?, row.opt_int()?);
    let state = match (waits, failed) {
        (Some(_), _) => EventState::Received,
        (None, Some(_)) => EventState::Failed,
        (None, None) => EventState::Applied,
    };
    Ok(KeptEvent {
        id,
        state,
        kind: row.text()?,
        app_id: row.int()?,
        waba_id: row.text()?,
        phone_number_id: row.opt_text()?,
        tenant_id: row.opt_int()?.and_then(TenantId::new),
        reason: row.opt_text()?,
        attempts: row.int()?,
        received_at: row.time()?,
        body: row.text()?,
    })
}

impl System {
    /// Returns events of the ledger, newest first.
    pub async fn kept_events(&self, filter: LedgerFilter) -> Result<Vec<KeptEvent>> {
        let tenant = filter.tenant_id.map(TenantId::get);
        let state = match filter.state {
            None => "1 = 1",
            Some(EventState::Received) => "w.event_id IS NOT NULL",
            Some(EventState::Failed) => "f.event_id IS NOT NULL AND w.event_id IS NULL",
            Some(EventState::Applied) => "f.event_id IS NULL AND w.event_id IS NULL",
        };
        // global: events are whose number they are of.
        let sql = format!(
            "{SELECT} WHERE {state} \
             AND (CAST(?1 AS BIGINT) IS NULL OR n.tenant_id = ?1) \
             AND (CAST(?2 AS BIGINT) IS NULL OR e.id = ?2) \
             ORDER BY e.received_at DESC, e.id DESC LIMIT ?3"
        );
        let values = [tenant.into(), filter.id.into(), filter.limit.into()];
        let rows = self
            .database()
            .read(|tx| Box::pin(async move { tx.query(&sql, &values).await }))
            .await?;
        rows.into_iter().map(|mut row| read(&mut row)).collect()
    }

    /// Lets an event that failed or was applied be applied again; `false` where there is none.
    pub async fn replay_event(&self, id: i64, now: Timestamp) -> Result<bool> {
        let unit = work(move |tx| Box::pin(async move { replay(tx, id, now).await }));
        self.database().write(unit).await
    }

    /// Lets everything that failed be applied again; returns how much it is.
    pub async fn replay_failed(&self, now: Timestamp) -> Result<usize> {
        let unit = work(move |tx| {
            Box::pin(async move {
                // global: events are whose number they are of.
                let sql = "DELETE FROM inbound_failed WHERE event_id > 0 RETURNING event_id";
                let failed = tx.query(sql, &[]).await?;
                let count = failed.len();
                for mut row in failed {
                    wait(tx, row.int()?, now).await?;
                }
                Ok(count)
            })
        });
        self.database().write(unit).await
    }

    /// Forgets events that came before `before`, a few at a time; returns how many. What waits is
    /// never forgotten.
    pub async fn forget_events(&self, before: Timestamp, limit: i64) -> Result<u64> {
        let values = [before.into(), limit.into()];
        let unit = work(move |tx| {
            let values = values.clone();
            Box::pin(async move {
                // global: events are whose number they are of.
                let sql = "DELETE FROM inbound_events WHERE id IN \
                     (SELECT e.id FROM inbound_events e WHERE e.received_at < ?1 \
                         AND NOT EXISTS (SELECT 1 FROM inbound_waiting w WHERE w.event_id = e.id) \
                         ORDER BY e.received_at, e.id LIMIT ?2)";
                tx.execute(sql, &values).await
            })
        });
        self.database().write(unit).await
    }
}

async fn replay(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool> {
    let values: [Value; 1] = [id.into()];
    // global: events are whose number they are of.
    let sql = "SELECT w.event_id FROM inbound_events e \
         LEFT JOIN inbound_waiting w ON w.event_id = e.id WHERE e.id = ?1";
    let Some(mut row) = tx.first(sql, &values).await? else {
        return Ok(false);
    };
    if row.opt_int()?.is_none() {
        // global: events are whose number they are of.
        let sql = "DELETE FROM inbound_failed WHERE event_id = ?1";
        tx.execute(sql, &values).await?;
        wait(tx, id, now).await?;
    }
    Ok(true)
}
