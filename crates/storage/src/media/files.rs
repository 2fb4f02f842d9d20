//! Files, what was found at addresses, and what Meta calls what it was given.

use std::fmt;

use domain::ids::ChannelId;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// The SHA-256 of a file, by which it is found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileHash(pub [u8; 32]);

impl FileHash {
    /// Reads a hash as it is written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (place, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A file whose bytes are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// The hash of its bytes.
    pub hash: FileHash,
    /// What it is, such as `image/jpeg`.
    pub mime_type: String,
    /// How long it is.
    pub length_bytes: u64,
}

/// What was found at an address.
#[derive(Clone, Debug)]
pub struct FoundLink {
    /// The SHA-256 of the address.
    pub url_hash: [u8; 32],
    /// The file.
    pub file: StoredFile,
    /// When.
    pub at: Timestamp,
}

/// What Meta calls a file it was given.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// The file, and as what it was given.
    pub file: StoredFile,
    /// For which channel.
    pub channel_id: ChannelId,
    /// Meta's id of it.
    pub media_id: String,
    /// How long Meta keeps it.
    pub expires_at: Timestamp,
}

fn read(row: &mut Row) -> Result<StoredFile> {
    let hash = row.bytes()?.try_into();
    let hash = hash.map_err(|_| Error::Corrupt("a file's hash has a wrong length".into()))?;
    Ok(StoredFile {
        hash: FileHash(hash),
        mime_type: row.text()?,
        length_bytes: u64::try_from(row.int()?).unwrap_or_default(),
    })
}

impl Store {
    /// Keeps what was found at an address.
    pub async fn keep_link(&self, found: FoundLink) -> Result<()> {
        let tenant = self.tenant.get();
        self.database
            .write(work(move |tx| {
                let found = found.clone();
                Box::pin(async move { keep_link(tx, tenant, &found).await })
            }))
            .await
    }

    /// Keeps that there is a file.
    pub async fn keep_file(&self, file: StoredFile, at: Timestamp) -> Result<()> {
        let tenant = self.tenant.get();
        self.database
            .write(work(move |tx| {
                let file = file.clone();
                Box::pin(async move { keep(tx, tenant, &file, at).await })
            }))
            .await
    }

    /// Returns what was found at the address of this hash, unless that was before `since`.
    pub async fn link(&self, url_hash: [u8; 32], since: Timestamp) -> Result<Option<StoredFile>> {
        let sql = "SELECT hash, mime_type, length_bytes, fetched_at FROM links \
             WHERE tenant_id = ?1 AND url_hash = ?2";
        let values = [self.tenant_value(), url_hash.as_slice().into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        let Some(mut row) = row else {
            return Ok(None);
        };
        let file = read(&mut row)?;
        Ok((row.time()? >= since).then_some(file))
    }

    /// Returns the file of this hash.
    pub async fn file(&self, hash: FileHash) -> Result<Option<StoredFile>> {
        let tenant = self.tenant.get();
        self.database
            .read(|tx| Box::pin(async move { by_hash(tx, tenant, hash.0.as_slice().into()).await }))
            .await
    }

    /// Keeps what Meta calls a file, in the place of what it was called before.
    pub async fn keep_upload(&self, new: NewUpload) -> Result<()> {
        let sql = "INSERT INTO uploads \
             (tenant_id, hash, channel_id, mime_type, media_id, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (tenant_id, hash, channel_id, mime_type) \
             DO UPDATE SET media_id = excluded.media_id, expires_at = excluded.expires_at";
        let values = vec![
            self.tenant_value(),
            new.file.hash.0.as_slice().into(),
            new.channel_id.get().into(),
            new.file.mime_type.into(),
            new.media_id.into(),
            new.expires_at.into(),
        ];
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(sql, &values).await.map(drop) })
            }))
            .await
    }

    /// Returns what Meta calls a file of the channel's, if Meta keeps it beyond `until`.
    pub async fn upload(
        &self,
        file: &StoredFile,
        channel_id: ChannelId,
        until: Timestamp,
    ) -> Result<Option<String>> {
        let sql = "SELECT media_id FROM uploads WHERE tenant_id = ?1 AND hash = ?2 \
             AND channel_id = ?3 AND mime_type = ?4 AND expires_at > ?5";
        let values = [
            self.tenant_value(),
            file.hash.0.as_slice().into(),
            channel_id.get().into(),
            file.mime_type.as_str().into(),
            until.into(),
        ];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        row.map(|mut row| row.text()).transpose()
    }
}

/// Returns the file of this hash.
pub(super) async fn by_hash(tx: &mut Tx, tenant: i64, hash: Value) -> Result<Option<StoredFile>> {
    let sql = "SELECT hash, mime_type, length_bytes FROM files WHERE tenant_id = ?1 AND hash = ?2";
    let row = tx.first(sql, &[tenant.into(), hash]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

async fn keep_link(tx: &mut Tx, tenant: i64, found: &FoundLink) -> Result<()> {
    keep(tx, tenant, &found.file, found.at).await?;
    let sql = "INSERT INTO links \
         (tenant_id, url_hash, hash, mime_type, length_bytes, fetched_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_id, url_hash) DO UPDATE SET \
         hash = excluded.hash, mime_type = excluded.mime_type, \
         length_bytes = excluded.length_bytes, fetched_at = excluded.fetched_at";
    let values = [
        tenant.into(),
        found.url_hash.as_slice().into(),
        found.file.hash.0.as_slice().into(),
        found.file.mime_type.as_str().into(),
        length(&found.file)?.into(),
        found.at.into(),
    ];
    tx.execute(sql, &values).await.map(drop)
}

/// Forgets what was found at addresses before an instant.
pub(crate) async fn forget_links(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    // global: what was found long ago is forgotten, whosever it is.
    let sql = "DELETE FROM links WHERE fetched_at < ?1";
    tx.execute(sql, &[before.into()]).await
}

/// Keeps a file's row; the same bytes are one file, whatever they were called first.
pub(super) async fn keep(tx: &mut Tx, tenant: i64, file: &StoredFile, at: Timestamp) -> Result<()> {
    let sql = "INSERT INTO files (tenant_id, hash, mime_type, length_bytes, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (tenant_id, hash) DO NOTHING";
    let values = [
        tenant.into(),
        file.hash.0.as_slice().into(),
        file.mime_type.as_str().into(),
        length(file)?.into(),
        at.into(),
    ];
    tx.execute(sql, &values).await.map(drop)
}

fn length(file: &StoredFile) -> Result<i64> {
    let length = i64::try_from(file.length_bytes);
    length.map_err(|_| Error::Refused("a file is too long to be one".into()))
}
