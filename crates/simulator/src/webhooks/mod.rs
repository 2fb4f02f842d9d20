//! What Meta tells by itself: webhooks, signed and repeated until they are heard.

mod behaviour;
mod courier;
mod json;
mod log;
mod outbox;
pub(crate) mod statuses;
mod update;

pub use behaviour::Behaviour;
pub use log::{Counts, Delivery, State};

pub(crate) use courier::{Courier, handshake};
pub(crate) use json::escaped;
pub(crate) use outbox::{Outbox, Raw};
pub(crate) use update::Update;
