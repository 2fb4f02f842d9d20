//! A WhatsApp Cloud API to try things on, over real HTTP.
//!
//! It answers `POST /{version}/{phone_number_id}/messages` as Meta does, refusals included, and
//! `GET /simulator/numbers/{digits}`, which Meta has not: whether a number is on WhatsApp.
//! What Meta knows and this cannot know follows simple rules:
//!
//! - any token will do, and any `phone_number_id` of digits exists;
//! - a line's own number is its `phone_number_id`;
//! - every number is on WhatsApp but those that end in 0000, which are accepted all the same, as
//!   Meta only tells later.
//!
//! It keeps no more than the last messages, and nothing on disk. It is spoken to only over HTTP:
//! nothing in the product may depend on it being there.

mod answer;
mod chance;
mod checks;
mod fault;
mod ledger;
mod messages;
mod numbers;
mod refusal;
mod routes;
mod server;
mod wamid;

pub use fault::Fault;
pub use ledger::Sent;
pub use server::{Config, Simulator};
