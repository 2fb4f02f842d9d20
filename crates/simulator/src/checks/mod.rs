//! Meta's rules for a message, told in Meta's words when broken.
//!
//! Only what Meta checks before it answers; what it finds out later, such as a dead link, is not
//! looked at.

mod actions;
mod cards;
mod fields;
mod interactive;
mod media;
mod objects;

use cloud_api::wire::MESSAGING_PRODUCT;
use serde_json::{Map, Value};

use crate::numbers;
use crate::refusal::Refusal;
use fields::Fields;
pub(crate) use media::{link, media_ids};

/// What a request turned out to be.
#[derive(Debug)]
pub(crate) enum Checked {
    Message(Message),
    /// An inbound message is marked as read, and perhaps typing is shown.
    ReadMark,
}

/// A message that Meta would take.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) to: Recipient,
    pub(crate) kind: &'static str,
}

/// Whom a message goes to.
#[derive(Debug)]
pub(crate) enum Recipient {
    Phone { input: String, digits: String },
    Bsuid(String),
}

impl Recipient {
    /// Returns the digits as dialled, or the business-scoped user id.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Phone { digits, .. } => digits,
            Self::Bsuid(id) => id,
        }
    }

    pub(crate) fn into_key(self) -> String {
        match self {
            Self::Phone { digits, .. } => digits,
            Self::Bsuid(id) => id,
        }
    }
}

type Check = fn(&Fields<'_>) -> Result<(), Refusal>;

/// Every type of message, and what its object must be.
const KINDS: &[(&str, Check)] = &[
    ("text", objects::text),
    ("image", media::image),
    ("video", media::video),
    ("audio", media::audio),
    ("document", media::document),
    ("sticker", media::sticker),
    ("location", objects::location),
    ("contacts", cards::contacts),
    ("interactive", interactive::interactive),
    ("reaction", objects::reaction),
    ("template", objects::template),
];

/// Checks a request to send from a line.
pub(crate) fn check(body: &Map<String, Value>, phone_number_id: &str) -> Result<Checked, Refusal> {
    let fields = Fields::root(body);
    let product = fields.required_text("messaging_product")?;
    if product != MESSAGING_PRODUCT {
        let rule = format!("must be one of {{WHATSAPP}} - got \"{product}\"");
        return Err(Refusal::param("messaging_product", &rule));
    }
    if fields.text("status")? == Some("read") {
        fields.required_text("message_id")?;
        return Ok(Checked::ReadMark);
    }
    let to = recipient(&fields)?;
    if matches!(&to, Recipient::Phone { digits, .. } if digits == phone_number_id) {
        return Err(Refusal::recipient_is_sender());
    }
    if let Some(context) = fields.object("context")? {
        context.required_text("message_id")?;
    }
    fields.text_up_to("biz_opaque_callback_data", 512)?;
    let named = fields.text("type")?.unwrap_or("text");
    let kind = KINDS.iter().find(|(name, _)| *name == named);
    let (kind, check) = kind.ok_or_else(Refusal::unsupported_type)?;
    check(&fields)?;
    Ok(Checked::Message(Message { to, kind }))
}

/// Reads whom it goes to; where there is a number too, the number wins.
fn recipient(fields: &Fields<'_>) -> Result<Recipient, Refusal> {
    if let Some(other) = fields
        .text("recipient_type")?
        .filter(|it| *it != "individual")
    {
        let rule = format!("must be one of {{INDIVIDUAL}} - got \"{other}\"");
        return Err(Refusal::param("recipient_type", &rule));
    }
    let to = fields.text("to")?.filter(|it| !it.is_empty());
    match (to, fields.text("recipient")?) {
        (Some(to), _) => {
            let digits = numbers::digits(to);
            let digits = digits.ok_or_else(|| Refusal::not_valid("Invalid phone number."))?;
            Ok(Recipient::Phone {
                input: to.into(),
                digits,
            })
        }
        (None, Some(id)) if numbers::is_bsuid(id) => Ok(Recipient::Bsuid(id.into())),
        (None, Some(_)) => Err(Refusal::not_valid("Invalid recipient.")),
        (None, None) => Err(Refusal::required("to")),
    }
}
