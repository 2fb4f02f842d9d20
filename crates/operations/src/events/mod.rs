//! Telling others what happens: who wants to hear of what, in whose words, and how it gets there.
//!
//! An event is in the outbox as soon as it happened. Whoever holds the lease `events` has each API
//! say it in its words for each webhook (`tell.rs`), and delivers what waits (`courier.rs`). What
//! is delivered may come twice, such as after a crash in the middle, and then under the same id;
//! what happened is never lost.

mod courier;
mod log;
mod tell;
mod voice;
mod webhooks;
mod worker;

pub(crate) use courier::Courier;
pub use log::{ShownDelivery, WhichDeliveries};
pub use voice::{About, Event, Parcel, Told, Voice};
pub use webhooks::{CreateWebhook, CreatedWebhook, MAX_WEBHOOKS, WebhookMade, WebhookRefused};
