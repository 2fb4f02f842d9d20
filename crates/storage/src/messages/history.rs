//! What happened to a message, and when.

use domain::ids::MessageId;
use jiff::Timestamp;

use crate::error::Result;
use crate::store::Store;
use crate::value::Row;

/// What happened to a message, as far as it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub due_at: Option<Timestamp>,
    /// When Meta sent it on.
    pub sent_at: Option<Timestamp>,
    /// When it reached the phone.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// When it was listened to.
    pub played_at: Option<Timestamp>,
    /// When it failed.
    pub failed_at: Option<Timestamp>,
}

/// The columns that [`read`] reads.
pub(super) const COLUMNS: &str =
    "attempts, due_at, sent_at, delivered_at, read_at, played_at, failed_at";

pub(super) fn read(row: &mut Row) -> Result<History> {
    Ok(History {
        attempts: row.int()?,
        due_at: row.opt_time()?,
        sent_at: row.opt_time()?,
        delivered_at: row.opt_time()?,
        read_at: row.opt_time()?,
        played_at: row.opt_time()?,
        failed_at: row.opt_time()?,
    })
}

impl Store {
    /// Returns what happened to a message.
    pub async fn message_history(&self, id: MessageId) -> Result<Option<History>> {
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE tenant_id = ?1 AND id = ?2");
        let values = [self.tenant_value(), id.get().into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(&sql, &values).await }))
            .await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// Returns the id of the message that WhatsApp calls so, of which a tenant has one.
    pub async fn message_by_wamid(&self, wamid: &str) -> Result<Option<MessageId>> {
        let sql = "SELECT id FROM messages WHERE tenant_id = ?1 AND wamid = ?2 LIMIT 1";
        let values = [self.tenant_value(), wamid.into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        row.map(|mut row| row.id(MessageId::new)).transpose()
    }
}
