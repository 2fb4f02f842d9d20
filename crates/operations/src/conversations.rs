//! What was said, and with whom.

use domain::Contact;
use domain::conversation::{Conversation, ConversationStatus};
use domain::ids::{ContactId, ConversationId};
use domain::message::Message;
use storage::{
    ContactFields, ContactSearch, ConversationPlace, MessageSearch, Reacted, TalkPage, Total,
};

use crate::caller::Caller;
use crate::error::Result;
use crate::list::{ListAfter, Listed};
use crate::operations::Operations;

/// A page of what was said with a contact.
#[derive(Clone, Debug)]
pub struct TalkMessages {
    /// The messages, in the order asked for.
    pub messages: Vec<TalkMessage>,
    /// How many there are.
    pub total: Total,
}

/// A message, and how it was reacted to.
#[derive(Clone, Debug)]
pub struct TalkMessage {
    /// The message.
    pub message: Message,
    /// The reactions, the person's first.
    pub reactions: Vec<Reacted>,
    /// Where its media can be read.
    pub media_url: Option<String>,
}

/// A page of contacts.
#[derive(Clone, Debug)]
pub struct ContactsPage {
    /// The contacts, the newest first.
    pub contacts: Vec<Contact>,
    /// How many there are.
    pub total: Total,
}

impl Operations {
    /// Returns a page of what was said with a contact, on all channels in one order; of texts to
    /// search for, only what has one of them in it.
    pub async fn talk(
        &self,
        caller: &Caller,
        contact: ContactId,
        texts: Vec<String>,
        page: TalkPage,
    ) -> Result<TalkMessages> {
        let store = self.store(caller);
        let talk = store.conversations_of_contact(contact).await?;
        let (messages, total) = if texts.is_empty() {
            let count = talk.iter().map(|it| it.message_count).sum();
            let is_exact = true;
            let messages = store.talk_page(&talk, page).await?;
            (messages, Total { count, is_exact })
        } else {
            let search = MessageSearch { texts };
            let found = store.search_talk(&talk, &search, page).await?;
            (found.page, found.total)
        };
        let reactions = store.reactions_to(&messages).await?;
        let tenant = caller.tenant().id;
        let messages = messages.into_iter().zip(reactions);
        let messages = messages.map(|(message, reactions)| TalkMessage {
            media_url: self.media_link(tenant, &message),
            message,
            reactions,
        });
        Ok(TalkMessages {
            messages: messages.collect(),
            total,
        })
    }

    /// Returns a page of contacts, of all or of those with a text in their name or number.
    pub async fn contacts_page(
        &self,
        caller: &Caller,
        search: Option<&str>,
        (offset, limit): (usize, usize),
    ) -> Result<ContactsPage> {
        let store = self.store(caller);
        let Some(text) = search else {
            let (contacts, count) = store.contacts_page((offset, limit)).await?;
            let is_exact = true;
            let total = Total { count, is_exact };
            return Ok(ContactsPage { contacts, total });
        };
        let search = ContactSearch {
            text: text.to_owned(),
            fields: ContactFields::NameAndNumber,
        };
        let found = store.search_contacts(&search, (offset, limit)).await?;
        Ok(ContactsPage {
            contacts: found.page,
            total: found.total,
        })
    }

    /// Returns a part of the conversations, those first in which something was said last; only those
    /// of a status, or all. Nothing where the tenant has no conversation of the place's id.
    pub async fn list_conversations(
        &self,
        caller: &Caller,
        part: ListAfter<ConversationPlace>,
        status: Option<ConversationStatus>,
    ) -> Result<Option<Listed<(Conversation, Contact)>>> {
        let store = self.store(caller);
        if let Some(place) = part.after
            && store.conversation(place.id).await?.is_none()
        {
            return Ok(None);
        }
        let rows = store
            .conversations_after(part.after, status, part.limit + 1)
            .await?;
        Ok(Some(Listed::of(rows, part.limit)))
    }

    /// Returns a conversation of the tenant, and whom it is with.
    pub async fn conversation(
        &self,
        caller: &Caller,
        id: ConversationId,
    ) -> Result<Option<(Conversation, Contact)>> {
        let store = self.store(caller);
        let Some(conversation) = store.conversation(id).await? else {
            return Ok(None);
        };
        let contact = store.contact(conversation.contact_id).await?;
        Ok(contact.map(|contact| (conversation, contact)))
    }

    /// Says whether a conversation is being worked on, and returns it as it is then; nothing where
    /// the tenant has none of this id. What the person writes next opens it again.
    pub async fn set_conversation_status(
        &self,
        caller: &Caller,
        id: ConversationId,
        status: ConversationStatus,
    ) -> Result<Option<Conversation>> {
        let at = self.clock().now();
        let store = self.store(caller);
        Ok(store.set_conversation_status(id, status, at).await?)
    }
}
