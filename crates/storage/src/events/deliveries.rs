//! What webhooks are told: written down, taken up when it is due, and what became of it.

use domain::ids::{DeliveryId, TenantId, WebhookId};
use jiff::Timestamp;

use crate::error::Result;
use crate::sql;
use crate::store::Store;
use crate::system::System;
use crate::tx::{Tx, first_of_each_pair, work};
use crate::value::{Row, Value};

/// How far a delivery got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits for its turn, or to be tried again.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// Something that a webhook is to be told.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Which one.
    pub webhook_id: WebhookId,
    /// What it is, as the vendor calls it.
    pub event: String,
    /// Whom or what it is about; of one such, one delivery follows the other.
    pub about: i64,
    /// All that is said.
    pub body: String,
    /// When it is no longer worth telling.
    pub give_up_at: Timestamp,
    /// When it is written down, and due.
    pub at: Timestamp,
}

/// A delivery whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// Its id, which is the same each time it is tried.
    pub id: DeliveryId,
    /// What it is, as the vendor calls it.
    pub event: String,
    /// Whom or what it is about.
    pub about: i64,
    /// All that is said.
    pub body: String,
    /// How often it was tried before.
    pub attempts: i64,
    /// When it is no longer worth telling.
    pub give_up_at: Timestamp,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// How often it was tried before; tells this attempt from others.
    pub attempts: i64,
    /// What follows.
    pub as_what: SettledAs,
    /// The status of the answer, if there was one.
    pub answer: Option<i64>,
    /// Why it was not taken.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettledAs {
    /// It was taken.
    Delivered,
    /// It is tried again at a time.
    Again(Timestamp),
    /// It is given up; after so many in a row the webhook is turned off, if after any.
    Failed {
        /// So many.
        off_after: Option<i64>,
    },
}

const COLUMNS: [(&str, &str); 11] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("webhook_id", "BIGINT"),
    ("event", "TEXT"),
    ("about", "BIGINT"),
    ("body", "TEXT"),
    ("state", "TEXT"),
    ("attempts", "BIGINT"),
    ("due_at", "BIGINT"),
    ("give_up_at", "BIGINT"),
    ("created_at", "BIGINT"),
];

/// Writes deliveries down.
pub(super) async fn insert(tx: &mut Tx, tenant: i64, rows: &[(i64, NewDelivery)]) -> Result<()> {
    for chunk in rows.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for (id, new) in chunk {
            values.extend([tenant.into(), (*id).into(), new.webhook_id.get().into()]);
            values.extend([new.event.as_str().into(), new.about.into()]);
            values.push(new.body.as_str().into());
            values.extend([DeliveryState::Waiting.as_str().into(), 0.into()]);
            values.extend([new.at.into(), new.give_up_at.into(), new.at.into()]);
        }
        let sql = sql::insert("deliveries", &COLUMNS, &mut values);
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

impl System {
    /// Returns the webhooks with something due.
    pub async fn webhooks_with_due(&self, now: Timestamp) -> Result<Vec<(TenantId, WebhookId)>> {
        self.database()
            .read(|tx| Box::pin(async move { with_due(tx, now).await }))
            .await
    }
}

async fn with_due(tx: &mut Tx, now: Timestamp) -> Result<Vec<(TenantId, WebhookId)>> {
    // global: every tenant's webhooks in turn.
    let sql = "SELECT tenant_id, webhook_id, due_at FROM deliveries \
         WHERE state = 'waiting' AND (tenant_id, webhook_id) > (?1, ?2) \
         ORDER BY tenant_id, webhook_id, due_at LIMIT 1";
    let waiting = first_of_each_pair(tx, sql).await?.into_iter();
    let due = waiting.filter(|(_, _, due_at)| due_at.is_none_or(|at| at <= now));
    let named = |(tenant, webhook, _)| TenantId::new(tenant).zip(WebhookId::new(webhook));
    Ok(due.filter_map(named).collect())
}

impl Store {
    /// Returns what a webhook is to be told by now, those due longest first.
    pub async fn due_deliveries(
        &self,
        webhook: WebhookId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>> {
        let sql = "SELECT id, event, about, body, attempts, give_up_at FROM deliveries \
             WHERE tenant_id = ?1 AND webhook_id = ?2 AND state = 'waiting' AND due_at <= ?3 \
             ORDER BY due_at, id LIMIT ?4";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [
            self.tenant_value(),
            webhook.get().into(),
            now.into(),
            limit.into(),
        ];
        self.rows(sql, values, read).await
    }

    /// Writes down what became of an attempt; `false` where something else became of it before.
    pub async fn settle_delivery(
        &self,
        webhook: WebhookId,
        delivery: DeliveryId,
        settlement: Settlement,
    ) -> Result<bool> {
        let key = [self.tenant.get(), webhook.get(), delivery.get()];
        self.database
            .write(work(move |tx| {
                let settlement = settlement.clone();
                Box::pin(async move { settle(tx, key, &settlement).await })
            }))
            .await
    }

    /// Gives up some of what a webhook was to be told; returns how much.
    pub async fn give_up_deliveries(
        &self,
        webhook: WebhookId,
        reason: &'static str,
        at: Timestamp,
        limit: i64,
    ) -> Result<u64> {
        let sql = "UPDATE deliveries SET state = 'failed', reason = ?3, settled_at = ?4 \
             WHERE tenant_id = ?1 AND state = 'waiting' AND id IN \
             (SELECT d.id FROM deliveries d WHERE d.tenant_id = ?1 AND d.webhook_id = ?2 \
                 AND d.state = 'waiting' ORDER BY d.due_at, d.id LIMIT ?5)";
        let values = [
            self.tenant_value(),
            webhook.get().into(),
            reason.into(),
            at.into(),
            limit.into(),
        ];
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(sql, &values).await })
            }))
            .await
    }
}

fn read(row: &mut Row) -> Result<DueDelivery> {
    Ok(DueDelivery {
        id: row.id(DeliveryId::new)?,
        event: row.text()?,
        about: row.int()?,
        body: row.text()?,
        attempts: row.int()?,
        give_up_at: row.time()?,
    })
}

/// An attempt is known by its number: whoever was slow to notice its end changes nothing.
async fn settle(tx: &mut Tx, key: [i64; 3], settlement: &Settlement) -> Result<bool> {
    let [tenant, webhook, delivery] = key;
    let (state, due_at) = match settlement.as_what {
        SettledAs::Delivered => (DeliveryState::Delivered, None),
        SettledAs::Failed { .. } => (DeliveryState::Failed, None),
        SettledAs::Again(due_at) => (DeliveryState::Waiting, Some(due_at)),
    };
    let sql = "UPDATE deliveries SET state = ?4, attempts = attempts + 1, answer = ?5, \
         reason = ?6, due_at = COALESCE(CAST(?7 AS BIGINT), due_at), settled_at = ?8 \
         WHERE tenant_id = ?1 AND id = ?2 AND attempts = ?3 AND state = 'waiting'";
    let values = [
        tenant.into(),
        delivery.into(),
        settlement.attempts.into(),
        state.as_str().into(),
        settlement.answer.into(),
        settlement.reason.as_deref().into(),
        due_at.into(),
        due_at.is_none().then_some(settlement.at).into(),
    ];
    if tx.execute(sql, &values).await? == 0 {
        return Ok(false);
    }
    match settlement.as_what {
        SettledAs::Again(_) => {}
        SettledAs::Delivered => {
            let sql = "UPDATE webhooks SET failures = 0 \
                 WHERE tenant_id = ?1 AND id = ?2 AND failures > 0";
            tx.execute(sql, &[tenant.into(), webhook.into()]).await?;
        }
        SettledAs::Failed { off_after } => {
            let failed = [tenant.into(), webhook.into(), settlement.at.into()];
            fail_webhook(tx, failed, off_after).await?;
        }
    }
    Ok(true)
}

/// Counts a failed delivery, and turns the webhook off where there were enough in a row.
async fn fail_webhook(tx: &mut Tx, failed: [Value; 3], off_after: Option<i64>) -> Result<()> {
    let [tenant, webhook, at] = failed;
    let sql = "UPDATE webhooks SET failures = failures + 1 WHERE tenant_id = ?1 AND id = ?2";
    tx.execute(sql, &[tenant.clone(), webhook.clone()]).await?;
    if let Some(off_after) = off_after {
        let why = format!("{off_after} deliveries failed one after the other");
        let sql = "UPDATE webhooks SET disabled_at = ?3, disabled_why = ?4 \
             WHERE tenant_id = ?1 AND id = ?2 AND disabled_at IS NULL AND failures >= ?5";
        let values = [tenant, webhook, at, why.into(), off_after.into()];
        tx.execute(sql, &values).await?;
    }
    Ok(())
}
