//! How far a message got.

use domain::message::Status;
use jiff::Timestamp;
use serde_json::Value;

use super::errors;
use super::person::Person;
use crate::error::MetaError;
use crate::lenient::Lenient;

/// A report on a message that was sent. Reports come late, twice and in any order; see
/// [`Status::rises_to`].
#[derive(Clone, Debug, PartialEq)]
pub struct StatusUpdate {
    /// WhatsApp's id of the message.
    pub wamid: String,
    /// `Sent`, `Delivered`, `Read`, `Played` or `Failed`.
    pub status: Status,
    /// Whom it went to; in a group, who of it this is about.
    pub recipient: Person,
    /// The group it went to, if it did.
    pub group_id: Option<String>,
    /// What was sent along as `biz_opaque_callback_data`.
    pub opaque: Option<String>,
    /// Why it failed.
    pub errors: Vec<MetaError>,
    /// What it costs.
    pub pricing: Option<Pricing>,
    /// The conversation it is of; newer webhooks mostly name none.
    pub conversation: Option<Conversation>,
    /// All of it, with the parts that are not known here.
    pub raw: Value,
}

/// What a message costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pricing {
    /// Whether it costs anything.
    pub is_billable: Option<bool>,
    /// `PMP` or, before July 2025, `CBP`.
    pub model: Option<String>,
    /// Such as `marketing`.
    pub category: Option<String>,
    /// Such as `regular` or `free_customer_service`.
    pub kind: Option<String>,
}

/// What Meta counts as a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// Meta's id of it.
    pub id: Option<String>,
    /// How it began, such as `service`.
    pub origin: Option<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

impl StatusUpdate {
    /// Reads an element of `statuses`; one without an id, or with a word that is not known, is
    /// none.
    pub(super) fn read(status: &Value, people: &[Person]) -> Option<Self> {
        let word = match status.text("status")?.as_str() {
            "sent" => Status::Sent,
            "delivered" => Status::Delivered,
            "read" => Status::Read,
            "played" => Status::Played,
            "failed" => Status::Failed,
            _ => return None,
        };
        let is_of_group = status.text("recipient_type").as_deref() == Some("group");
        let (number, user, group_id) = if is_of_group {
            let group = status.id("recipient_id");
            (
                "recipient_participant_id",
                "recipient_participant_user_id",
                group,
            )
        } else {
            ("recipient_id", "recipient_user_id", None)
        };
        let recipient = Person {
            wa_id: status.id(number),
            user_id: status.id(user),
            parent_user_id: status.id("recipient_parent_user_id"),
            identity_key_hash: status.id("recipient_identity_key_hash"),
            ..Person::default()
        };
        Some(Self {
            wamid: status.id("id")?,
            status: word,
            recipient: recipient.found_in(people),
            group_id,
            opaque: status.id("biz_opaque_callback_data"),
            errors: errors::of(status),
            pricing: status.object("pricing").map(Pricing::read),
            conversation: status.object("conversation").map(Conversation::read),
            raw: status.clone(),
        })
    }
}

impl Pricing {
    fn read(pricing: &Value) -> Self {
        Self {
            is_billable: pricing.field("billable").and_then(Value::as_bool),
            model: pricing.text("pricing_model"),
            category: pricing.text("category"),
            kind: pricing.text("type"),
        }
    }
}

impl Conversation {
    fn read(conversation: &Value) -> Self {
        Self {
            id: conversation.id("id"),
            origin: conversation.object("origin").and_then(|it| it.text("type")),
            expires_at: conversation.instant("expiration_timestamp"),
        }
    }
}
