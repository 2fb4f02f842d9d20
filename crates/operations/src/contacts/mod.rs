//! Contacts: create, upsert, find.

mod create;
mod find;
mod upsert;

pub use create::{CreateContact, CreatePolicy, Details, Filing, PartialContact};
pub use upsert::UpsertContact;
