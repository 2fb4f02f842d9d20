//! Telling messages with what belongs to them.

use std::collections::HashMap;

use domain::Contact;
use domain::ids::{ChannelId, ContactId, MessageId};
use domain::listing::Page;
use domain::message::{Direction, Message, MessageListing, Status};
use storage::Store;

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
        let message = self.store(caller).message(id).await?;
        let messages = message.into_iter().collect();
        Ok(self.tell(caller, messages).await?.pop())
    }

    /// Returns a page of the tenant's messages with what belongs to them.
    pub async fn page_of_messages(
        &self,
        caller: &Caller,
        listing: &MessageListing,
    ) -> Result<Page<ToldMessage>> {
        let page = self.store(caller).page_of_messages(listing).await?;
        Ok(Page {
            items: self.tell(caller, page.items).await?,
            total: page.total,
        })
    }

    async fn tell(&self, caller: &Caller, messages: Vec<Message>) -> Result<Vec<ToldMessage>> {
        let store = self.store(caller);
        let numbers = numbers(&store, &messages).await?;
        let people = people(&store, &messages).await?;
        let tell = |message: Message| {
            let (sender, is_read) = match message.direction {
                Direction::Outbound => (
                    numbers.get(&message.channel_id).cloned(),
                    matches!(message.status, Status::Read | Status::Played),
                ),
                Direction::Inbound => {
                    let person = people.get(&message.contact_id);
                    (
                        person.and_then(|it| it.whatsapp_id().map(str::to_owned)),
                        person.is_some_and(|it| !it.flags.has_unread_messages),
                    )
                }
            };
            ToldMessage {
                media_url: self.media_link(caller.tenant().id, &message),
                message,
                sender,
                is_read,
            }
        };
        Ok(messages.into_iter().map(tell).collect())
    }
}

/// Returns the tenant's numbers, if one of the messages came from them.
async fn numbers(store: &Store, messages: &[Message]) -> Result<HashMap<ChannelId, String>> {
    if messages.iter().all(|it| it.direction == Direction::Inbound) {
        return Ok(HashMap::new());
    }
    let channels = store.channels().await?.into_iter();
    Ok(channels.map(|it| (it.id, it.number)).collect())
}

/// Returns who wrote those of the messages that came in.
async fn people(store: &Store, messages: &[Message]) -> Result<HashMap<ContactId, Contact>> {
    let inbound = messages.iter();
    let inbound = inbound.filter(|it| it.direction == Direction::Inbound);
    let mut ids: Vec<ContactId> = inbound.map(|it| it.contact_id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let people = store.contacts_of(ids).await?.into_iter();
    Ok(people.map(|it| (it.id, it)).collect())
}
