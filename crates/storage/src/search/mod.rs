//! Searching what contacts and messages say, wherever in it the words stand.
//!
//! Every text is taken apart into pieces of three characters, and each piece knows the subjects that
//! have it (`postings.rs`): what has all pieces of a query is read and compared with it. This is
//! filed in the background (`file.rs`), so that a write costs no more than the narrow row that says
//! what to file (`waiting.rs`). A search looks at what still waits by itself, so that everything is
//! found at once.

mod among;
mod file;
mod find;
mod postings;
mod subjects;
mod text;
pub(crate) mod waiting;

pub use find::{ContactFields, ContactSearch, Found, FoundIds, MAX_FOUND, MessageSearch, Total};
pub(crate) use waiting::{mark, mark_deleted, mark_new, mark_one, waiting_contacts};

/// How many blocks of ids are looked at in one statement at most.
const MAX_BLOCKS: usize = 64;

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Contacts, by name, number, e-mail address and company.
    Contact,
    /// Messages, by what a person reads in them.
    Message,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Contact, Self::Message];

    fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Message => "message",
        }
    }
}
