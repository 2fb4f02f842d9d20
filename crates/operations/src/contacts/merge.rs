//! Two contacts that are one person, made one and taken apart again.

use domain::Contact;
use domain::identity::{FormerIdentity, Identity};
use domain::ids::{ContactId, MergeId};
use domain::merge::{MergeReason, MergeRecord};
use storage::{MergeOutcome, UnmergeOutcome};

use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

/// Two contacts that somebody says are one person.
#[derive(Clone, Debug)]
pub struct MergeContacts {
    /// The contact that stays.
    pub keep: ContactId,
    /// The contact that goes into it.
    pub gone: ContactId,
    /// Who says so, in words of their own.
    pub made_by: Option<String>,
}

/// What a contact is and was recognised by, and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactTrail {
    /// What it is recognised by.
    pub identities: Vec<Identity>,
    /// What it was recognised by once.
    pub former_identities: Vec<FormerIdentity>,
    /// The merges into it, undone ones too, oldest first.
    pub merges: Vec<MergeRecord>,
}

impl Operations {
    /// Makes two contacts one: everything of the one moves to the other.
    pub async fn merge_contacts(
        &self,
        caller: &Caller,
        command: MergeContacts,
    ) -> Result<MergeOutcome> {
        let merge = storage::MergeContacts {
            keep: command.keep,
            gone: command.gone,
            reason: MergeReason::Asked,
            made_by: command.made_by,
            at: self.clock().now(),
        };
        Ok(self.store(caller).merge_contacts(merge).await?)
    }

    /// Takes two contacts apart that a merge made one.
    pub async fn unmerge_contacts(
        &self,
        caller: &Caller,
        merge: MergeId,
    ) -> Result<UnmergeOutcome> {
        let at = self.clock().now();
        Ok(self.store(caller).unmerge(merge, at).await?)
    }

    /// Returns the contact of this id, or the one it was merged into.
    pub async fn contact_by_id(&self, caller: &Caller, id: ContactId) -> Result<Option<Contact>> {
        Ok(self.store(caller).contact(id).await?)
    }

    /// Returns what a contact is recognised by and what it is made of.
    pub async fn contact_trail(&self, caller: &Caller, id: ContactId) -> Result<ContactTrail> {
        let store = self.store(caller);
        Ok(ContactTrail {
            identities: store.identities_of_contact(id).await?,
            former_identities: store.former_identities_of_contact(id).await?,
            merges: store.merges_of_contact(id).await?,
        })
    }
}
