//! The simulator, spoken to over HTTP as Meta would be.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics has failed, as it should"
)]

mod business;
mod client;
mod faults;
mod listener;
mod messages;
mod numbers;
mod paths;
mod refusals;
mod statuses;
mod third_party;
mod webhooks;
