//! Looking at a message.

use domain::ids::MessageId;
use domain::message::Message;
use storage::History;

use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

/// A message, and what happened to it.
#[derive(Clone, Debug)]
pub struct ShownMessage {
    /// The message.
    pub message: Message,
    /// What happened to it.
    pub history: History,
    /// What Meta's error means, and what to do about it.
    pub advice: Option<&'static str>,
}

impl Operations {
    /// Returns a message of the tenant as it is.
    pub async fn message(&self, caller: &Caller, id: MessageId) -> Result<Option<Message>> {
        Ok(self.store(caller).message(id).await?)
    }

    /// Returns a message of the tenant, with all that is known of it.
    pub async fn show_message(
        &self,
        caller: &Caller,
        id: MessageId,
    ) -> Result<Option<ShownMessage>> {
        let store = self.store(caller);
        let Some(message) = store.message(id).await? else {
            return Ok(None);
        };
        let history = store.message_history(id).await?.unwrap_or_default();
        let code = message.failure.as_ref().and_then(|failure| failure.code);
        Ok(Some(ShownMessage {
            advice: code.and_then(cloud_api::plain_words),
            message,
            history,
        }))
    }

    /// Returns the id of the tenant's message that WhatsApp calls so.
    pub async fn message_by_wamid(
        &self,
        caller: &Caller,
        wamid: &str,
    ) -> Result<Option<MessageId>> {
        Ok(self.store(caller).message_by_wamid(wamid).await?)
    }
}
