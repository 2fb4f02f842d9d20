//! Contacts with what they are filed under.

use std::collections::BTreeSet;

use domain::Contact;
use domain::contact::ContactField;
use domain::ids::{ContactId, SourceId, StatusId};
use domain::label::{Group, Label, LabelId, Source, Status};
use domain::listing::{Listing, Page};
use storage::Store;

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// A contact with what it is filed under.
#[derive(Clone, Debug)]
pub struct FiledContact {
    /// The contact.
    pub contact: Contact,
    /// Its groups, in the order of their ids.
    pub groups: Vec<Group>,
    /// Its source, where it was asked for.
    pub source: Option<Source>,
    /// Its status, where it was asked for.
    pub status: Option<Status>,
}

/// What of a contact's filing is asked for besides its groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filings {
    /// Its source.
    pub source: bool,
    /// Its status.
    pub status: bool,
}

impl Operations {
    /// Returns the contact of this id with its filing, or [`Error::NoContact`].
    pub async fn filed_contact(
        &self,
        caller: &Caller,
        id: ContactId,
        filings: Filings,
    ) -> Result<FiledContact> {
        let contact = self.contact(caller, id).await?;
        let filed = file(&self.store(caller), vec![contact], filings).await?;
        filed.into_iter().next().ok_or(Error::NoContact)
    }
}

impl Operations {
    /// Returns a page of the contacts with their filing.
    pub async fn page_of_contacts(
        &self,
        caller: &Caller,
        listing: &Listing<ContactField>,
        filings: Filings,
    ) -> Result<Page<FiledContact>> {
        let store = self.store(caller);
        let page = store.page_of_contacts(listing).await?;
        Ok(Page {
            items: file(&store, page.items, filings).await?,
            total: page.total,
        })
    }
}

/// Returns contacts with their filing, in their order.
pub(super) async fn file(
    store: &Store,
    contacts: Vec<Contact>,
    filings: Filings,
) -> Result<Vec<FiledContact>> {
    let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
    let mut groups = store.groups_of_contacts(&ids).await?;
    let sources = contacts.iter().filter(|_| filings.source);
    let sources = labels(store, sources.map(|it| it.source_id.get()).collect()).await?;
    let statuses = contacts.iter().filter(|_| filings.status);
    let statuses = labels(store, statuses.map(|it| it.status_id.get()).collect()).await?;
    let filed = contacts.into_iter().map(|contact| FiledContact {
        groups: groups.remove(&contact.id).unwrap_or_default(),
        source: of::<SourceId>(&sources, contact.source_id),
        status: of::<StatusId>(&statuses, contact.status_id),
        contact,
    });
    Ok(filed.collect())
}

async fn labels<I: LabelId>(store: &Store, ids: BTreeSet<i64>) -> Result<Vec<Label<I>>> {
    let ids: Vec<I> = ids.into_iter().filter_map(I::new).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store.labels_among(&ids).await?)
}

fn of<I: LabelId>(labels: &[Label<I>], id: I) -> Option<Label<I>> {
    labels.iter().find(|it| it.id.get() == id.get()).cloned()
}
