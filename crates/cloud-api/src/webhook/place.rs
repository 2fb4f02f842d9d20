//! Where an event is from, and what makes it known when it is repeated.

use jiff::Timestamp;
use serde_json::Value;

use super::echo::Echo;
use super::inbound::Inbound;
use super::person::Person;
use super::preference::UserPreference;
use super::status::StatusUpdate;
use super::system::SystemChange;
use super::{Element, Event, errors, key};
use crate::lenient::Lenient;

/// Where the events of one change are from.
pub(super) struct Place {
    pub(super) field: String,
    entry_id: String,
    entry_time: Option<String>,
    entered_at: Option<Timestamp>,
    phone_number_id: Option<String>,
    people: Vec<Person>,
}

impl Place {
    pub(super) fn of(entry: &Value, change: &Value) -> Self {
        let value = change.field("value").unwrap_or(&Value::Null);
        let metadata = value.object("metadata");
        Self {
            field: change.text("field").unwrap_or_default(),
            entry_id: entry.id("id").unwrap_or_default(),
            entry_time: entry.id("time"),
            entered_at: entry.instant("time"),
            phone_number_id: metadata.and_then(|it| it.id("phone_number_id")),
            people: value
                .list("contacts")
                .iter()
                .map(Person::of_contact)
                .collect(),
        }
    }

    /// Returns an element of `messages`.
    pub(super) fn message(&self, item: &Value) -> Element {
        let kind = item.text("type").unwrap_or_default();
        let event = if kind == "system" {
            let change = SystemChange::read(item, &self.people);
            Some(Event::SystemChange(Box::new(change)))
        } else {
            let inbound = Inbound::read(item, &self.people);
            inbound.map(|it| Event::Inbound(Box::new(it)))
        };
        self.of_item("message", item, change_of(&kind), event)
    }

    /// Returns an element of `message_echoes`.
    pub(super) fn echo(&self, item: &Value) -> Element {
        let kind = item.text("type").unwrap_or_default();
        let echo = Echo::read(item, &self.people);
        let event = echo.map(|it| Event::Echo(Box::new(it)));
        self.of_item("echo", item, change_of(&kind), event)
    }

    /// Returns an element of `statuses`.
    pub(super) fn status(&self, item: &Value) -> Element {
        let status = StatusUpdate::read(item, &self.people);
        let member = item.id("recipient_participant_id");
        let member = member.or_else(|| item.id("recipient_participant_user_id"));
        let word = status.as_ref().map_or("", |it| it.status.as_str());
        let part = [Some(word.to_owned()), member];
        let part: Vec<_> = part.into_iter().flatten().collect();
        let event = status.map(|it| Event::Status(Box::new(it)));
        self.of_item("status", item, &part.join(":"), event)
    }

    /// Returns an element of `user_preferences`. The same wish again is another event; its time,
    /// which is in the item, tells them apart.
    pub(super) fn preference(&self, item: &Value) -> Element {
        let preference = UserPreference::read(item, &self.people);
        let event = match preference {
            Some(it) => Event::UserPreference(Box::new(it)),
            None => Event::Unknown { raw: item.clone() },
        };
        self.at(item, self.hashed(item), event)
    }

    /// Returns the errors of a value, if there are any.
    pub(super) fn errors(&self, value: &Value) -> Option<Element> {
        let raw = value.field("errors")?.clone();
        let errors = errors::of(value);
        let key = self.hashed(&raw);
        (!errors.is_empty()).then(|| self.element(key, Event::Errors { errors, raw }))
    }

    /// Returns a value that is one event.
    pub(super) fn whole(&self, value: &Value, event: Event) -> Element {
        self.element(self.hashed(value), event)
    }

    /// Returns what is not known.
    pub(super) fn unknown(&self, raw: Value) -> Element {
        self.element(self.hashed(&raw), Event::Unknown { raw })
    }

    /// Returns an item of a list, known by its id and a part of it where it has an id.
    fn of_item(&self, what: &str, item: &Value, part: &str, event: Option<Event>) -> Element {
        let Some(event) = event else {
            return self.at(
                item,
                self.hashed(item),
                Event::Unknown { raw: item.clone() },
            );
        };
        // The number belongs to the key: an id is of a chat with one number.
        let number = self.phone_number_id.as_deref().unwrap_or(&self.entry_id);
        let dedup_key = match (item.id("id"), part) {
            (None, _) => self.hashed(item),
            (Some(id), "") => key::of_parts(&[what, number, &id]),
            (Some(id), part) => key::of_parts(&[what, number, &id, part]),
        };
        self.at(item, dedup_key, event)
    }

    /// Returns an event with the time that its item has of its own.
    fn at(&self, item: &Value, dedup_key: String, event: Event) -> Element {
        let element = self.element(dedup_key, event);
        Element {
            occurred_at: item.instant("timestamp").or(element.occurred_at),
            ..element
        }
    }

    fn element(&self, dedup_key: String, event: Event) -> Element {
        // What partners are told has the partner's own id in the place of the account's.
        let named = match &event {
            Event::Account(account) => account.waba_id(),
            _ => None,
        };
        Element {
            waba_id: named.unwrap_or_else(|| self.entry_id.clone()),
            phone_number_id: self.phone_number_id.clone(),
            field: self.field.clone(),
            dedup_key,
            occurred_at: self.entered_at,
            event,
        }
    }

    /// Returns the key of what has no id.
    fn hashed(&self, value: &Value) -> String {
        let number = self.phone_number_id.as_deref().unwrap_or_default();
        let time = self.entry_time.as_deref().unwrap_or_default();
        let hash = key::of_value(value);
        key::of_parts(&["event", &self.entry_id, number, time, &self.field, &hash])
    }
}

/// Tells a change of a message from the message.
fn change_of(kind: &str) -> &str {
    if matches!(kind, "edit" | "revoke") {
        kind
    } else {
        ""
    }
}
