//! Meta's JSON of messages: what is posted to `/{version}/{phone_number_id}/messages`, and what
//! comes back.
//!
//! The answers can be read and written, so that the simulator speaks the same shapes.

mod answer;
mod cards;
mod content;
mod interactive;
mod media;
mod read_mark;
mod request;
mod template;

pub use answer::{
    AnswerContact, AnswerMessage, ErrorAnswer, ErrorBody, ErrorData, MESSAGING_PRODUCT, SendAnswer,
};
pub use read_mark::ReadMark;
pub use request::MessageRequest;
