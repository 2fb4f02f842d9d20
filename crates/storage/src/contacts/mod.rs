//! Contacts, and the identities by which they are recognised.

mod batch;
mod change_number;
mod create;
mod delete;
mod find;
mod identities;
mod import;
mod known;
mod limit;
mod list;
mod listing;
mod meet;
mod merge;
mod rows;
mod unit;
mod update;
mod write;

pub use batch::{BatchItem, BatchOut, BatchRules};
pub(crate) use change_number::change_number;
pub use change_number::{Known, NumberChange};
pub use create::{CreateOutcome, Problem, UniqueFields};
pub(crate) use find::{by_number, hold, in_order, lock};
pub use import::{ImportRow, Imported};
pub use list::ContactPlace;
pub(crate) use listing::{file as file_for_lists, filed_with, statement_of};
pub use meet::{Met, Named};
pub(crate) use meet::{PersonRow, Rest, meet_or_make};
pub(crate) use merge::survivor;
pub use merge::{Hindrance, MergeContacts, MergeOutcome, UnmergeOutcome};
pub(crate) use unit::learn_wa_id;
pub use update::{ContactUpdate, UpdateOutcome};
pub(crate) use write::WriteContacts;

use domain::contact::{Address, Contact, ContactType, Origin};
use domain::ids::{SourceId, StatusId};
use domain::name::Name;
use domain::tenant::ContactDefaults;
use domain::verification::Verified;
use domain::{MatchKey, Patch, Phone};
use jiff::Timestamp;

/// The kind of identity that a number is, whoever said it.
pub(crate) const NUMBER: &str = "number";

/// A contact to be made.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// The number, which is how the contact will be recognised.
    pub phone: Phone,
    /// What WhatsApp calls the number, when WhatsApp said so.
    pub wa_id: Option<String>,
    /// What the caller says WhatsApp calls the number.
    pub wa_id_claim: Option<String>,
    /// The name.
    pub name: Name,
    /// The e-mail address.
    pub email: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Lead, customer or guest.
    pub kind: ContactType,
    /// Where it comes from.
    pub source_id: SourceId,
    /// How far along it is.
    pub status_id: StatusId,
    /// Who is in charge.
    pub assignee_id: Option<i64>,
    /// Whom the person works for.
    pub company: Option<String>,
    /// Notes.
    pub description: Option<String>,
    /// Where the person lives.
    pub address: Address,
    /// How it came to be here.
    pub origin: Origin,
    /// Whether the number was found to be on WhatsApp.
    pub verified: Option<Verified>,
    /// When it is made.
    pub at: Timestamp,
}

impl NewContact {
    /// Returns a contact of which nothing is known but the number, filed under the defaults.
    #[must_use]
    pub fn unknown(phone: Phone, filed: ContactDefaults, origin: Origin, at: Timestamp) -> Self {
        Self {
            phone,
            wa_id: None,
            wa_id_claim: None,
            name: Name::default(),
            email: None,
            tags: Vec::new(),
            kind: filed.kind,
            source_id: filed.source_id,
            status_id: filed.status_id,
            assignee_id: filed.assignee_id,
            company: None,
            description: None,
            address: Address::default(),
            origin,
            verified: None,
            at,
        }
    }
}

/// What an upsert changes in a contact that is already there.
#[derive(Clone, Debug, Default)]
pub struct ContactChanges {
    /// The whole name; the parts follow it.
    pub name: Patch<Name>,
    /// The e-mail address.
    pub email: Patch<String>,
    /// What the caller says WhatsApp calls the number.
    pub wa_id_claim: Patch<String>,
    /// What only files change.
    pub rest: Option<Box<RestChanges>>,
}

impl ContactChanges {
    fn is_empty(&self) -> bool {
        let is_mentioned = self.name.is_mentioned()
            || self.email.is_mentioned()
            || self.wa_id_claim.is_mentioned();
        !is_mentioned && self.rest.is_none()
    }
}

/// What else may be set in a contact that is there; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestChanges {
    /// All tags.
    pub tags: Option<Vec<String>>,
    /// Lead, customer or guest.
    pub kind: Option<ContactType>,
    /// The source, which is the tenant's.
    pub source_id: Option<SourceId>,
    /// The status, which is the tenant's.
    pub status_id: Option<StatusId>,
    /// Who is in charge.
    pub assignee_id: Option<i64>,
    /// Whom the person works for.
    pub company: Option<String>,
    /// Notes.
    pub description: Option<String>,
    /// Where the person lives, as far as it is known.
    pub address: Address,
}

/// What to do when the number already belongs to a contact.
#[derive(Clone, Debug)]
pub enum OnKnown {
    /// Leave it as it is and say who it is.
    Report,
    /// Change what is mentioned.
    Update(ContactChanges),
}

/// A contact to be made, or met.
#[derive(Clone, Debug)]
pub struct ContactWrite {
    /// What is made when nobody has the number.
    pub new: NewContact,
    /// What is done when somebody has.
    pub on_known: OnKnown,
}

/// What became of a [`ContactWrite`].
#[derive(Clone, Debug)]
pub enum Written {
    /// Nobody had the number.
    Created(Contact),
    /// Somebody had it, and was left as is.
    Known(Contact),
    /// Somebody had it, and was changed.
    Updated(Contact),
}

impl Written {
    /// Returns the contact, whatever became of it.
    #[must_use]
    pub fn contact(&self) -> &Contact {
        match self {
            Self::Created(contact) | Self::Known(contact) | Self::Updated(contact) => contact,
        }
    }
}

/// Returns the e-mail address as it is compared: WA.cr's rule of one contact an address does not
/// care for case.
pub(crate) fn email_key(email: &str) -> String {
    email.to_lowercase()
}

/// Returns the key under which what a caller claims is recognised, if it is a number at all.
pub(crate) fn claim_key(claim: &str) -> Option<MatchKey> {
    let digits = claim.strip_prefix('+').unwrap_or(claim);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| MatchKey::of_digits(digits))
}
