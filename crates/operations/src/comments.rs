//! Notes about contacts, for the tenant's own eyes.

use std::time::Duration;

use domain::Phone;
use domain::comment::{Comment, CommentFile};
use domain::ids::{CommentId, ConversationId};
use domain::message::content::{Media, MediaKind};
use storage::NewComment;

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// How long whoever makes a note waits for its file.
const PATIENCE: Duration = Duration::from_secs(20);

/// A note about whoever has a number.
#[derive(Clone, Debug)]
pub struct AddComment {
    /// The number.
    pub phone: Phone,
    /// What it says.
    pub text: String,
    /// What sort of note it is.
    pub status_message: String,
    /// Where a file is that comes with it.
    pub media_url: Option<String>,
    /// The WhatsApp id it has in the caller's eyes.
    pub wamid: Option<String>,
    /// The WhatsApp id of the message it is about.
    pub about_wamid: Option<String>,
}

/// A note that was kept.
#[derive(Clone, Debug)]
pub struct AddedComment {
    /// Its id.
    pub id: CommentId,
    /// The conversation it stands beside.
    pub conversation_id: ConversationId,
    /// The tenant's number, as digits.
    pub sender: Option<String>,
    /// Its file, where that could be had.
    pub file: Option<CommentFile>,
}

impl Operations {
    /// Keeps a note, without its file where that cannot be had; [`Error::NoContact`] where nobody
    /// was talked to by this number.
    pub async fn add_comment(&self, caller: &Caller, command: AddComment) -> Result<AddedComment> {
        let store = self.store(caller);
        let contact_id = self.find_contact(caller, &command.phone).await?.id;
        let channel = store.default_channel().await?;
        let channel_id = channel.as_ref().map(|channel| channel.id);
        let conversation = store.conversation_with(contact_id, channel_id).await?;
        let conversation_id = conversation.ok_or(Error::NoContact)?;
        let sender = channel.map(|channel| channel.number);
        let file = match &command.media_url {
            Some(url) => self.file_of_comment(caller, url).await,
            None => None,
        };
        let new = NewComment {
            contact_id,
            text: command.text,
            status_message: command.status_message,
            sender: sender.clone(),
            file: file.clone(),
            wamid: command.wamid,
            about_wamid: command.about_wamid,
            at: self.clock().now(),
        };
        Ok(AddedComment {
            id: store.add_comment(new).await?,
            conversation_id,
            sender,
            file,
        })
    }

    /// Returns every note about whoever has a number, newest first; [`Error::NoContact`] where
    /// nobody was talked to by it.
    pub async fn comments(&self, caller: &Caller, phone: &Phone) -> Result<Vec<Comment>> {
        let store = self.store(caller);
        let contact = self.find_contact(caller, phone).await?.id;
        let conversation = store.conversation_with(contact, None).await?;
        conversation.ok_or(Error::NoContact)?;
        Ok(store.comments(contact).await?)
    }

    /// Fetches a file under guard and keeps it.
    async fn file_of_comment(&self, caller: &Caller, url: &str) -> Option<CommentFile> {
        let (store, media) = (self.store(caller), Media::link(url));
        // As a document goes whatever is known at all.
        let fetching = self.linked_file(&store, MediaKind::Document, &media, url);
        match tokio::time::timeout(PATIENCE, fetching).await {
            Ok(Ok(file)) => Some(CommentFile {
                hash: file.hash.to_string(),
                mime_type: file.mime_type,
            }),
            Ok(Err(error)) => {
                tracing::info!(error = %error, "the file of a note was not kept");
                None
            }
            Err(_) => {
                tracing::info!("the file of a note took too long");
                None
            }
        }
    }
}
