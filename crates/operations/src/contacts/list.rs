//! A tenant's contacts, newest first.

use domain::Contact;
use domain::ids::ContactId;

use crate::caller::Caller;
use crate::error::Result;
use crate::list::{ListAfter, Listed};
use crate::operations::Operations;

impl Operations {
    /// Returns contacts by when they were made, newest first; nothing where the tenant has no
    /// contact of the id that the part is to begin after.
    pub async fn list_contacts(
        &self,
        caller: &Caller,
        part: ListAfter<ContactId>,
    ) -> Result<Option<Listed<Contact>>> {
        let store = self.store(caller);
        let place = match part.after {
            None => None,
            Some(id) => match store.contact_place(id).await? {
                None => return Ok(None),
                place => place,
            },
        };
        let rows = store.contacts_after(place, part.limit + 1).await?;
        Ok(Some(Listed::of(rows, part.limit)))
    }
}
