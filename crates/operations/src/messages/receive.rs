//! A message that comes in.

use domain::Contact;
use domain::Phone;
use domain::contact::Origin;
use domain::message::Content;
use domain::name::Name;
use storage::{ContactWrite, Inbound, NewContact, OnKnown, Written};

use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

/// A message that a person wrote to the tenant.
#[derive(Clone, Debug)]
pub struct ReceiveMessage {
    /// Who wrote it.
    pub from: Phone,
    /// What the person is called on WhatsApp.
    pub profile_name: String,
    /// What it says.
    pub content: Content,
    /// WhatsApp's id of it.
    pub wamid: String,
}

impl Operations {
    /// Keeps a message, makes its contact where there is none, and opens the service window.
    pub async fn receive_message(
        &self,
        caller: &Caller,
        command: ReceiveMessage,
    ) -> Result<Contact> {
        let (store, at) = (self.store(caller), self.clock().now());
        let channel = self.channel_of(caller).await?;
        let defaults = caller.tenant().defaults;
        let new = NewContact {
            name: Name::from_full(&command.profile_name),
            ..NewContact::unknown(command.from, defaults, Origin::Message, at)
        };
        let write = ContactWrite {
            new,
            on_known: OnKnown::Report,
        };
        let (Written::Created(contact) | Written::Known(contact) | Written::Updated(contact)) =
            store.write_contact(write).await?;
        let inbound = Inbound {
            contact_id: contact.id,
            channel_id: channel.id,
            content: command.content,
            wamid: command.wamid,
            at,
        };
        store.receive(inbound).await?;
        Ok(contact)
    }
}
