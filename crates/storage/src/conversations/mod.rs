//! Conversations: what is said between a contact and one of the tenant's numbers.

pub(crate) mod begun;
mod contacts;
mod list;
mod status;
mod talk;

pub use list::ConversationPlace;
pub use talk::TalkPage;

use domain::conversation::{Conversation, ConversationStatus};
use domain::ids::{ChannelId, ContactId, ConversationId};

use crate::error::Result;
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Row;

/// The columns that [`read`] reads, in its order.
const COLUMNS: &str = "id, contact_id, channel_id, status, message_count, window_expires_at, \
     last_message_at, created_at";

fn read(row: &mut Row) -> Result<Conversation> {
    Ok(Conversation {
        id: row.id(ConversationId::new)?,
        contact_id: row.id(ContactId::new)?,
        channel_id: row.id(ChannelId::new)?,
        status: row.word(ConversationStatus::parse)?,
        message_count: row.int()?,
        window_expires_at: row.opt_time()?,
        last_message_at: row.time()?,
        created_at: row.time()?,
    })
}

impl Store {
    /// Returns the conversation of this id.
    pub async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>> {
        let sql = format!("SELECT {COLUMNS} FROM conversations WHERE tenant_id = ?1 AND id = ?2");
        let values = [self.tenant_value(), id.get().into()];
        self.first(sql, values, read).await
    }

    /// Returns the conversations of a contact, one a channel.
    pub async fn conversations_of_contact(&self, contact: ContactId) -> Result<Vec<Conversation>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM conversations WHERE tenant_id = ?1 AND contact_id = ?2 \
             ORDER BY channel_id"
        );
        let values = [self.tenant_value(), contact.get().into()];
        self.rows(sql, values, read).await
    }
}

/// Counts the messages of a contact's conversations anew, after some of them moved.
pub(crate) async fn recount(tx: &mut Tx, tenant: i64, contact: i64) -> Result<()> {
    let sql = "UPDATE conversations SET message_count = (SELECT COUNT(*) FROM messages m \
             WHERE m.tenant_id = ?1 AND m.conversation_id = conversations.id) \
         WHERE tenant_id = ?1 AND contact_id = ?2";
    let values = [tenant.into(), contact.into()];
    tx.execute(sql, &values).await.map(drop)
}
