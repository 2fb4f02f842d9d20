//! Messages: send, queue, cancel and receive.

mod cancel;
mod queue;
mod receive;
mod send;
mod show;
mod template;

pub use queue::QueueMessage;
pub use receive::ReceiveMessage;
pub use send::{Addressee, SendMessage, SentMessage};
pub use show::ShownMessage;
pub use template::{SendTemplate, SentTemplate};
