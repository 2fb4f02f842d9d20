//! Meta's WhatsApp Cloud API, as a client sees it.
//!
//! The only crate that knows Meta's JSON: how a message is written for it, what its answers and
//! errors mean. It sends once and never again by itself, because Meta has no idempotency key;
//! whether to try again is for the caller to decide, who is told exactly how far a request got.
//! Nothing here logs or returns message text, tokens or phone numbers in an error.

pub mod account;
mod class;
mod client;
mod error;
mod form;
mod lenient;
mod line;
pub mod media;
mod outgoing;
pub mod signature;
pub mod template;
pub mod webhook;
pub mod wire;
mod words;

pub use class::Class;
pub use client::{BuildError, Client, Timeouts};
pub use error::{MetaError, ReadError, SendError};
pub use form::form;
pub use line::{DEFAULT_GRAPH_URL, DEFAULT_VERSION, Line, Token};
pub use outgoing::{Accepted, Outgoing, Recipient, Typing};
pub use words::plain_words;
