//! Messages and the conversations they belong to.

mod claim;
mod inbound;
mod outcome;
mod rows;

pub(crate) use claim::ClaimSends;
pub use claim::{Claim, NewSend, Window};
pub use inbound::Inbound;
pub use outcome::Outcome;
pub(crate) use outcome::{RecordOutcomes, abandon};
