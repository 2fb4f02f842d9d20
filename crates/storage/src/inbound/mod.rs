//! What Meta posts: a ledger of events, written before Meta hears 200 and applied afterwards.
//!
//! An event is in one of three states. It waits (`inbound_waiting`), it failed (`inbound_failed`),
//! or, in neither table, it was applied.

mod apply;
mod keep;
mod ledger;
mod waiting;

pub use apply::{
    Change, InboundChange, InboundEdit, InboundFile, InboundMessage, Person, Report,
    TemplateChange, TemplateNews, Upgrade, Wish, WishOrigin,
};
pub(crate) use apply::{Pair, Touch, Touched, touch};
pub(crate) use keep::KeepEvents;
pub use keep::NewEvent;
pub use ledger::{EventState, KeptEvent, LedgerFilter};
pub use waiting::WaitingEvent;
