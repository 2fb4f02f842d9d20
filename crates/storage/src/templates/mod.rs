//! Templates of the tenant's business accounts.
//!
//! Meta keeps 6,000 of an account at most, so that a list of all of them is bounded.

mod rows;
mod sync;
mod turns;

pub use rows::{TemplateHead, TemplateName};
pub use sync::{NewTemplate, TemplateSync, TemplatesSynced};
pub use turns::{AccountTurn, DueAccount};
pub(crate) use turns::{ask_again, expect_account};
