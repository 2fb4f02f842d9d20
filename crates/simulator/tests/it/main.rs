//! The simulator, spoken to over HTTP as Meta would be.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod business;
mod client;
mod faults;
mod messages;
mod numbers;
mod paths;
mod refusals;
