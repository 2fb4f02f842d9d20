//! Consent: the state as it stands, and the log that is never overwritten.

use domain::consent::{ConsentOrigin, Topic};
use domain::ids::{ChannelId, ContactId};
use jiff::Timestamp;

use crate::contacts;
use crate::error::Result;
use crate::store::Store;
use crate::tx::{Tx, work};

/// A change of consent.
#[derive(Clone, Debug)]
pub struct ConsentChange {
    /// Whose.
    pub contact_id: ContactId,
    /// The channel concerned; `None` is every channel.
    pub channel_id: Option<ChannelId>,
    /// What it is about.
    pub topic: Topic,
    /// Whether the person opted out (or back in).
    pub is_opted_out: bool,
    /// How it came.
    pub origin: ConsentOrigin,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Writes a consent and its log entry; `false` where the tenant has no such contact.
    pub async fn set_consent(&self, change: ConsentChange) -> Result<bool> {
        let (id, tenant) = (self.database.next_id().await?, self.tenant.get());
        self.database
            .write(work(move |tx| {
                let change = change.clone();
                Box::pin(async move { set(tx, tenant, id, &change).await })
            }))
            .await
    }
}

async fn set(tx: &mut Tx, tenant: i64, id: i64, change: &ConsentChange) -> Result<bool> {
    let contact = change.contact_id.get();
    // One change of a contact at a time: the copy below must see all the others.
    if !contacts::lock(tx, tenant, contact).await? {
        return Ok(false);
    }
    let channel = change.channel_id.map_or(0, ChannelId::get);
    let topic = change.topic.as_str();
    let sql = "INSERT INTO consents \
         (tenant_id, contact_id, channel_id, topic, is_opted_out, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (tenant_id, contact_id, channel_id, topic) \
         DO UPDATE SET is_opted_out = excluded.is_opted_out, changed_at = excluded.changed_at";
    let values = [
        tenant.into(),
        contact.into(),
        channel.into(),
        topic.into(),
        change.is_opted_out.into(),
        change.at.into(),
    ];
    tx.execute(sql, &values).await?;
    let sql = "INSERT INTO consent_log (tenant_id, id, contact_id, channel_id, topic, \
         is_opted_out, origin, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let values = [
        tenant.into(),
        id.into(),
        contact.into(),
        channel.into(),
        topic.into(),
        change.is_opted_out.into(),
        change.origin.as_str().into(),
        change.reason.as_deref().into(),
        change.at.into(),
    ];
    tx.execute(sql, &values).await?;
    mirror(tx, tenant, contact, change.at).await?;
    Ok(true)
}

/// Brings the copy that a contact carries, so that lists need no join, up to date.
pub(crate) async fn mirror(tx: &mut Tx, tenant: i64, contact: i64, at: Timestamp) -> Result<()> {
    let sql = "UPDATE contacts SET updated_at = ?3, is_opted_out = \
         CASE WHEN EXISTS (SELECT 1 FROM consents c WHERE c.tenant_id = ?1 AND c.contact_id = ?2 \
             AND c.topic = 'all' AND c.is_opted_out = 1) THEN 1 ELSE 0 END \
         WHERE tenant_id = ?1 AND id = ?2";
    tx.execute(sql, &[tenant.into(), contact.into(), at.into()])
        .await
        .map(drop)
}
