//! Events that are not told yet.

use std::collections::HashSet;

use domain::event::EventKind;
use domain::ids::TenantId;
use jiff::Timestamp;

use super::deliveries::{self, NewDelivery};
use crate::error::{Error, Result};
use crate::leases::{Lease, must_hold};
use crate::sql;
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

const TENANT_COLUMNS: [(&str, &str); 1] = [("v_tenant_id", "BIGINT")];

const COLUMNS: [(&str, &str); 4] = [
    ("tenant_id", "BIGINT"),
    ("at", "BIGINT"),
    ("subject_id", "BIGINT"),
    ("kind", "TEXT"),
];

/// Lets those hear of these who want to; call it in the transaction in which they happen. Where
/// nobody listens it is one look-up, however many there are.
pub(crate) async fn announce(tx: &mut Tx, news: &[Announcement]) -> Result<()> {
    let listening = listening(tx, news).await?;
    let heard: Vec<&Announcement> = news
        .iter()
        .filter(|it| listening.contains(&it.tenant))
        .collect();
    for chunk in heard.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for event in chunk {
            values.extend([event.tenant.into(), event.at.into(), event.subject.into()]);
            values.push(event.kind.as_str().into());
        }
        let insert = sql::insert("events", &COLUMNS, &mut values);
        tx.execute(&format!("{insert} ON CONFLICT DO NOTHING"), &values)
            .await?;
    }
    Ok(())
}

/// Returns those of the tenants that have a webhook which is on.
async fn listening(tx: &mut Tx, news: &[Announcement]) -> Result<HashSet<i64>> {
    let mut tenants: Vec<i64> = news.iter().map(|event| event.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let mut listening = HashSet::new();
    for chunk in tenants.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = chunk.iter().map(|tenant| (*tenant).into()).collect();
        let with = sql::with_values(&TENANT_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT v_tenant_id FROM v WHERE EXISTS (SELECT 1 FROM webhooks w \
             WHERE w.tenant_id = v_tenant_id AND w.disabled_at IS NULL)"
        );
        for mut row in tx.query(&sql, &values).await? {
            listening.insert(row.int()?);
        }
    }
    Ok(listening)
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
