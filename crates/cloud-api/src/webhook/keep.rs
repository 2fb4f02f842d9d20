//! An event alone, as Meta would post it: what is kept of a payload for each of its events.

use serde::Serialize;
use serde_json::{Value, json};

use super::person::Person;
use super::{Element, Event};

#[derive(Serialize)]
struct Payload<'a> {
    object: &'static str,
    entry: [Entry<'a>; 1],
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    changes: [Change<'a>; 1],
}

#[derive(Serialize)]
struct Change<'a> {
    field: &'a str,
    value: Said<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Said<'a> {
    Whole(&'a Value),
    Item(Item<'a>),
}

/// A value with one element of one list.
#[derive(Default, Serialize)]
struct Item<'a> {
    messaging_product: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<[Value; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<[&'a Value; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_echoes: Option<[&'a Value; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statuses: Option<[&'a Value; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_preferences: Option<[&'a Value; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a Value>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    phone_number_id: &'a str,
}

impl Element {
    /// Returns a body that says this event and no other: read again, it is the same event.
    ///
    /// Of many people beside many messages only the event's own is in it.
    #[must_use]
    pub fn to_payload(&self) -> String {
        let payload = Payload {
            object: "whatsapp_business_account",
            entry: [Entry {
                id: &self.waba_id,
                time: self.occurred_at.map(jiff::Timestamp::as_second),
                changes: [Change {
                    field: &self.field,
                    value: self.said(),
                }],
            }],
        };
        // What was read as JSON can be written as JSON.
        serde_json::to_string(&payload).unwrap_or_default()
    }

    fn said(&self) -> Said<'_> {
        let number = self.phone_number_id.as_deref();
        let item = |person: Option<&Person>| Item {
            messaging_product: "whatsapp",
            metadata: number.map(|phone_number_id| Metadata { phone_number_id }),
            contacts: person.and_then(contact).map(|it| [it]),
            ..Item::default()
        };
        let item = match &self.event {
            Event::Inbound(it) => Item {
                messages: Some([&it.raw]),
                ..item(Some(&it.from))
            },
            Event::SystemChange(it) => Item {
                messages: Some([&it.raw]),
                ..item(Some(&it.after))
            },
            Event::Echo(it) => Item {
                message_echoes: Some([&it.raw]),
                ..item(Some(&it.to))
            },
            Event::Status(it) => Item {
                statuses: Some([&it.raw]),
                ..item(Some(&it.recipient))
            },
            Event::UserPreference(it) => Item {
                user_preferences: Some([&it.raw]),
                ..item(Some(&it.person))
            },
            Event::Errors { raw, .. } => Item {
                errors: Some(raw),
                ..item(None)
            },
            Event::TemplateStatus(it) => return Said::Whole(&it.raw),
            Event::TemplateQuality(it) => return Said::Whole(&it.raw),
            Event::TemplateCategory(it) => return Said::Whole(&it.raw),
            Event::TemplateComponents(it) => return Said::Whole(&it.raw),
            Event::Account(it) => return Said::Whole(it.raw()),
            Event::PhoneQuality(it) => return Said::Whole(&it.raw),
            Event::PhoneName(it) => return Said::Whole(&it.raw),
            Event::Unknown { raw } => return Said::Whole(raw),
        };
        Said::Item(item)
    }
}

/// Returns a person as an element of `contacts`; nothing where nothing is known.
fn contact(person: &Person) -> Option<Value> {
    let mut profile = serde_json::Map::new();
    let mut contact = serde_json::Map::new();
    let add = |to: &mut serde_json::Map<String, Value>, key: &str, text: &Option<String>| {
        if let Some(text) = text {
            to.insert(key.into(), json!(text));
        }
    };
    add(&mut profile, "name", &person.name);
    add(&mut profile, "username", &person.username);
    if !profile.is_empty() {
        contact.insert("profile".into(), Value::Object(profile));
    }
    add(&mut contact, "wa_id", &person.wa_id);
    add(&mut contact, "user_id", &person.user_id);
    add(&mut contact, "parent_user_id", &person.parent_user_id);
    add(&mut contact, "identity_key_hash", &person.identity_key_hash);
    (!contact.is_empty()).then_some(Value::Object(contact))
}
