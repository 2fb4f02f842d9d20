//! Finding a contact.

use domain::ids::ContactId;
use domain::{Contact, Phone};
use storage::Problem;

use super::CreateContact;
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

impl Operations {
    /// Returns the contact that has this number, however it is spelled, or
    /// [`Error::NoContact`].
    pub async fn find_contact(&self, caller: &Caller, phone: &Phone) -> Result<Contact> {
        let found = self
            .store(caller)
            .contact_by_number(&phone.match_key())
            .await?;
        found.ok_or(Error::NoContact)
    }

    /// Returns the contact of this id, or [`Error::NoContact`].
    pub async fn contact(&self, caller: &Caller, id: ContactId) -> Result<Contact> {
        let found = self.store(caller).contact(id).await?;
        found.ok_or(Error::NoContact)
    }

    /// Returns the contact that has the command's number, and makes it where nobody has.
    ///
    /// Fails as [`Operations::create_contact`] does, but not because somebody has the number.
    pub async fn find_or_create_contact(
        &self,
        caller: &Caller,
        command: CreateContact,
    ) -> Result<Contact> {
        let phone = command.phone.clone();
        match self.find_contact(caller, &phone).await {
            Err(Error::NoContact) => {}
            found => return found,
        }
        match self.create_contact(caller, command).await {
            Ok(made) => Ok(made.contact),
            // Somebody else was faster.
            Err(Error::ContactExists(contact)) => Ok(*contact),
            Err(Error::ContactRefused(problems)) if problems.contains(&Problem::PhoneTaken) => {
                self.find_contact(caller, &phone).await
            }
            Err(error) => Err(error),
        }
    }
}
