//! Contacts: create, upsert, find, list.

mod consent;
mod create;
mod find;
mod list;
mod merge;
mod upsert;

pub use consent::{ChangeConsent, Wish};
pub use create::{CreateContact, CreatePolicy, Details, Filing, PartialContact};
pub use merge::{ContactTrail, MergeContacts};
pub use upsert::UpsertContact;
