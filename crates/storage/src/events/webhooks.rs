//! Who is told of what happens.

use domain::ids::WebhookId;
use domain::key::Api;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// An address that is told of what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// The API in whose words it is told.
    pub api: Api,
    /// The address.
    pub url: String,
    /// Of what, as the vendor calls it, or `all`.
    pub events: Vec<String>,
    /// Where what it is told of happens, as the vendor calls it.
    pub platform: String,
    /// What signs what it is told, sealed.
    pub secret_sealed: Option<Vec<u8>>,
    /// Since when it is told nothing, and why.
    pub disabled: Option<Disabled>,
    /// How many deliveries failed one after the other, up to now.
    pub failures: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Why a webhook is told nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// A webhook to be made.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Its id, for which its secret is sealed.
    pub id: WebhookId,
    /// The API in whose words it is told.
    pub api: Api,
    /// The address.
    pub url: String,
    /// Of what.
    pub events: Vec<String>,
    /// Where what it is told of happens.
    pub platform: String,
    /// What signs what it is told, sealed.
    pub secret_sealed: Option<Vec<u8>>,
    /// When.
    pub at: Timestamp,
}

/// What became of a [`NewWebhook`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeWebhook {
    /// It is made.
    Created(Webhook),
    /// The same address was told the same already; it is on.
    Known(Webhook),
    /// The tenant has as many as it may have.
    Full,
}

const COLUMNS: &str = "id, api, url, events, platform, secret_sealed, disabled_at, disabled_why, \
     failures, created_at";

fn read(row: &mut Row) -> Result<Webhook> {
    Ok(Webhook {
        id: row.id(WebhookId::new)?,
        api: row.word(Api::parse)?,
        url: row.text()?,
        events: row.text()?.split(',').map(str::to_owned).collect(),
        platform: row.text()?,
        secret_sealed: row.opt_bytes()?,
        disabled: match (row.opt_time()?, row.opt_text()?) {
            (Some(at), why) => Some(Disabled {
                at,
                why: why.unwrap_or_default(),
            }),
            (None, _) => None,
        },
        failures: row.int()?,
        created_at: row.time()?,
    })
}

impl Store {
    /// Takes an id for a webhook, so that its secret can be sealed for it.
    pub async fn take_webhook_id(&self) -> Result<WebhookId> {
        let id = self.database.next_id().await?;
        WebhookId::new(id).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))
    }

    /// Makes a webhook, unless the same address is told the same already, or there are `max`.
    pub async fn create_webhook(&self, new: NewWebhook, max: usize) -> Result<MadeWebhook> {
        let tenant = self.tenant.get();
        self.database
            .write(work(move |tx| {
                let new = new.clone();
                Box::pin(async move { create(tx, tenant, &new, max).await })
            }))
            .await
    }

    /// Returns the tenant's webhooks, oldest first.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>> {
        let tenant = self.tenant.get();
        self.database
            .read(|tx| Box::pin(async move { all(tx, tenant).await }))
            .await
    }

    /// Returns the webhook of this id.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>> {
        let sql = format!("SELECT {COLUMNS} FROM webhooks WHERE tenant_id = ?1 AND id = ?2");
        let values = [self.tenant_value(), id.get().into()];
        self.first(sql, values, read).await
    }

    /// Turns a webhook on, and forgets how often it failed; `false` where there is none.
    pub async fn enable_webhook(&self, id: WebhookId) -> Result<bool> {
        self.change_webhook(id, ENABLE, Vec::new()).await
    }

    /// Turns a webhook off for a reason; `false` where there is none.
    pub async fn disable_webhook(&self, id: WebhookId, disabled: Disabled) -> Result<bool> {
        let sql = "UPDATE webhooks SET disabled_at = ?3, disabled_why = ?4 \
             WHERE tenant_id = ?1 AND id = ?2";
        let values = vec![disabled.at.into(), disabled.why.into()];
        self.change_webhook(id, sql, values).await
    }

    /// Has what a webhook is told signed with another secret; `false` where there is none.
    pub async fn set_webhook_secret(&self, id: WebhookId, sealed: &[u8]) -> Result<bool> {
        let sql = "UPDATE webhooks SET secret_sealed = ?3 WHERE tenant_id = ?1 AND id = ?2";
        self.change_webhook(id, sql, vec![sealed.into()]).await
    }

    /// Removes a webhook; `false` where there is none. What it was told stays in the log.
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<bool> {
        let sql = "DELETE FROM webhooks WHERE tenant_id = ?1 AND id = ?2";
        self.change_webhook(id, sql, Vec::new()).await
    }

    async fn change_webhook(
        &self,
        id: WebhookId,
        sql: &'static str,
        further: Vec<Value>,
    ) -> Result<bool> {
        let mut values = vec![self.tenant_value(), id.get().into()];
        values.extend(further);
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { Ok(tx.execute(sql, &values).await? == 1) })
            }))
            .await
    }
}

const ENABLE: &str = "UPDATE webhooks SET disabled_at = NULL, disabled_why = NULL, failures = 0 \
     WHERE tenant_id = ?1 AND id = ?2";

async fn all(tx: &mut Tx, tenant: i64) -> Result<Vec<Webhook>> {
    let sql = format!("SELECT {COLUMNS} FROM webhooks WHERE tenant_id = ?1 ORDER BY id");
    let rows = tx.query(&sql, &[tenant.into()]).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

async fn create(tx: &mut Tx, tenant: i64, new: &NewWebhook, max: usize) -> Result<MadeWebhook> {
    // One at a time, so that none is made twice.
    let lock = tx.for_update();
    let sql = format!("SELECT id AS tenant_id FROM tenants WHERE id = ?1{lock}");
    tx.query(&sql, &[tenant.into()]).await?;
    let known = all(tx, tenant).await?;
    let is_same = |it: &&Webhook| {
        (it.api, &it.url, &it.platform) == (new.api, &new.url, &new.platform)
            && it.events == new.events
    };
    if let Some(same) = known.iter().find(is_same) {
        tx.execute(ENABLE, &[tenant.into(), same.id.get().into()])
            .await?;
        return Ok(MadeWebhook::Known(Webhook {
            disabled: None,
            failures: 0,
            ..same.clone()
        }));
    }
    if known.len() >= max {
        return Ok(MadeWebhook::Full);
    }
    let sql = format!(
        "INSERT INTO webhooks (tenant_id, id, api, url, events, platform, secret_sealed, \
         created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING {COLUMNS}"
    );
    let values = [
        tenant.into(),
        new.id.get().into(),
        new.api.as_str().into(),
        new.url.as_str().into(),
        new.events.join(",").into(),
        new.platform.as_str().into(),
        new.secret_sealed.as_deref().into(),
        new.at.into(),
    ];
    let row = tx.first(&sql, &values).await?;
    let lost = || Error::Corrupt("a webhook vanished".into());
    Ok(MadeWebhook::Created(read(&mut row.ok_or_else(lost)?)?))
}
