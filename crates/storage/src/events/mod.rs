//! What happens, on its way to those who want to hear of it.
//!
//! An event is a narrow row, written with the fact it tells of and only where a webhook is on. Once
//! it is told in the words of each webhook it becomes deliveries, in one transaction; those are what
//! waits, and the log of what went out.

mod deliveries;
mod log;
mod outbox;
mod webhooks;

pub use deliveries::{DeliveryState, DueDelivery, NewDelivery, SettledAs, Settlement};
pub use log::{Delivery, DeliveryFilter};
pub use outbox::OutboxEvent;
pub(crate) use outbox::{Announcement, announce, announcements};
pub use webhooks::{Disabled, MadeWebhook, NewWebhook, Webhook};
