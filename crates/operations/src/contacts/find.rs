//! Finding a contact.

use domain::{Contact, Phone};

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
}
