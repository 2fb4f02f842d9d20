//! What the business wrote from its own phone, beside the Cloud API.

use serde_json::Value;

use super::content::file;
use super::inbound::{Body, Context, File, body};
use super::person::Person;
use crate::lenient::Lenient;

/// A message of the business's own, from its phone.
#[derive(Clone, Debug, PartialEq)]
pub struct Echo {
    /// WhatsApp's id of it.
    pub wamid: String,
    /// The business's number: digits.
    pub from: Option<String>,
    /// Whom it went to.
    pub to: Person,
    /// What Meta calls its kind; empty where it says none.
    pub kind: String,
    /// What it says.
    pub body: Body,
    /// The file that belongs to it.
    pub file: Option<File>,
    /// What it answers.
    pub context: Option<Context>,
    /// All of it, with the parts that are not known here.
    pub raw: Value,
}

impl Echo {
    /// Reads an element of `message_echoes`; one without an id is none.
    pub(super) fn read(message: &Value, people: &[Person]) -> Option<Self> {
        let kind = message.text("type").unwrap_or_default();
        let to = Person {
            wa_id: message.id("to"),
            user_id: message.id("to_user_id"),
            parent_user_id: message.id("to_parent_user_id"),
            ..Person::default()
        };
        Some(Self {
            wamid: message.id("id")?,
            from: message.id("from"),
            to: to.found_in(people),
            body: body(message, &kind),
            file: file(message, &kind),
            kind,
            context: message.object("context").map(Context::read),
            raw: message.clone(),
        })
    }
}
