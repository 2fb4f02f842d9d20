//! What Flowella's responses look like: keys, order, types.

use domain::Contact;
use domain::conversation::Conversation;
use jiff::Timestamp;
use serde::Serialize;

/// Writes a time as Flowella does: milliseconds and `Z`.
pub(super) fn time(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A contact. Every key is always there, null included, which satisfies both generations of the
/// vendor's reference.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContactRow {
    id: String,
    phone: String,
    wa_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    is_opted_out: bool,
    created_at: String,
    updated_at: String,
}

impl ContactRow {
    pub(super) fn of(contact: &Contact) -> Self {
        Self {
            id: contact.id.to_cuid(),
            phone: phone(contact),
            wa_id: wa_id(contact),
            name: contact.name.full.clone(),
            email: contact.email.clone(),
            is_opted_out: contact.is_opted_out,
            created_at: time(contact.created_at),
            updated_at: time(contact.updated_at),
        }
    }
}

/// A person without a visible number has an empty one: the key is not nullable.
fn phone(contact: &Contact) -> String {
    let phone = contact.phone.as_ref().map(domain::Phone::e164);
    phone.unwrap_or_default()
}

fn wa_id(contact: &Contact) -> Option<String> {
    let claimed = contact.wa_id_claim.as_ref();
    claimed.or(contact.wa_id.as_ref()).cloned()
}

/// A conversation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConversationRow {
    id: String,
    status: String,
    created_at: String,
    whatsapp_channel_id: String,
    contact: ConversationContact,
    last_message_at: String,
}

/// The contact of a conversation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConversationContact {
    id: String,
    phone: String,
    name: Option<String>,
    wa_id: Option<String>,
}

impl ConversationContact {
    pub(super) fn of(contact: &Contact) -> Self {
        Self {
            id: contact.id.to_cuid(),
            phone: phone(contact),
            name: contact.name.full.clone(),
            wa_id: wa_id(contact),
        }
    }
}

impl ConversationRow {
    pub(super) fn of(conversation: &Conversation, contact: &Contact) -> Self {
        Self {
            id: conversation.id.to_cuid(),
            status: conversation.status.as_str().to_uppercase(),
            created_at: time(conversation.created_at),
            whatsapp_channel_id: conversation.channel_id.to_cuid(),
            contact: ConversationContact::of(contact),
            last_message_at: time(conversation.last_message_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ContactRow;
    use crate::dialect::told::faceless;

    #[test]
    fn a_person_without_a_number_has_none() {
        let row = serde_json::to_value(ContactRow::of(&faceless())).unwrap();
        assert_eq!((&row["phone"], &row["waId"]), (&json!(""), &json!(null)));
    }
}
