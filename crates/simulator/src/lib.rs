//! A WhatsApp Cloud API to try things on, over real HTTP.
//!
//! It speaks Graph's paths and bodies as Meta does, refusals included: messages, files, templates,
//! numbers, accounts; and it posts signed webhooks. What Meta has not stands under `/simulator/`:
//! it lets phones write, lets things go wrong, and shows what was sent.
//! What Meta knows and this cannot know follows simple rules, until it is told better:
//!
//! - any token will do, and any `phone_number_id` or account id of digits exists;
//! - a line's own number is its `phone_number_id`;
//! - every number is on WhatsApp but those that end in 0000, which are accepted all the same, as
//!   Meta only tells later;
//! - nothing is limited, and webhooks are posted once an app is there to get them.
//!
//! It keeps no more than the last messages, and on disk only the journal it is asked for. It is
//! spoken to only over HTTP: nothing in the product may depend on it being there.

mod accounts;
mod answer;
mod apps;
mod call;
mod catalogue;
mod chance;
mod checks;
mod config;
mod control;
mod fault;
mod graph;
mod journal;
mod ledger;
mod lines;
mod media;
mod messages;
mod numbers;
mod pace;
mod people;
mod refusal;
mod reports;
mod routes;
mod server;
mod templates;
mod user_ids;
mod wamid;
mod webhooks;
mod world;

pub use accounts::Account;
pub use apps::App;
pub use config::{Config, Reports, Rules, Window};
pub use control::{ControlError, Setup};
pub use fault::{Fault, FaultRule};
pub use ledger::Sent;
pub use lines::Line;
pub use people::Person;
pub use server::Simulator;
pub use webhooks::{Behaviour, Counts, Delivery, State};
