//! Contacts from a file, and all that there is for one.

use std::collections::HashSet;

use domain::Phone;
use domain::consent::Topic;
use domain::contact::Origin;
use domain::conversation::Conversation;
use domain::ids::{ContactId, ConversationId, GroupId, MessageId};
use domain::message::Message;
use domain::name::Name;
use domain::tenant::ContactDefaults;
use domain::{Contact, Patch};
use storage::{
    ContactChanges, ContactWrite, History, ImportRow, Imported, NewContact, OnKnown, RestChanges,
};

use super::load::{FiledContact, Filings, file};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// A contact as a file has it; what is absent is not known.
#[derive(Clone, Debug)]
pub struct ImportContact {
    /// The number, by which the contact is recognised.
    pub phone: Phone,
    /// The name.
    pub name: Option<Name>,
    /// The e-mail address, checked for its form.
    pub email: Option<String>,
    /// Everything else.
    pub rest: RestChanges,
    /// Groups to join, which are the tenant's.
    pub groups: Vec<GroupId>,
    /// What the person opted out of.
    pub opt_outs: Vec<Topic>,
}

/// How contacts are imported.
#[derive(Clone, Copy, Debug)]
pub struct ImportRules {
    /// What becomes of who is there already.
    pub on_existing: OnExisting,
    /// What new contacts get whose row does not say.
    pub defaults: ContactDefaults,
}

/// What becomes of a contact that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnExisting {
    /// What the file has is written; what it does not have stays.
    Update,
    /// It stays as it is, but for an opt-out.
    Skip,
}

/// A contact with all that a file says of it.
#[derive(Clone, Debug)]
pub struct ExportedContact {
    /// The contact and what it is filed under.
    pub filed: FiledContact,
    /// What the person opted out of, be it on a single channel.
    pub opt_outs: HashSet<Topic>,
}

impl Operations {
    /// Makes or changes contacts, and says of each in its order what became of it; one fails alone:
    /// with [`Error::LimitReached`], or with [`Error::Internal`] where the database refuses it.
    ///
    /// Fails as a whole where nothing was done; the same may be asked for again.
    pub async fn import_contacts(
        &self,
        caller: &Caller,
        contacts: Vec<ImportContact>,
        rules: ImportRules,
    ) -> Result<Vec<Result<Imported>>> {
        let at = self.clock().now();
        let rows = contacts.into_iter().map(|contact| ImportRow {
            groups: contact.groups.clone(),
            opt_outs: contact.opt_outs.clone(),
            write: write(contact, rules, at),
        });
        let store = self.store(caller);
        let outs = store.import_contacts(rows.collect(), at).await?;
        let outs = outs.into_iter().map(|out| out.map_err(Error::from));
        Ok(outs.collect())
    }

    /// Returns contacts in the order of their ids, from the one after an id on.
    pub async fn contacts_by_id(
        &self,
        caller: &Caller,
        after: Option<ContactId>,
        limit: usize,
    ) -> Result<Vec<ExportedContact>> {
        let store = self.store(caller);
        let contacts = store.contacts_by_id(after, limit).await?;
        let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
        let mut opt_outs = store.opt_outs_of_contacts(&ids).await?;
        let all = Filings {
            source: true,
            status: true,
        };
        let filed = file(&store, contacts, all).await?.into_iter();
        let exported = filed.map(|filed| ExportedContact {
            opt_outs: opt_outs.remove(&filed.contact.id).unwrap_or_default(),
            filed,
        });
        Ok(exported.collect())
    }

    /// Returns messages in the order of their ids, from the one after an id on, each with what
    /// happened to it and its contact.
    pub async fn messages_by_id(
        &self,
        caller: &Caller,
        after: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<(Message, History, Contact)>> {
        Ok(self.store(caller).messages_by_id(after, limit).await?)
    }

    /// Returns conversations in the order of their ids, from the one after an id on, each with its
    /// contact.
    pub async fn conversations_by_id(
        &self,
        caller: &Caller,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<(Conversation, Contact)>> {
        Ok(self.store(caller).conversations_by_id(after, limit).await?)
    }
}

fn write(contact: ImportContact, rules: ImportRules, at: jiff::Timestamp) -> ContactWrite {
    let rest = contact.rest;
    let filed = ContactDefaults {
        kind: rest.kind.unwrap_or(rules.defaults.kind),
        source_id: rest.source_id.unwrap_or(rules.defaults.source_id),
        status_id: rest.status_id.unwrap_or(rules.defaults.status_id),
        assignee_id: rest.assignee_id.or(rules.defaults.assignee_id),
    };
    let new = NewContact {
        name: contact.name.clone().unwrap_or_default(),
        email: contact.email.clone(),
        tags: rest.tags.clone().unwrap_or_default(),
        company: rest.company.clone(),
        description: rest.description.clone(),
        address: rest.address.clone(),
        ..NewContact::unknown(contact.phone, filed, Origin::Import, at)
    };
    let on_known = match rules.on_existing {
        OnExisting::Skip => OnKnown::Report,
        OnExisting::Update => OnKnown::Update(ContactChanges {
            name: contact.name.map_or(Patch::Keep, Patch::Set),
            email: contact.email.map_or(Patch::Keep, Patch::Set),
            wa_id_claim: Patch::Keep,
            rest: (rest != RestChanges::default()).then(|| Box::new(rest)),
        }),
    };
    ContactWrite { new, on_known }
}
