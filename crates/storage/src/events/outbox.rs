//! Events that are not told yet.

use domain::event::EventKind;
use domain::ids::TenantId;
use jiff::Timestamp;

use super::deliveries::{self, NewDelivery};
use crate::error::{Error, Result};
use crate::leases::{Lease, must_hold};
use crate::sql::{self, Statement};
use crate::store::Store;
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// Something that happened, on its way into the outbox.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announcement {
    pub(crate) tenant: i64,
    pub(crate) kind: EventKind,
    /// The message, conversation, consent or template it happened to.
    pub(crate) subject: i64,
    pub(crate) at: Timestamp,
}

const COLUMNS: [(&str, &str); 4] = [
    ("v_tenant_id", "BIGINT"),
    ("v_at", "BIGINT"),
    ("v_subject_id", "BIGINT"),
    ("v_kind", "TEXT"),
];

/// Lets those hear of these who want to; call it in the transaction in which they happen.
pub(crate) async fn announce(tx: &mut Tx, news: &[Announcement]) -> Result<()> {
    tx.query_all(&announcements(news)).await?;
    Ok(())
}

/// Returns the statements that announce these to the tenants that have a webhook which is on.
pub(crate) fn announcements(news: &[Announcement]) -> Vec<Statement> {
    let statement = |chunk: &[Announcement]| {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for event in chunk {
            values.extend([event.tenant.into(), event.at.into(), event.subject.into()]);
            values.push(event.kind.as_str().into());
        }
        let with = sql::with_values(&COLUMNS, &mut values);
        let sql = format!(
            "{with} INSERT INTO events (tenant_id, at, subject_id, kind) \
             SELECT v_tenant_id, v_at, v_subject_id, v_kind FROM v \
             WHERE EXISTS (SELECT 1 FROM webhooks w \
                 WHERE w.tenant_id = v_tenant_id AND w.disabled_at IS NULL) \
             ON CONFLICT DO NOTHING"
        );
        (sql, values)
    };
    news.chunks(sql::MAX_ROWS).map(statement).collect()
}

/// Something that happened and is not told yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxEvent {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// The message, conversation, consent or template it happened to.
    pub subject_id: i64,
}

impl System {
    /// Returns the tenants with something to tell.
    pub async fn tenants_with_events(&self) -> Result<Vec<TenantId>> {
        self.database().read(|tx| Box::pin(with_events(tx))).await
    }
}

/// Jumps from tenant to tenant in the index.
async fn with_events(tx: &mut Tx) -> Result<Vec<TenantId>> {
    let (mut found, mut last) = (Vec::new(), 0);
    loop {
        // global: every tenant in turn.
        let sql = "SELECT tenant_id FROM events WHERE tenant_id > ?1 ORDER BY tenant_id LIMIT 1";
        let Some(mut row) = tx.first(sql, &[last.into()]).await? else {
            return Ok(found);
        };
        last = row.int()?;
        found.extend(TenantId::new(last));
    }
}

impl Store {
    /// Returns what is to be told, oldest first.
    pub async fn untold(&self, limit: i64) -> Result<Vec<OutboxEvent>> {
        let sql = "SELECT at, kind, subject_id FROM events WHERE tenant_id = ?1 \
             ORDER BY at, subject_id LIMIT ?2";
        let values = [self.tenant_value(), limit.into()];
        let rows = self
            .database
            .read(|tx| Box::pin(async move { tx.query(sql, &values).await }))
            .await?;
        let mut events = rows
            .into_iter()
            .map(|mut row| read(&mut row))
            .collect::<Result<Vec<_>>>()?;
        events.sort_unstable();
        Ok(events)
    }

    /// Puts deliveries in the place of the events that they tell of, under a lease.
    pub async fn tell(
        &self,
        lease: &Lease,
        events: Vec<OutboxEvent>,
        new: Vec<NewDelivery>,
    ) -> Result<()> {
        let mut rows = Vec::with_capacity(new.len());
        for delivery in new {
            rows.push((self.database.next_id().await?, delivery));
        }
        let telling = std::sync::Arc::new((lease.clone(), events, rows));
        let tenant = self.tenant.get();
        self.database
            .write(work(move |tx| {
                let telling = std::sync::Arc::clone(&telling);
                Box::pin(async move {
                    let (lease, events, rows) = &*telling;
                    must_hold(tx, lease).await?;
                    deliveries::insert(tx, tenant, rows).await?;
                    forget(tx, tenant, events).await
                })
            }))
            .await
    }
}

fn read(row: &mut Row) -> Result<OutboxEvent> {
    Ok(OutboxEvent {
        at: row.time()?,
        kind: row.word(EventKind::parse)?,
        subject_id: row.int()?,
    })
}

async fn forget(tx: &mut Tx, tenant: i64, events: &[OutboxEvent]) -> Result<()> {
    let sql = "DELETE FROM events \
         WHERE tenant_id = ?1 AND at = ?2 AND subject_id = ?3 AND kind = ?4 RETURNING 1";
    let statement = |event: &OutboxEvent| {
        let mut values: Vec<Value> = vec![tenant.into(), event.at.into()];
        values.extend([event.subject_id.into(), event.kind.as_str().into()]);
        (sql.to_owned(), values)
    };
    let statements: Vec<_> = events.iter().map(statement).collect();
    let gone = tx.query_all(&statements).await?;
    if gone.iter().any(Vec::is_empty) {
        return Err(Error::lost_race("an event was told by somebody else"));
    }
    Ok(())
}
