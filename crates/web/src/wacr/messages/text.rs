//! `/api/v2/messages/text`.

use axum::response::Response;
use domain::message::Content;
use domain::message::content::Text;
use serde::Serialize;

use super::super::json::{self, Fields};
use super::merge::merged;
use super::recipient::{LONGEST, Recipient};
use crate::dialect::Call;
use crate::wacr::Error;

#[derive(Serialize)]
struct What {
    message: String,
}

/// `POST /api/v2/messages/text`.
pub(in crate::wacr) async fn send(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let to = Recipient::read(call, &mut fields, LONGEST);
    let text = fields.required_text("message", Text::MAX_CHARS, "Message is required");
    let to = to.find(call, fields).await?;
    let message = merged(&text.unwrap_or_default(), &to.contact);
    // It may have grown, or have been nothing but what nobody knows.
    let mut fields = Fields::of("message", &message);
    fields.required_text("message", Text::MAX_CHARS, "Message is required");
    if !fields.complaints.is_empty() {
        return Err(Error::validation(fields.complaints));
    }
    let content = Content::Text(Text {
        body: message.clone(),
        preview_url: false,
    });
    let told = (What { message }, "Message sent successfully");
    super::send(call, to, content, told).await
}
