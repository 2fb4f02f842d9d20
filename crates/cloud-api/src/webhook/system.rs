//! People who change their number or their id.

use serde_json::Value;

use super::inbound::sender;
use super::person::Person;
use crate::lenient::Lenient;

/// A person has another number or id now.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemChange {
    /// WhatsApp's id of the notice, if it has one.
    pub wamid: Option<String>,
    /// What changed.
    pub kind: SystemKind,
    /// Whom it is about, as they were called before.
    pub before: Person,
    /// What they are called now; what is absent has not changed or is not said.
    pub after: Person,
    /// The notice, in words.
    pub body: Option<String>,
    /// All of it, with the parts that are not known here.
    pub raw: Value,
}

/// What changed about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemKind {
    /// The number, and with it perhaps the business-scoped id.
    Number,
    /// The business-scoped id.
    UserId,
    /// The keys, as with another phone.
    Identity,
    /// Something that is not known here, under Meta's word; empty where it says none.
    Other(String),
}

impl SystemChange {
    /// Reads an element of `messages` of the type `system`.
    pub(super) fn read(message: &Value, people: &[Person]) -> Self {
        let system = message.field("system").unwrap_or(&Value::Null);
        let word = system.text("type").unwrap_or_default();
        let kind = match word.as_str() {
            "user_changed_number" | "customer_changed_number" => SystemKind::Number,
            "user_changed_user_id" => SystemKind::UserId,
            "customer_identity_changed" | "user_identity_changed" => SystemKind::Identity,
            _ => SystemKind::Other(word),
        };
        let said = sender(message);
        // Without a previous id, the writer's own is the one that stays.
        let unchanged_id = match kind {
            SystemKind::Identity | SystemKind::Other(_) => said.user_id.clone(),
            SystemKind::Number | SystemKind::UserId => None,
        };
        let before = Person {
            wa_id: said.wa_id.or_else(|| system.id("customer")),
            user_id: system.id("previous_user_id").or(unchanged_id),
            parent_user_id: system.id("previous_parent_user_id"),
            ..Person::default()
        };
        let user_id = system.id("user_id").or(said.user_id);
        let parent_user_id = system.id("parent_user_id").or(said.parent_user_id);
        // The contacts beside it are the person as they are now.
        let after = Person {
            wa_id: system.id("wa_id").or_else(|| system.id("new_wa_id")),
            user_id,
            parent_user_id,
            identity_key_hash: system.id("identity").or(said.identity_key_hash),
            ..Person::default()
        };
        Self {
            wamid: message.id("id"),
            kind,
            before,
            after: named(after, people),
            body: system.text("body"),
            raw: message.clone(),
        }
    }
}

/// Adds only the names: the ids beside a notice may be old or new.
fn named(person: Person, people: &[Person]) -> Person {
    let found = person.clone().found_in(people);
    Person {
        name: found.name,
        username: found.username,
        ..person
    }
}
