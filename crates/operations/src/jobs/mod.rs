//! Bulk jobs: one template to many people, in the background.

mod control;
mod create;
mod feed;
mod filling;
mod work;

pub use control::JobReport;
pub use create::{CreateJob, JobOutcome, WhichTemplate};
pub use filling::{Filling, Person, Recipient};
