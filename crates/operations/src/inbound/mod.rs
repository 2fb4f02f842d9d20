//! What Meta posts: proved, kept, and applied afterwards.

mod accept;
mod apply;
mod apps;
mod ledger;
mod reading;
mod templates;
mod words;

pub(crate) use accept::Arrivals;
pub use accept::Room;
pub(crate) use apps::Apps;
pub use apps::MetaApp;
pub use ledger::EventFilter;
