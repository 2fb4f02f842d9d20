//! Notes about contacts, for the tenant's own eyes.

use domain::comment::{Comment, CommentFile};
use domain::ids::{ChannelId, CommentId, ContactId, ConversationId};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::work;
use crate::value::{Row, Value};

/// A note to be kept.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// Whom it is about.
    pub contact_id: ContactId,
    /// What it says.
    pub text: String,
    /// What sort of note it is.
    pub status_message: String,
    /// The tenant's number it is made beside.
    pub sender: Option<String>,
    /// The file that comes with it.
    pub file: Option<CommentFile>,
    /// The WhatsApp id it has in the caller's eyes.
    pub wamid: Option<String>,
    /// The WhatsApp id of the message it is about.
    pub about_wamid: Option<String>,
    /// When it is made.
    pub at: Timestamp,
}

impl Store {
    /// Keeps a note.
    pub async fn add_comment(&self, new: NewComment) -> Result<CommentId> {
        let id = self.database.next_id().await?;
        let sql = "INSERT INTO comments (tenant_id, id, contact_id, text, status_message, sender, \
             file_hash, mime_type, wamid, about_wamid, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let (hash, mime_type) = new.file.map(|file| (file.hash, file.mime_type)).unzip();
        let values: Vec<Value> = vec![
            self.tenant_value(),
            id.into(),
            new.contact_id.get().into(),
            new.text.into(),
            new.status_message.into(),
            new.sender.into(),
            hash.into(),
            mime_type.into(),
            new.wamid.into(),
            new.about_wamid.into(),
            new.at.into(),
        ];
        let write = work(move |tx| {
            let values = values.clone();
            Box::pin(async move { tx.execute(sql, &values).await })
        });
        self.database.write(write).await?;
        CommentId::new(id).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))
    }

    /// Returns every note about a contact, newest first.
    pub async fn comments(&self, contact: ContactId) -> Result<Vec<Comment>> {
        let sql = "SELECT id, text, status_message, sender, file_hash, mime_type, wamid, \
             about_wamid, created_at FROM comments WHERE tenant_id = ?1 AND contact_id = ?2 \
             ORDER BY created_at DESC, id DESC";
        let values = [self.tenant_value(), contact.get().into()];
        self.rows(sql, values, read).await
    }

    /// Returns the conversation with a contact: on this channel, else the one of the last message.
    pub async fn conversation_with(
        &self,
        contact: ContactId,
        channel: Option<ChannelId>,
    ) -> Result<Option<ConversationId>> {
        let sql = "SELECT id FROM conversations WHERE tenant_id = ?1 AND contact_id = ?2 \
             ORDER BY CASE WHEN channel_id = ?3 THEN 0 ELSE 1 END, last_message_at DESC, id DESC \
             LIMIT 1";
        let channel = channel.map_or(0, ChannelId::get);
        let values = [self.tenant_value(), contact.get().into(), channel.into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        row.map(|mut row| row.id(ConversationId::new)).transpose()
    }
}

fn read(row: &mut Row) -> Result<Comment> {
    let (id, text, status_message) = (row.id(CommentId::new)?, row.text()?, row.text()?);
    let sender = row.opt_text()?;
    let (hash, mime_type) = (row.opt_text()?, row.opt_text()?);
    Ok(Comment {
        id,
        text,
        status_message,
        sender,
        file: hash
            .zip(mime_type)
            .map(|(hash, mime_type)| CommentFile { hash, mime_type }),
        wamid: row.opt_text()?,
        about_wamid: row.opt_text()?,
        created_at: row.time()?,
    })
}
