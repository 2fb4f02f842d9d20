//! Messages: send, queue, cancel and receive.

mod cancel;
mod queue;
mod receive;
mod send;
mod show;
mod tell;
mod template;

pub use queue::QueueMessage;
pub use receive::ReceiveMessage;
pub use send::{Addressee, SendMessage, SentMessage};
pub use show::ShownMessage;
pub use tell::ToldMessage;
pub use template::{SendTemplate, SentTemplate};
