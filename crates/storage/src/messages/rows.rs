//! Messages as rows, and reading one.

use domain::ids::{ChannelId, ContactId, ConversationId, MessageId};
use domain::message::{Content, Direction, Failure, Message, Status};

use crate::error::{Error, Result};
use crate::store::Store;
use crate::value::Row;

const COLUMNS: &str = "id, conversation_id, contact_id, channel_id, direction, content, status, \
     wamid, context_wamid, error_code, error_title, error_details, created_at, updated_at";

/// The columns that a new message fills.
pub(crate) const INSERT_COLUMNS: &str = "tenant_id, id, conversation_id, contact_id, channel_id, \
     direction, content, status, wamid, context_wamid, created_at, updated_at";

/// How many columns [`INSERT_COLUMNS`] names.
pub(crate) const INSERT_WIDTH: usize = 12;

fn read(row: &mut Row) -> Result<Message> {
    let id = row.id(MessageId::new)?;
    let conversation_id = row.id(ConversationId::new)?;
    let contact_id = row.id(ContactId::new)?;
    let channel_id = row.id(ChannelId::new)?;
    let direction = row.word(Direction::parse)?;
    let content = read_content(&row.text()?)?;
    let status = row.word(Status::parse)?;
    let (wamid, context_wamid) = (row.opt_text()?, row.opt_text()?);
    let (code, title, details) = (row.opt_int()?, row.opt_text()?, row.opt_text()?);
    Ok(Message {
        id,
        conversation_id,
        contact_id,
        channel_id,
        direction,
        content,
        status,
        wamid,
        context_wamid,
        failure: title.map(|title| Failure {
            code,
            title,
            details,
        }),
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

fn read_content(json: &str) -> Result<Content> {
    // serde's message could quote the text of the message.
    serde_json::from_str(json).map_err(|_| Error::Corrupt("a message's content".into()))
}

/// Returns the content as it is kept.
pub(crate) fn content_text(content: &Content) -> Result<String> {
    serde_json::to_string(content).map_err(|_| Error::Corrupt("a message's content".into()))
}

impl Store {
    /// Returns the message of this id.
    pub async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE tenant_id = ?1 AND id = ?2");
        let values = [self.tenant_value(), id.get().into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(&sql, &values).await }))
            .await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// Returns the newest messages of a contact, newest first.
    pub async fn messages_of_contact(&self, id: ContactId, limit: i64) -> Result<Vec<Message>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM messages WHERE tenant_id = ?1 AND conversation_id IN \
             (SELECT c.id FROM conversations c WHERE c.tenant_id = ?1 AND c.contact_id = ?2) \
             ORDER BY created_at DESC, id DESC LIMIT ?3"
        );
        let values = [self.tenant_value(), id.get().into(), limit.into()];
        let rows = self
            .database
            .read(|tx| Box::pin(async move { tx.query(&sql, &values).await }))
            .await?;
        rows.into_iter().map(|mut row| read(&mut row)).collect()
    }
}
