//! Telling a message with what belongs to it.

use domain::ids::MessageId;
use domain::message::{Direction, Message, Status};

use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

/// A message, and what belongs to it.
#[derive(Clone, Debug)]
pub struct ToldMessage {
    /// The message.
    pub message: Message,
    /// Who sent it: digits, or the user id of a person without a visible number.
    pub sender: Option<String>,
    /// Whether whom it was for has read it, as far as that is known.
    pub is_read: bool,
    /// Where its media can be read.
    pub media_url: Option<String>,
}

impl Operations {
    /// Returns a message of the tenant with what belongs to it.
    pub async fn tell_message(
        &self,
        caller: &Caller,
        id: MessageId,
    ) -> Result<Option<ToldMessage>> {
        let store = self.store(caller);
        let Some(message) = store.message(id).await? else {
            return Ok(None);
        };
        let (sender, is_read) = match message.direction {
            Direction::Outbound => {
                let channel = store.channel(message.channel_id).await?;
                let is_read = matches!(message.status, Status::Read | Status::Played);
                (channel.map(|channel| channel.number), is_read)
            }
            Direction::Inbound => {
                let contact = store.contact(message.contact_id).await?;
                let is_read = contact
                    .as_ref()
                    .is_some_and(|it| !it.flags.has_unread_messages);
                let sender = contact.and_then(|it| it.whatsapp_id().map(str::to_owned));
                (sender, is_read)
            }
        };
        Ok(Some(ToldMessage {
            media_url: self.media_link(caller.tenant().id, &message),
            message,
            sender,
            is_read,
        }))
    }
}
