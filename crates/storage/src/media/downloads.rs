//! The files of messages that came in: a queue of what is to be downloaded, and what became of it.

use domain::ids::{ChannelId, MessageId, TenantId};
use domain::message::content::MediaKind;
use jiff::Timestamp;

use super::files::{self, StoredFile};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::Row;

/// A file that came in with a message and is to be downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDownload {
    /// The message, which is kept already.
    pub message_id: MessageId,
    /// The channel it came to, whose token opens it.
    pub channel_id: ChannelId,
    /// Meta's id of it.
    pub media_id: String,
    /// What it came as.
    pub kind: MediaKind,
    /// What the webhook says it is.
    pub mime_type: Option<String>,
    /// Its SHA-256 as the webhook spells it.
    pub sha256: Option<String>,
    /// When it came.
    pub at: Timestamp,
}

/// A download that somebody took up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDownload {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// What is to be downloaded.
    pub download: NewDownload,
    /// How often it was taken up, this time included; tells this time from later ones.
    pub attempts: i64,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The bytes are kept.
    Stored(StoredFile),
    /// It is due again, for a reason.
    Again(Timestamp, String),
    /// It will not come, for a reason.
    Gone(String),
}

/// How far the file of a message has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadState {
    /// It is still to come; the reason is why it did not so far.
    Waiting(Option<String>),
    /// It is here.
    Stored(StoredFile),
    /// It will not come, for a reason.
    Gone(String),
}

/// The file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageMedia {
    /// What it came as.
    pub kind: MediaKind,
    /// What it is: as the webhook said, for that is how the message was shown.
    pub mime_type: Option<String>,
    /// How far it has come.
    pub state: DownloadState,
}

impl Store {
    /// Has a file that came in downloaded; the second time it changes nothing.
    pub async fn enqueue_download(&self, new: NewDownload) -> Result<()> {
        let tenant = self.tenant.get();
        self.database
            .write(work(move |tx| {
                let new = new.clone();
                Box::pin(async move { enqueue(tx, tenant, &new).await })
            }))
            .await
    }

    /// Writes down what became of an attempt; `false` where somebody else took it up since.
    pub async fn settle_download(
        &self,
        due: &DueDownload,
        settled: Settled,
        at: Timestamp,
    ) -> Result<bool> {
        let (tenant, message) = (self.tenant.get(), due.download.message_id.get());
        let attempts = due.attempts;
        self.database
            .write(work(move |tx| {
                let settled = settled.clone();
                Box::pin(async move { settle(tx, [tenant, message, attempts], &settled, at).await })
            }))
            .await
    }

    /// Returns the file of a message that came in with one.
    pub async fn media_of_message(&self, id: MessageId) -> Result<Option<MessageMedia>> {
        let (tenant, message) = (self.tenant.get(), id.get());
        self.database
            .read(|tx| Box::pin(async move { of_message(tx, tenant, message).await }))
            .await
    }
}

/// In two steps, for Postgres would join a small table of files by reading all of it.
async fn of_message(tx: &mut Tx, tenant: i64, message: i64) -> Result<Option<MessageMedia>> {
    let sql = "SELECT kind, mime_type, state, reason, hash FROM media_downloads \
         WHERE tenant_id = ?1 AND message_id = ?2";
    let Some(mut row) = tx.first(sql, &[tenant.into(), message.into()]).await? else {
        return Ok(None);
    };
    let (kind, mime_type) = (row.word(MediaKind::parse)?, row.opt_text()?);
    let (state, reason) = (row.text()?, row.opt_text()?);
    let state = match state.as_str() {
        "stored" => {
            let file = files::by_hash(tx, tenant, row.value()?).await?;
            let lost = || Error::Corrupt("a message's file has no row".into());
            DownloadState::Stored(file.ok_or_else(lost)?)
        }
        "gone" => DownloadState::Gone(reason.unwrap_or_default()),
        _ => DownloadState::Waiting(reason),
    };
    Ok(Some(MessageMedia {
        kind,
        mime_type,
        state,
    }))
}

/// Has a file that came in downloaded; the second time it changes nothing.
pub(crate) async fn enqueue(tx: &mut Tx, tenant: i64, new: &NewDownload) -> Result<()> {
    let sql = "INSERT INTO media_downloads (tenant_id, message_id, channel_id, media_id, kind, \
         mime_type, sha256, state, attempts, due_at, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'waiting', 0, ?8, ?8) \
         ON CONFLICT (tenant_id, message_id) DO NOTHING";
    let values = [
        tenant.into(),
        new.message_id.get().into(),
        new.channel_id.get().into(),
        new.media_id.as_str().into(),
        new.kind.as_str().into(),
        new.mime_type.as_deref().into(),
        new.sha256.as_deref().into(),
        new.at.into(),
    ];
    tx.execute(sql, &values).await.map(drop)
}

/// A download: its tenant and its message.
pub(crate) type Key = (i64, i64);

/// Returns which downloads are due, of all tenants, those first that have been for longest.
pub(crate) async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Key>> {
    // global: whoever downloads takes what is due, of all tenants.
    let sql = "SELECT tenant_id, message_id FROM media_downloads \
         WHERE state = 'waiting' AND due_at <= ?1 ORDER BY due_at, tenant_id, message_id LIMIT ?2";
    let rows = tx.query(sql, &[now.into(), limit.into()]).await?;
    let key = |mut row: Row| Ok((row.int()?, row.int()?));
    rows.into_iter().map(key).collect()
}

/// Takes up those of the downloads that are still due; nobody else does until `until`.
pub(crate) async fn claim(
    tx: &mut Tx,
    keys: &[Key],
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<DueDownload>> {
    let sql = "UPDATE media_downloads SET due_at = ?4, attempts = attempts + 1 \
         WHERE tenant_id = ?1 AND message_id = ?2 AND due_at <= ?3 AND state = 'waiting' \
         RETURNING tenant_id, message_id, channel_id, media_id, kind, mime_type, sha256, \
             created_at, attempts";
    // In one order, so that two that take up the same never wait for each other.
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    let statement = |(tenant, message): Key| {
        let values = vec![tenant.into(), message.into(), now.into(), until.into()];
        (sql.to_owned(), values)
    };
    let statements: Vec<_> = keys.into_iter().map(statement).collect();
    let rows = tx.query_all(&statements).await?.into_iter().flatten();
    rows.map(|mut row| read_due(&mut row)).collect()
}

fn read_due(row: &mut Row) -> Result<DueDownload> {
    Ok(DueDownload {
        tenant_id: row.id(TenantId::new)?,
        download: NewDownload {
            message_id: row.id(MessageId::new)?,
            channel_id: row.id(ChannelId::new)?,
            media_id: row.text()?,
            kind: row.word(MediaKind::parse)?,
            mime_type: row.opt_text()?,
            sha256: row.opt_text()?,
            at: row.time()?,
        },
        attempts: row.int()?,
    })
}

/// An attempt is known by its number: whoever was slow to notice its end changes nothing.
async fn settle(tx: &mut Tx, attempt: [i64; 3], settled: &Settled, at: Timestamp) -> Result<bool> {
    let [tenant, message, number] = attempt;
    let (state, due_at, reason, hash) = match settled {
        Settled::Stored(file) => {
            files::keep(tx, tenant, file, at).await?;
            ("stored", at, None, Some(file.hash.0.as_slice()))
        }
        Settled::Again(due_at, reason) => ("waiting", *due_at, Some(reason.as_str()), None),
        Settled::Gone(reason) => ("gone", at, Some(reason.as_str()), None),
    };
    let sql = "UPDATE media_downloads SET state = ?4, due_at = ?5, reason = ?6, hash = ?7 \
         WHERE tenant_id = ?1 AND message_id = ?2 AND attempts = ?3 AND state = 'waiting'";
    let values = [
        tenant.into(),
        message.into(),
        number.into(),
        state.into(),
        due_at.into(),
        reason.into(),
        hash.into(),
    ];
    Ok(tx.execute(sql, &values).await? == 1)
}
