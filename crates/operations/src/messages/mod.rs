//! Messages: send and receive.

mod receive;
mod send;

pub use receive::ReceiveMessage;
pub use send::{SendMessage, SentMessage};
