//! Messages and the conversations they belong to.

mod claim;
mod history;
mod inbound;
mod listing;
mod outcome;
mod queue;
pub(crate) mod reactions;
mod rows;

pub use claim::{Claim, NewSend, Start, Window};
pub(crate) use claim::{ClaimRow, ClaimSends, claim};
pub use history::History;
pub use inbound::Inbound;
pub(crate) use listing::statement_of;
pub use outcome::Outcome;
pub(crate) use outcome::RecordOutcomes;
pub use queue::{
    BusyChannel, Departure, SKIPPED_BLOCKED, SKIPPED_OPTED_OUT, SKIPPED_WINDOW, Waiting,
};
pub(crate) use queue::{channels_sending, channels_with_due};
pub use reactions::Reacted;
pub(crate) use rows::{FORGET_CODE, INSERT_COLUMNS, content_text, in_order, read_content};
