//! Plain text.

use domain::message::Content;
use domain::message::content::Text;

use super::limits::Limits;
use super::{Error, Object};

const LIMITS: Limits = Limits("Invalid text message");

pub(super) fn read(body: &Object) -> Result<Content, Error> {
    let text = body.required_text("text", " for text messages")?;
    LIMITS.chars("text", text, Text::MAX_CHARS)?;
    Ok(Content::Text(Text {
        body: text.to_owned(),
        preview_url: false,
    }))
}
