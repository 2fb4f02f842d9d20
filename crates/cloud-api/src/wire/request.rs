//! The body of a message request.

use domain::message::Content;
use serde::Serialize;

use super::answer::MESSAGING_PRODUCT;
use super::content::Object;
use crate::outgoing::{Outgoing, Recipient};

/// The body of a message request.
#[derive(Serialize)]
pub struct MessageRequest<'a> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_opaque_callback_data: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    object: Option<Object<'a>>,
}

#[derive(Serialize)]
struct Context<'a> {
    message_id: &'a str,
}

impl<'a> MessageRequest<'a> {
    /// Writes a message as Meta reads it.
    #[must_use]
    pub fn new(outgoing: &Outgoing<'a>) -> Self {
        // The plus matters: Meta may put the sender's own country code before bare digits.
        let (to, recipient) = match outgoing.to {
            Recipient::Phone(digits) => (Some(format!("+{digits}")), None),
            Recipient::Bsuid(id) => (None, Some(id)),
        };
        // A reaction names its message itself and takes no context.
        let quoted = outgoing
            .context_wamid
            .filter(|_| !matches!(outgoing.content, Content::Reaction(_)));
        Self {
            messaging_product: MESSAGING_PRODUCT,
            recipient_type: "individual",
            to,
            recipient,
            context: quoted.map(|message_id| Context { message_id }),
            biz_opaque_callback_data: outgoing.opaque,
            kind: outgoing.content.kind().as_str(),
            object: Object::of(outgoing.content),
        }
    }

    /// Returns whether there is anything to send: what only comes in cannot go out.
    pub(crate) fn is_sendable(&self) -> bool {
        self.object.is_some()
    }
}
