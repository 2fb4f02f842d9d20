//! Changing a contact by its id.

use domain::contact::ContactWithGroups;
use domain::ids::ContactId;
use storage::{ContactUpdate, UpdateOutcome};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

impl Operations {
    /// Changes a contact: what is absent stays.
    ///
    /// Fails with [`Error::ContactRefused`] and everything that is wrong, else with
    /// [`Error::NoContact`].
    pub async fn update_contact(
        &self,
        caller: &Caller,
        id: ContactId,
        update: ContactUpdate,
    ) -> Result<ContactWithGroups> {
        let store = self.store(caller);
        match store.update_contact(id, update, self.clock().now()).await? {
            UpdateOutcome::Updated(contact) => Ok(contact),
            UpdateOutcome::Absent => Err(Error::NoContact),
            UpdateOutcome::Refused(problems) => Err(Error::ContactRefused(problems)),
        }
    }

    /// Deletes those of these contacts that are the tenant's, with all that is theirs; returns how
    /// many there were.
    pub async fn delete_contacts(&self, caller: &Caller, ids: Vec<ContactId>) -> Result<usize> {
        Ok(self.store(caller).delete_contacts(ids).await?)
    }
}
