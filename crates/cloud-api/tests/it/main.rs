//! What goes to Meta and what is made of the answers.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod accounts;
mod client;
mod handshake;
mod media;
mod reading;
mod request;
mod request_interactive;
mod request_template;
mod signature;
mod stand_in;
mod templates;
mod webhook;
