//! Looking into what webhooks were told, telling it again, and forgetting what is old.

use domain::ids::{DeliveryId, TenantId, WebhookId};
use jiff::Timestamp;

use super::deliveries::DeliveryState;
use crate::error::Result;
use crate::store::Store;
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::Row;

/// Something that a webhook was told, or is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id, which is the same each time it is tried.
    pub id: DeliveryId,
    /// Which webhook.
    pub webhook_id: WebhookId,
    /// What it is, as the vendor calls it.
    pub event: String,
    /// How far it got.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, while it waits.
    pub due_at: Timestamp,
    /// The status of the last answer.
    pub answer: Option<i64>,
    /// Why it was not taken the last time.
    pub reason: Option<String>,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was taken, or given up.
    pub settled_at: Option<Timestamp>,
}

/// Which deliveries.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveryFilter {
    /// Those of a webhook.
    pub webhook_id: Option<WebhookId>,
    /// Those that got so far.
    pub state: Option<DeliveryState>,
    /// The newest so many.
    pub limit: i64,
}

const COLUMNS: &str = "id, webhook_id, event, state, attempts, due_at, answer, reason, created_at, \
     settled_at";

fn read(row: &mut Row) -> Result<Delivery> {
    Ok(Delivery {
        id: row.id(DeliveryId::new)?,
        webhook_id: row.id(WebhookId::new)?,
        event: row.text()?,
        state: row.word(DeliveryState::parse)?,
        attempts: row.int()?,
        due_at: row.time()?,
        answer: row.opt_int()?,
        reason: row.opt_text()?,
        created_at: row.time()?,
        settled_at: row.opt_time()?,
    })
}

impl Store {
    /// Returns what webhooks were told and are to be, newest first, without the words.
    pub async fn deliveries(&self, filter: DeliveryFilter) -> Result<Vec<Delivery>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM deliveries WHERE tenant_id = ?1 \
             AND (CAST(?2 AS BIGINT) IS NULL OR webhook_id = ?2) \
             AND (CAST(?3 AS TEXT) IS NULL OR state = ?3) ORDER BY id DESC LIMIT ?4"
        );
        let values = [
            self.tenant_value(),
            filter.webhook_id.map(WebhookId::get).into(),
            filter.state.map(DeliveryState::as_str).into(),
            filter.limit.into(),
        ];
        self.rows(sql, values, read).await
    }

    /// Returns a delivery, and its words.
    pub async fn delivery(&self, id: DeliveryId) -> Result<Option<(Delivery, String)>> {
        let sql =
            format!("SELECT {COLUMNS}, body FROM deliveries WHERE tenant_id = ?1 AND id = ?2");
        let values = [self.tenant_value(), id.get().into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(&sql, &values).await }))
            .await?;
        row.map(|mut row| Ok((read(&mut row)?, row.text()?)))
            .transpose()
    }

    /// Has a delivery made again, under its old id; `false` where there is none.
    pub async fn replay_delivery(
        &self,
        id: DeliveryId,
        now: Timestamp,
        give_up_at: Timestamp,
    ) -> Result<bool> {
        let values = [
            self.tenant_value(),
            id.get().into(),
            now.into(),
            give_up_at.into(),
        ];
        let sql = "UPDATE deliveries SET state = 'waiting', attempts = 0, due_at = ?3, \
             give_up_at = ?4, settled_at = NULL WHERE tenant_id = ?1 AND id = ?2";
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { Ok(tx.execute(sql, &values).await? == 1) })
            }))
            .await
    }

    /// Keeps in the log what a webhook was told outside of any event.
    pub async fn log_delivery(&self, told: Delivery, body: &str) -> Result<()> {
        let values = [
            self.tenant_value(),
            told.id.get().into(),
            told.webhook_id.get().into(),
            told.event.into(),
            body.into(),
            told.state.as_str().into(),
            told.attempts.into(),
            told.due_at.into(),
            told.answer.into(),
            told.reason.into(),
            told.created_at.into(),
            told.settled_at.into(),
        ];
        let sql = "INSERT INTO deliveries (tenant_id, id, webhook_id, event, about, body, state, \
             attempts, due_at, give_up_at, answer, reason, created_at, settled_at) \
             VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?6, ?7, ?8, ?8, ?9, ?10, ?11, ?12)";
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(sql, &values).await.map(drop) })
            }))
            .await
    }

    /// Takes an id for a delivery.
    pub async fn take_delivery_id(&self) -> Result<DeliveryId> {
        let id = self.database.next_id().await?;
        let none = || crate::error::Error::Corrupt("a fresh id is no id".into());
        DeliveryId::new(id).ok_or_else(none)
    }

    /// Forgets deliveries that were written down before `before`, a few of the oldest at a time;
    /// returns how many.
    pub async fn forget_deliveries(&self, before: Timestamp, limit: i64) -> Result<u64> {
        let values = [self.tenant_value(), before.into(), limit.into()];
        // By id, which follows time closely enough and needs no index of its own.
        let sql = "DELETE FROM deliveries WHERE tenant_id = ?1 AND created_at < ?2 AND id IN \
             (SELECT d.id FROM deliveries d WHERE d.tenant_id = ?1 ORDER BY d.id LIMIT ?3)";
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(sql, &values).await })
            }))
            .await
    }
}

impl System {
    /// Returns the tenants that have a log of deliveries.
    pub async fn tenants_with_deliveries(&self) -> Result<Vec<TenantId>> {
        self.database()
            .read(|tx| Box::pin(with_deliveries(tx)))
            .await
    }
}

/// Jumps from tenant to tenant in the index.
async fn with_deliveries(tx: &mut Tx) -> Result<Vec<TenantId>> {
    let (mut found, mut last) = (Vec::new(), 0);
    loop {
        // global: every tenant in turn.
        let sql =
            "SELECT tenant_id FROM deliveries WHERE tenant_id > ?1 ORDER BY tenant_id LIMIT 1";
        let Some(mut row) = tx.first(sql, &[last.into()]).await? else {
            return Ok(found);
        };
        last = row.int()?;
        found.extend(TenantId::new(last));
    }
}
