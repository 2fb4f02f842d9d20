//! Consent: the state as it stands, and the log that is never overwritten.

use domain::consent::{Consent, ConsentOrigin, Topic};
use domain::event::EventKind;
use domain::ids::{ChannelId, ConsentId, ContactId};
use jiff::Timestamp;

use crate::contacts;
use crate::error::{Error, Result};
use crate::events::{Announcement, announce};
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

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
    /// Who did it, where that is not the person: a key, or somebody at the console.
    pub made_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// How a person stands to messages from a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The entry of the log by which they are opted out, or were until just now.
    pub opt_out: Option<ConsentId>,
    /// Whether they are opted out, be it of every channel.
    pub is_opted_out: bool,
    /// When the opt-out ended, where it just did.
    pub ended_at: Option<Timestamp>,
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

impl Store {
    /// Changes a consent where that is news, and says how the person stands then; nothing where
    /// the tenant has no such contact. Saying again what is said changes nothing.
    pub async fn change_consent(&self, change: ConsentChange) -> Result<Option<Standing>> {
        let (id, tenant) = (self.database.next_id().await?, self.tenant.get());
        self.database
            .write(work(move |tx| {
                let change = change.clone();
                Box::pin(async move { change_once(tx, tenant, id, &change).await })
            }))
            .await
    }

    /// Returns every change of a contact's consents, oldest first.
    pub async fn consent_log(&self, contact: ContactId) -> Result<Vec<Consent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM consent_log WHERE tenant_id = ?1 AND contact_id = ?2 ORDER BY at, id"
        );
        let values = [self.tenant_value(), contact.get().into()];
        self.rows(sql, values, read).await
    }

    /// Returns an entry of the consent log, and whose it is.
    pub async fn consent(&self, id: ConsentId) -> Result<Option<(ContactId, Consent)>> {
        let sql = format!(
            "SELECT contact_id, {COLUMNS} FROM consent_log WHERE tenant_id = ?1 AND id = ?2"
        );
        let values = [self.tenant_value(), id.get().into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(&sql, &values).await }))
            .await?;
        row.map(|mut row| Ok((row.id(ContactId::new)?, read(&mut row)?)))
            .transpose()
    }
}

/// The columns that [`read`] reads.
const COLUMNS: &str = "id, channel_id, topic, is_opted_out, origin, made_by, reason, at";

fn read(row: &mut Row) -> Result<Consent> {
    Ok(Consent {
        id: row.id(ConsentId::new)?,
        channel_id: ChannelId::new(row.int()?),
        topic: row.word(Topic::parse)?,
        is_opted_out: row.flag()?,
        origin: row.word(ConsentOrigin::parse)?,
        made_by: row.opt_text()?,
        reason: row.opt_text()?,
        at: row.time()?,
    })
}

async fn set(tx: &mut Tx, tenant: i64, id: i64, change: &ConsentChange) -> Result<bool> {
    let contact = change.contact_id.get();
    // One change of a contact at a time: the copy below must see all the others.
    if !contacts::lock(tx, tenant, contact).await? {
        return Ok(false);
    }
    write(tx, tenant, id, change).await?;
    Ok(true)
}

async fn write(tx: &mut Tx, tenant: i64, id: i64, change: &ConsentChange) -> Result<()> {
    let state = state(tenant, change);
    let was_opted_out = is_opted_out(tx, &state[..4]).await?;
    tx.execute(SET, &state).await?;
    log(tx, tenant, id, change).await?;
    if change.is_opted_out && !was_opted_out {
        tell(tx, tenant, id, change).await?;
    }
    mirror(tx, tenant, change.contact_id.get(), change.at).await
}

async fn change_once(
    tx: &mut Tx,
    tenant: i64,
    id: i64,
    change: &ConsentChange,
) -> Result<Option<Standing>> {
    if !contacts::lock(tx, tenant, change.contact_id.get()).await? {
        return Ok(None);
    }
    let [tenant_id, contact, channel, topic, ..] = state(tenant, change);
    let about = [tenant_id, contact, channel, topic];
    let is_news = is_opted_out(tx, &about).await? != change.is_opted_out;
    if is_news {
        write(tx, tenant, id, change).await?;
    }
    stands(
        tx,
        &about,
        (!change.is_opted_out && is_news).then_some(change.at),
    )
    .await
    .map(Some)
}

/// Returns how a person stands; where an opt-out just ended, which one it was.
async fn stands(tx: &mut Tx, about: &[Value; 4], ended_at: Option<Timestamp>) -> Result<Standing> {
    // Of every channel, where it is not of this one.
    let sql = "SELECT l.id FROM consents o JOIN consent_log l ON l.tenant_id = o.tenant_id \
         AND l.contact_id = o.contact_id WHERE o.tenant_id = ?1 AND o.contact_id = ?2 \
         AND o.channel_id IN (0, ?3) AND o.topic = ?4 AND o.is_opted_out = 1 \
         AND l.channel_id = o.channel_id AND l.topic = o.topic AND l.is_opted_out = 1 \
         ORDER BY l.channel_id DESC, l.at DESC, l.id DESC LIMIT 1";
    if let Some(mut row) = tx.first(sql, about).await? {
        return Ok(Standing {
            opt_out: Some(row.id(ConsentId::new)?),
            is_opted_out: true,
            ended_at: None,
        });
    }
    let sql = "SELECT l.id FROM consent_log l WHERE l.tenant_id = ?1 AND l.contact_id = ?2 \
         AND l.channel_id = ?3 AND l.topic = ?4 AND l.is_opted_out = 1 \
         ORDER BY l.at DESC, l.id DESC LIMIT 1";
    let last = match ended_at {
        Some(_) => tx.first(sql, about).await?,
        None => None,
    };
    Ok(Standing {
        opt_out: last.map(|mut row| row.id(ConsentId::new)).transpose()?,
        is_opted_out: false,
        ended_at,
    })
}

/// Writes what a person said at some time, which counts unless something newer is known; a change
/// that the log has already changes nothing.
pub(crate) async fn set_unless_newer(
    tx: &mut Tx,
    tenant: i64,
    id: i64,
    change: &ConsentChange,
) -> Result<()> {
    let contact = change.contact_id.get();
    if !contacts::lock(tx, tenant, contact).await? {
        return Err(Error::lost_race("a contact was merged meanwhile"));
    }
    let state = state(tenant, change);
    let sql = "SELECT 1 FROM consent_log WHERE tenant_id = ?1 AND contact_id = ?2 \
         AND channel_id = ?3 AND topic = ?4 AND is_opted_out = ?5 AND at = ?6 LIMIT 1";
    if tx.first(sql, &state).await?.is_some() {
        return Ok(());
    }
    let was_opted_out = is_opted_out(tx, &state[..4]).await?;
    let sql = format!("{SET} WHERE consents.changed_at <= excluded.changed_at");
    let counts = tx.execute(&sql, &state).await? == 1;
    log(tx, tenant, id, change).await?;
    if counts && change.is_opted_out && !was_opted_out {
        tell(tx, tenant, id, change).await?;
    }
    mirror(tx, tenant, contact, change.at).await
}

const SET: &str = "INSERT INTO consents \
     (tenant_id, contact_id, channel_id, topic, is_opted_out, changed_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
     ON CONFLICT (tenant_id, contact_id, channel_id, topic) \
     DO UPDATE SET is_opted_out = excluded.is_opted_out, changed_at = excluded.changed_at";

fn state(tenant: i64, change: &ConsentChange) -> [Value; 6] {
    [
        tenant.into(),
        change.contact_id.get().into(),
        change.channel_id.map_or(0, ChannelId::get).into(),
        change.topic.as_str().into(),
        change.is_opted_out.into(),
        change.at.into(),
    ]
}

/// Returns whether a contact opted out before, of a channel and a topic.
async fn is_opted_out(tx: &mut Tx, key: &[Value]) -> Result<bool> {
    let sql = "SELECT is_opted_out FROM consents WHERE tenant_id = ?1 AND contact_id = ?2 \
         AND channel_id = ?3 AND topic = ?4";
    let row = tx.first(sql, key).await?;
    row.map_or(Ok(false), |mut row| row.flag())
}

/// Announces an opt-out; the subject is its entry in the log.
async fn tell(tx: &mut Tx, tenant: i64, id: i64, change: &ConsentChange) -> Result<()> {
    let news = Announcement {
        tenant,
        kind: EventKind::OptOutCreated,
        subject: id,
        at: change.at,
    };
    announce(tx, &[news]).await
}

async fn log(tx: &mut Tx, tenant: i64, id: i64, change: &ConsentChange) -> Result<()> {
    let sql = "INSERT INTO consent_log (tenant_id, id, contact_id, channel_id, topic, \
         is_opted_out, origin, made_by, reason, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let values = [
        tenant.into(),
        id.into(),
        change.contact_id.get().into(),
        change.channel_id.map_or(0, ChannelId::get).into(),
        change.topic.as_str().into(),
        change.is_opted_out.into(),
        change.origin.as_str().into(),
        change.made_by.as_deref().into(),
        change.reason.as_deref().into(),
        change.at.into(),
    ];
    tx.execute(sql, &values).await.map(drop)
}

/// Brings the copy that a contact carries, so that lists need no join, up to date.
pub(crate) async fn mirror(tx: &mut Tx, tenant: i64, contact: i64, at: Timestamp) -> Result<()> {
    let sql = "UPDATE contacts SET \
         updated_at = CASE WHEN updated_at > ?3 THEN updated_at ELSE ?3 END, is_opted_out = \
         CASE WHEN EXISTS (SELECT 1 FROM consents c WHERE c.tenant_id = ?1 AND c.contact_id = ?2 \
             AND c.topic = 'all' AND c.is_opted_out = 1) THEN 1 ELSE 0 END \
         WHERE tenant_id = ?1 AND id = ?2";
    tx.execute(sql, &[tenant.into(), contact.into(), at.into()])
        .await
        .map(drop)
}
