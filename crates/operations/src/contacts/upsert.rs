//! Making a contact, or changing what is mentioned of the one that has the number.

use domain::contact::{Contact, Origin};
use domain::name::Name;
use domain::{Patch, Phone};
use storage::{ContactChanges, ContactWrite, NewContact, OnKnown, Written};

use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

/// A contact to be made or changed.
#[derive(Clone, Debug)]
pub struct UpsertContact {
    /// The number, by which the contact is recognised.
    pub phone: Phone,
    /// The whole name.
    pub name: Patch<String>,
    /// The e-mail address, checked for its form.
    pub email: Patch<String>,
    /// What the caller says WhatsApp calls the number.
    pub wa_id: Patch<String>,
}

impl Operations {
    /// Makes or changes a contact: what is absent is kept, what is null is cleared.
    ///
    /// Fails with [`crate::Error::LimitReached`] where a new contact is one too many, and with
    /// [`crate::Error::WhatsAppIdTaken`] where the WhatsApp id is somebody else's.
    pub async fn upsert_contact(&self, caller: &Caller, command: UpsertContact) -> Result<Contact> {
        let changes = ContactChanges {
            name: match command.name {
                Patch::Set(full) => Patch::Set(Name::from_full(&full)),
                Patch::Clear => Patch::Clear,
                Patch::Keep => Patch::Keep,
            },
            email: command.email,
            wa_id_claim: command.wa_id,
            ..ContactChanges::default()
        };
        let at = self.clock().now();
        let new = NewContact {
            wa_id_claim: changes.wa_id_claim.clone().into_option(),
            name: changes.name.clone().into_option().unwrap_or_default(),
            email: changes.email.clone().into_option(),
            ..NewContact::unknown(command.phone, caller.tenant().defaults, Origin::Api, at)
        };
        let write = ContactWrite {
            new,
            on_known: OnKnown::Update(changes),
        };
        match self.store(caller).write_contact(write).await? {
            Written::Created(contact) | Written::Known(contact) | Written::Updated(contact) => {
                Ok(contact)
            }
        }
    }
}
