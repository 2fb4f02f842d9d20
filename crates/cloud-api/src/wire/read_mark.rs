//! The body of a request that marks a message as read.

use serde::Serialize;

use super::answer::MESSAGING_PRODUCT;
use crate::outgoing::Typing;

/// The body of a request that marks a message, and those before it, as read.
#[derive(Serialize)]
pub struct ReadMark<'a> {
    messaging_product: &'static str,
    status: &'static str,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typing_indicator: Option<TypingIndicator>,
}

#[derive(Serialize)]
struct TypingIndicator {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> ReadMark<'a> {
    /// Writes a read mark as Meta reads it.
    #[must_use]
    pub fn new(wamid: &'a str, typing: Typing) -> Self {
        Self {
            messaging_product: MESSAGING_PRODUCT,
            status: "read",
            message_id: wamid,
            typing_indicator: match typing {
                Typing::Hidden => None,
                Typing::Shown => Some(TypingIndicator { kind: "text" }),
            },
        }
    }
}
