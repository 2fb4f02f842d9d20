//! Templates: what businesses may write to people who did not write first.

mod check;
mod endpoints;
mod pages;
mod samples;
mod store;
mod wording;

pub(crate) use check::check;
pub(crate) use endpoints::{Decision, create, delete, edit, list, review, show};
pub(crate) use store::Templates;
