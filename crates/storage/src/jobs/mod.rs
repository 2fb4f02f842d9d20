//! Jobs: one template to many people, a row for each of them.
//!
//! A job is written down in portions and opened when it is whole, so that a big one stops nobody
//! else's writes. Its worker takes recipients up in their order, again in portions: what becomes of
//! a recipient and the message to them are written in one transaction, under the worker's lease, so
//! that a crash leaves nobody out and nobody is written to twice.

mod accept;
mod control;
mod feed;
mod forget;
mod rows;

pub use accept::{NewJob, NewRecipient};
pub use control::JobProgress;
pub use feed::{DueJob, Fate, Fed, Portion};
pub use rows::{Job, JobState, RecipientState, WaitingRecipient};
