//! Meta's JSON: what is posted to `/{version}/{phone_number_id}/messages`, and what comes back.
//!
//! The answers can be read and written, so that the simulator speaks the same shapes.

mod answer;
mod cards;
mod content;
mod interactive;
mod request;

pub use answer::{
    AnswerContact, AnswerMessage, ErrorAnswer, ErrorBody, ErrorData, MESSAGING_PRODUCT, SendAnswer,
};
pub use request::MessageRequest;
