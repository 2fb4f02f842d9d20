//! The simulator, spoken to over HTTP as Meta would be.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics has failed, as it should"
)]

mod accounts;
mod business;
mod client;
mod control;
mod faults;
mod interactive;
mod limits;
mod listener;
mod media;
mod messages;
mod numbers;
mod oddities;
mod paths;
mod phones;
mod refusals;
mod statuses;
mod templates;
mod third_party;
mod webhooks;
