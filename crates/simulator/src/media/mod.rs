//! Files: taken, kept for their time, handed out again.

mod endpoints;
mod kinds;
mod links;
mod store;

pub(crate) use endpoints::{delete, download, show, upload};
pub(crate) use links::is_there;
pub(crate) use store::{MediaStore, New};
