//! What goes to Meta and what is made of the answers.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod client;
mod request;
