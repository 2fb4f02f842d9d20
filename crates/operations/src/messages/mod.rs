//! Messages: send and receive.

mod channel;
mod receive;
mod send;

pub use receive::ReceiveMessage;
pub use send::{SendMessage, SentMessage};
