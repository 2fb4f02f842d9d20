//! A reaction to another message.

use domain::message::Content;
use domain::message::content::Reaction;

use super::{Error, Object};

/// What is meant where no emoji is given.
const DEFAULT_EMOJI: &str = "👍";

pub(super) fn read(body: &Object) -> Result<Content, Error> {
    let missing = "reaction.message_id is required for reaction messages";
    let reaction = body.object("reaction")?;
    let reaction = reaction.ok_or_else(|| Error::missing_field(missing))?;
    let message_id = reaction.text("message_id")?;
    let message_id = message_id.ok_or_else(|| Error::missing_field(missing))?;
    // An empty emoji, as with WhatsApp, takes the reaction back.
    let emoji = reaction.any_text("emoji")?.unwrap_or(DEFAULT_EMOJI);
    Ok(Content::Reaction(Reaction {
        message_id: message_id.trim().to_owned(),
        emoji: emoji.trim().to_owned(),
    }))
}
