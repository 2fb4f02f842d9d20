//! Groups, sources and statuses, and who is in which group.

use domain::Patch;
use domain::ids::GroupId;
use domain::label::{Label, LabelField, LabelId};
use domain::listing::{Listing, Page};
use storage::{Joined, LabelChange, LabelDeletion};

use crate::caller::Caller;
use crate::error::{Error, Feature, LabelTrouble, Result};
use crate::operations::Operations;

/// What a label is changed to.
#[derive(Clone, Debug)]
pub struct ChangeLabel {
    /// Its name.
    pub name: String,
    /// Its colour, if it is mentioned.
    pub color: Patch<String>,
}

impl Operations {
    /// Returns a page of the labels of a kind.
    pub async fn list_labels<I: LabelId>(
        &self,
        caller: &Caller,
        listing: &Listing<LabelField>,
    ) -> Result<Page<Label<I>>> {
        Ok(listing.pick(self.store(caller).labels().await?))
    }

    /// Returns all labels of a kind; there are few.
    pub async fn labels<I: LabelId>(&self, caller: &Caller) -> Result<Vec<Label<I>>> {
        Ok(self.store(caller).labels().await?)
    }

    /// Returns a label, or [`Error::Label`].
    pub async fn label<I: LabelId>(&self, caller: &Caller, id: I) -> Result<Label<I>> {
        let found = self.store(caller).label(id).await?;
        found.ok_or(Error::Label(I::KIND, LabelTrouble::Absent))
    }

    /// Makes a label.
    ///
    /// Fails with [`Error::Label`], and with [`Error::LimitReached`] where there are too many.
    pub async fn create_label<I: LabelId>(
        &self,
        caller: &Caller,
        name: &str,
        color: Option<&str>,
    ) -> Result<Label<I>> {
        let store = self.store(caller);
        let made = store.create_label(name, color, self.clock().now()).await;
        made.map_err(|error| match error {
            storage::Error::Conflict(_) => Error::Label(I::KIND, LabelTrouble::NameTaken),
            storage::Error::LimitReached { current, maximum } => Error::LimitReached {
                feature: Feature::Labels(I::KIND),
                current,
                maximum,
            },
            error => error.into(),
        })
    }

    /// Changes a label.
    ///
    /// Fails with [`Error::Label`] where the name is another one's, else where there is none.
    pub async fn update_label<I: LabelId>(
        &self,
        caller: &Caller,
        id: I,
        change: ChangeLabel,
    ) -> Result<Label<I>> {
        let change = LabelChange {
            name: change.name,
            color: change.color,
            at: self.clock().now(),
        };
        let changed = self.store(caller).change_label(id, change).await;
        let changed = changed.map_err(|error| match error {
            storage::Error::Conflict(_) => Error::Label(I::KIND, LabelTrouble::NameTaken),
            error => error.into(),
        })?;
        changed.ok_or(Error::Label(I::KIND, LabelTrouble::Absent))
    }

    /// Deletes a label; the members of a group leave it.
    ///
    /// Fails with [`Error::Label`].
    pub async fn delete_label<I: LabelId>(&self, caller: &Caller, id: I) -> Result<()> {
        match self.store(caller).delete_label(id).await? {
            LabelDeletion::Deleted => Ok(()),
            LabelDeletion::Absent => Err(Error::Label(I::KIND, LabelTrouble::Absent)),
            LabelDeletion::IsDefault => Err(Error::Label(I::KIND, LabelTrouble::IsDefault)),
            LabelDeletion::InUse(contacts) => {
                Err(Error::Label(I::KIND, LabelTrouble::InUse(contacts)))
            }
        }
    }

    /// Puts contacts into a group, all or none; returns how many were not in it before.
    ///
    /// Fails with [`Error::Label`] and [`Error::NoSuchContacts`].
    pub async fn join_group(
        &self,
        caller: &Caller,
        group: GroupId,
        contacts: Vec<i64>,
    ) -> Result<u64> {
        match self.store(caller).join_group(group, contacts).await? {
            Joined::Added(added) => Ok(added),
            Joined::NoGroup => Err(Error::Label(GroupId::KIND, LabelTrouble::Absent)),
            Joined::NoContacts(ids) => Err(Error::NoSuchContacts(ids)),
        }
    }

    /// Takes contacts out of a group; returns how many were in it. Fails with [`Error::Label`].
    pub async fn leave_group(
        &self,
        caller: &Caller,
        group: GroupId,
        contacts: Vec<i64>,
    ) -> Result<u64> {
        let left = self.store(caller).leave_group(group, contacts).await?;
        left.ok_or(Error::Label(GroupId::KIND, LabelTrouble::Absent))
    }
}
