//! What events are about, as far as nothing else reads it.

use domain::consent::Consent;
use domain::ids::{ChannelId, ConsentId, ContactId, ConversationId};
use jiff::Timestamp;

use crate::consents;
use crate::error::Result;
use crate::store::Store;

/// A conversation: a contact on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Its id.
    pub id: ConversationId,
    /// Who.
    pub contact_id: ContactId,
    /// With which number.
    pub channel_id: ChannelId,
    /// When it began.
    pub created_at: Timestamp,
    /// When somebody last said something.
    pub last_message_at: Timestamp,
}

impl Store {
    /// Returns the conversation of this id.
    pub async fn talk(&self, id: ConversationId) -> Result<Option<Talk>> {
        let sql = "SELECT id, contact_id, channel_id, created_at, last_message_at \
             FROM conversations WHERE tenant_id = ?1 AND id = ?2";
        let values = [self.tenant_value(), id.get().into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        row.map(|mut row| {
            Ok(Talk {
                id: row.id(ConversationId::new)?,
                contact_id: row.id(ContactId::new)?,
                channel_id: row.id(ChannelId::new)?,
                created_at: row.time()?,
                last_message_at: row.time()?,
            })
        })
        .transpose()
    }

    /// Returns an entry of the consent log, and whose it is.
    pub async fn consent(&self, id: ConsentId) -> Result<Option<(ContactId, Consent)>> {
        let columns = consents::COLUMNS;
        let sql = format!(
            "SELECT contact_id, {columns} FROM consent_log WHERE tenant_id = ?1 AND id = ?2"
        );
        let values = [self.tenant_value(), id.get().into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(&sql, &values).await }))
            .await?;
        row.map(|mut row| Ok((row.id(ContactId::new)?, consents::read(&mut row)?)))
            .transpose()
    }
}
