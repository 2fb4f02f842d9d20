//! Channels: the WhatsApp numbers of a tenant.

use std::collections::HashMap;

use domain::ids::ChannelId;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::lookups::{ByKey, Found, Key};
use crate::sql::Statement;
use crate::store::Store;
use crate::templates::expect_account;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// A WhatsApp number of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its digits.
    pub number: String,
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// Meta's id of the business account.
    pub waba_id: String,
    /// Meta's id of the business portfolio, to which user ids are scoped.
    pub business_id: Option<String>,
    /// The app whose webhook path its events come to.
    pub app_id: Option<i64>,
    /// Meta's token, sealed for `channel/{id}/token`.
    pub token_sealed: Option<Vec<u8>>,
    /// Where the Cloud API is, if not at Meta's.
    pub graph_url: Option<String>,
    /// Messages a second that Meta allows.
    pub tier_per_second: i64,
    /// Since when nothing that waits is sent, and why.
    pub paused: Option<Paused>,
    /// Whether the simulator inside this process answers for it.
    pub is_simulated: bool,
}

/// A pause in the sending of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paused {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub why: String,
    /// Whether Meta's answer was the reason; it ends with the first message that Meta takes again.
    pub is_by_meta: bool,
}

impl Channel {
    /// Returns what user ids are scoped to: the business portfolio, else the business account.
    #[must_use]
    pub fn user_id_scope(&self) -> &str {
        self.business_id.as_deref().unwrap_or(&self.waba_id)
    }
}

/// A channel to be made.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// The channel, with an id taken for it.
    pub channel: Channel,
    /// When it is made.
    pub at: Timestamp,
}

const COLUMNS: &str = "id, number, phone_number_id, waba_id, business_id, app_id, token_sealed, \
     graph_url, tier_per_second, paused_at, paused_why, paused_by_meta, is_simulated";

fn read(row: &mut Row) -> Result<Channel> {
    Ok(Channel {
        id: row.id(ChannelId::new)?,
        number: row.text()?,
        phone_number_id: row.text()?,
        waba_id: row.text()?,
        business_id: row.opt_text()?,
        app_id: row.opt_int()?,
        token_sealed: row.opt_bytes()?,
        graph_url: row.opt_text()?,
        tier_per_second: row.int()?,
        paused: {
            let (at, why, is_by_meta) = (row.opt_time()?, row.opt_text()?, row.flag()?);
            at.map(|at| Paused {
                at,
                why: why.unwrap_or_default(),
                is_by_meta,
            })
        },
        is_simulated: row.flag()?,
    })
}

/// The channel that a tenant uses when none is named: each send asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DefaultChannel;

impl Key for DefaultChannel {
    fn as_str(&self) -> &'static str {
        ""
    }
}

impl Found for Channel {
    type Key = DefaultChannel;

    async fn by_keys(tx: &mut Tx, keys: &[(i64, &DefaultChannel)]) -> Result<ByKey<Self>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM channels WHERE tenant_id = ?1 AND deleted_at IS NULL \
             ORDER BY CASE WHEN id = \
                 (SELECT t.default_channel_id FROM tenants t WHERE t.id = ?1) THEN 0 ELSE 1 END, \
             id LIMIT 1"
        );
        let statement = |(tenant, _): &(i64, _)| (sql.clone(), vec![(*tenant).into()]);
        let statements: Vec<Statement> = keys.iter().map(statement).collect();
        let answers = tx.query_all(&statements).await?;
        let mut found = HashMap::with_capacity(keys.len());
        for ((tenant, key), rows) in keys.iter().zip(answers) {
            for mut row in rows {
                found.insert((*tenant, key.as_str().to_owned()), read(&mut row)?);
            }
        }
        Ok(found)
    }
}

impl Store {
    /// Takes an id for a channel, so that its token can be sealed for it.
    pub async fn take_channel_id(&self) -> Result<ChannelId> {
        let id = self.database.next_id().await?;
        ChannelId::new(id).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))
    }

    /// Adds a channel; [`Error::Conflict`] where some tenant has this number of Meta's already.
    pub async fn create_channel(&self, new: NewChannel) -> Result<Channel> {
        let tenant = self.tenant.get();
        self.database
            .write(work(move |tx| {
                let new = new.clone();
                Box::pin(async move { create(tx, tenant, &new).await })
            }))
            .await
    }

    /// Returns the tenant's channels, oldest first.
    pub async fn channels(&self) -> Result<Vec<Channel>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM channels WHERE tenant_id = ?1 AND deleted_at IS NULL ORDER BY id"
        );
        let values = [self.tenant_value()];
        self.rows(sql, values, read).await
    }

    /// Returns the channel of this id.
    pub async fn channel(&self, id: ChannelId) -> Result<Option<Channel>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM channels \
             WHERE tenant_id = ?1 AND id = ?2 AND deleted_at IS NULL"
        );
        self.one_channel(sql, vec![self.tenant_value(), id.get().into()])
            .await
    }

    /// Returns the channel that is used when none is named: the one chosen, else the oldest.
    pub async fn default_channel(&self) -> Result<Option<Channel>> {
        let tenant = self.tenant.get();
        self.database.look_up_default_channel(tenant).await
    }

    /// Makes a channel the one that is used when none is named; `false` where there is no such.
    pub async fn set_default_channel(&self, id: ChannelId) -> Result<bool> {
        // global: the tenant's own row.
        let sql = "UPDATE tenants SET default_channel_id = ?2 WHERE id = ?1 AND EXISTS \
             (SELECT 1 FROM channels c WHERE c.tenant_id = ?1 AND c.id = ?2 \
             AND c.deleted_at IS NULL)";
        self.touch_channel(sql, vec![self.tenant_value(), id.get().into()])
            .await
    }

    /// Stops sending on a channel; what is queued stays. `false` where there is no such channel,
    /// or Meta's reason meets one of the operator's, which stays.
    pub async fn pause_channel(&self, id: ChannelId, pause: Paused) -> Result<bool> {
        let sql = "UPDATE channels SET paused_at = ?3, paused_why = ?4, paused_by_meta = ?5 \
             WHERE tenant_id = ?1 AND id = ?2 AND deleted_at IS NULL \
             AND (?5 = 0 OR paused_at IS NULL OR paused_by_meta = 1)";
        let mut values = vec![self.tenant_value(), id.get().into(), pause.at.into()];
        values.extend([pause.why.into(), pause.is_by_meta.into()]);
        self.touch_channel(sql, values).await
    }

    /// Sends again on a channel; `false` where there is no such channel.
    pub async fn resume_channel(&self, id: ChannelId) -> Result<bool> {
        let sql = "UPDATE channels SET paused_at = NULL, paused_why = NULL, paused_by_meta = 0 \
             WHERE tenant_id = ?1 AND id = ?2 AND deleted_at IS NULL";
        self.touch_channel(sql, vec![self.tenant_value(), id.get().into()])
            .await
    }

    /// Takes a channel out of use and forgets its token; its conversations stay. `false` where
    /// there is no such channel.
    pub async fn delete_channel(&self, id: ChannelId, at: Timestamp) -> Result<bool> {
        let tenant = self.tenant.get();
        self.database
            .write(work(move |tx| {
                Box::pin(async move { delete(tx, tenant, id.get(), at).await })
            }))
            .await
    }

    async fn one_channel(&self, sql: String, values: Vec<Value>) -> Result<Option<Channel>> {
        self.first(sql, values, read).await
    }

    async fn touch_channel(&self, sql: &'static str, values: Vec<Value>) -> Result<bool> {
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { Ok(tx.execute(sql, &values).await? == 1) })
            }))
            .await
    }
}

async fn create(tx: &mut Tx, tenant: i64, new: &NewChannel) -> Result<Channel> {
    let channel = &new.channel;
    // global: Meta's id of a number is how an event finds its tenant.
    let sql = "INSERT INTO numbers (phone_number_id, tenant_id, channel_id, app_id) \
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    let number = [
        channel.phone_number_id.as_str().into(),
        tenant.into(),
        channel.id.get().into(),
        channel.app_id.into(),
    ];
    if tx.execute(sql, &number).await? == 0 {
        return Err(Error::Conflict("phone_number_id"));
    }
    let sql = "INSERT INTO channels (tenant_id, id, number, phone_number_id, waba_id, \
         business_id, app_id, token_sealed, graph_url, tier_per_second, is_simulated, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let values = [
        tenant.into(),
        channel.id.get().into(),
        channel.number.as_str().into(),
        channel.phone_number_id.as_str().into(),
        channel.waba_id.as_str().into(),
        channel.business_id.as_deref().into(),
        channel.app_id.into(),
        channel.token_sealed.as_deref().into(),
        channel.graph_url.as_deref().into(),
        channel.tier_per_second.into(),
        channel.is_simulated.into(),
        new.at.into(),
    ];
    tx.execute(sql, &values).await?;
    expect_account(tx, tenant, &channel.waba_id, new.at).await?;
    Ok(channel.clone())
}

async fn delete(tx: &mut Tx, tenant: i64, id: i64, at: Timestamp) -> Result<bool> {
    let sql = "UPDATE channels SET deleted_at = ?3, token_sealed = NULL \
         WHERE tenant_id = ?1 AND id = ?2 AND deleted_at IS NULL";
    if tx
        .execute(sql, &[tenant.into(), id.into(), at.into()])
        .await?
        == 0
    {
        return Ok(false);
    }
    let sql = "DELETE FROM numbers WHERE tenant_id = ?1 AND channel_id = ?2";
    tx.execute(sql, &[tenant.into(), id.into()]).await?;
    Ok(true)
}
