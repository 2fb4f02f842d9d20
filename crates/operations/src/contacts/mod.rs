//! Contacts: create, upsert, find, list.

mod batch;
mod consent;
mod create;
mod find;
mod import;
mod list;
mod load;
mod merge;
mod update;
mod upsert;

pub use batch::CreateOneOfMany;
pub use consent::{ChangeConsent, Wish};
pub use create::{CreateContact, CreatePolicy, Details, Filing, PartialContact};
pub use import::{ExportedContact, ImportContact, ImportRules, OnExisting};
pub use load::{FiledContact, Filings};
pub use merge::{ContactTrail, MergeContacts};
pub use upsert::UpsertContact;
