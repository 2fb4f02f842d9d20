//! Takes a payload apart: every entry, every change, every element of every list.

use serde_json::{Map, Value};

use super::account::Account;
use super::phone_number::{NumberName, NumberQuality};
use super::place::Place;
use super::template::{TemplateCategory, TemplateComponents, TemplateQuality, TemplateStatus};
use super::{Element, Event, Payload};
use crate::lenient::Lenient;

/// The lists a value may have, in the order they are told.
const LISTS: [(&str, ReadItem); 4] = [
    ("messages", Place::message),
    ("message_echoes", Place::echo),
    ("statuses", Place::status),
    ("user_preferences", Place::preference),
];

type ReadItem = fn(&Place, &Value) -> Element;

/// The parts of a value that say where it is from, and nothing of their own.
const SURROUNDINGS: [&str; 3] = ["messaging_product", "metadata", "contacts"];

/// Takes a payload apart.
pub(super) fn open(payload: Value) -> Payload {
    let object = payload.text("object");
    let mut elements = Vec::new();
    match payload.field("entry").and_then(Value::as_array) {
        Some(entries) => {
            for entry in entries {
                open_entry(entry, &mut elements);
            }
        }
        None => elements.push(Place::of(&Value::Null, &Value::Null).unknown(payload)),
    }
    Payload { object, elements }
}

fn open_entry(entry: &Value, elements: &mut Vec<Element>) {
    let Some(changes) = entry.field("changes").and_then(Value::as_array) else {
        elements.push(Place::of(entry, &Value::Null).unknown(entry.clone()));
        return;
    };
    for change in changes {
        let place = Place::of(entry, change);
        match change.field("value") {
            Some(value @ Value::Object(parts)) => open_value(&place, value, parts, elements),
            Some(_) | None => elements.push(place.unknown(change.clone())),
        }
    }
}

/// Takes a value apart: by its lists, whatever the field is called, then by the field.
fn open_value(
    place: &Place,
    value: &Value,
    parts: &Map<String, Value>,
    elements: &mut Vec<Element>,
) {
    let before = elements.len();
    for (name, read) in LISTS {
        let items = value.list(name);
        elements.extend(items.iter().map(|item| read(place, item)));
    }
    elements.extend(place.errors(value));
    if let Some(event) = of_field(&place.field, value) {
        elements.push(place.whole(value, event));
    } else if elements.len() == before {
        elements.push(place.unknown(value.clone()));
    } else {
        let rest = parts.iter().filter(|(key, part)| !is_told(key, part));
        let rest: Map<_, _> = rest.map(|(key, it)| (key.clone(), it.clone())).collect();
        if !rest.is_empty() {
            elements.push(place.unknown(Value::Object(rest)));
        }
    }
}

/// Returns whether nothing is lost when a part of a value is left out.
fn is_told(key: &str, part: &Value) -> bool {
    let is_list = key == "errors" || LISTS.iter().any(|(name, _)| *name == key);
    SURROUNDINGS.contains(&key) || part.is_null() || (is_list && part.is_array())
}

/// Reads a value that is one event.
fn of_field(field: &str, value: &Value) -> Option<Event> {
    match field {
        "message_template_status_update" | "message_template_quality_update" => {
            let quality = TemplateQuality::read(value).map(Box::new);
            let status = || TemplateStatus::read(value).map(Box::new);
            quality
                .map(Event::TemplateQuality)
                .or_else(|| status().map(Event::TemplateStatus))
        }
        "template_category_update" => {
            let category = TemplateCategory::read(value);
            Some(Event::TemplateCategory(Box::new(category)))
        }
        "message_template_components_update" => {
            let components = TemplateComponents::read(value);
            Some(Event::TemplateComponents(Box::new(components)))
        }
        "phone_number_quality_update" => {
            Some(Event::PhoneQuality(Box::new(NumberQuality::read(value))))
        }
        "phone_number_name_update" => Some(Event::PhoneName(Box::new(NumberName::read(value)))),
        _ => Account::read(field, value).map(|it| Event::Account(Box::new(it))),
    }
}
