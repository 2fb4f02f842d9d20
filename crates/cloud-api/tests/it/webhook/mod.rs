//! What is made of Meta's payloads.

mod echoes;
mod envelope;
mod inbound;
mod keys;
mod management;
mod people;
mod replies;
mod statuses;
mod tolerance;

use cloud_api::webhook::{Element, Event, Inbound, Payload, StatusUpdate, parse};
use serde_json::{Value, json};

const NUMBER: &str = "106540352242922";
const WABA: &str = "102290129340398";

/// Reads a payload; each of its events must be the same when it is kept alone and read again.
fn read(payload: &Value) -> Payload {
    let read = parse(payload.to_string().as_bytes()).unwrap();
    for element in &read.elements {
        let again = parse(element.to_payload().as_bytes()).unwrap();
        let [again] = <[Element; 1]>::try_from(again.elements).unwrap();
        assert_eq!(again.event.kind(), element.event.kind());
        if !matches!(element.event, Event::Unknown { .. }) {
            assert_eq!(again.event, element.event);
            assert_eq!(again.phone_number_id, element.phone_number_id);
            assert_eq!(again.occurred_at, element.occurred_at);
            assert_eq!(again.waba_id, element.waba_id);
        }
    }
    read
}

/// Returns a payload with one change.
fn change(field: &str, value: &Value) -> Value {
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": WABA, "changes": [{"field": field, "value": value}]}],
    })
}

/// Returns a value of the field `messages`, with one contact.
fn value(mut parts: Value) -> Value {
    parts["messaging_product"] = json!("whatsapp");
    parts["metadata"] = json!({"display_phone_number": "15550783881", "phone_number_id": NUMBER});
    if parts.get("contacts").is_none() {
        parts["contacts"] = json!([{
            "profile": {"name": "Sheena Nelson", "username": "@sheena"},
            "wa_id": "16505551234", "user_id": "US.13491208655302741918",
        }]);
    }
    parts
}

/// Returns a message of the contact's with the parts it has beside the usual ones.
fn message(kind: &str, parts: Value) -> Value {
    let mut message = json!({
        "from": "16505551234", "from_user_id": "US.13491208655302741918",
        "id": "wamid.HBgL", "timestamp": "1749416383", "type": kind,
    });
    let parts: serde_json::Map<String, Value> = serde_json::from_value(parts).unwrap();
    message.as_object_mut().unwrap().extend(parts);
    message
}

/// Reads a payload that has one event.
fn only(payload: &Value) -> Element {
    let mut elements = read(payload).elements;
    assert_eq!(elements.len(), 1, "{elements:?}");
    elements.remove(0)
}

fn inbound(message: &Value) -> Inbound {
    match only(&change("messages", &value(json!({"messages": [message]})))).event {
        Event::Inbound(inbound) => *inbound,
        other => panic!("{other:?}"),
    }
}

fn status(status: &Value) -> StatusUpdate {
    match only(&change("messages", &value(json!({"statuses": [status]})))).event {
        Event::Status(status) => *status,
        other => panic!("{other:?}"),
    }
}
