//! Batches, mixed and partly unknown.

use cloud_api::webhook::{Element, Event};
use serde_json::{Value, json};

use super::{NUMBER, WABA, change, message, only, read, value};

/// Returns what an element is, in a word.
fn word(element: &Element) -> &'static str {
    match element.event {
        Event::Inbound(_) => "inbound",
        Event::Status(_) => "status",
        Event::SystemChange(_) => "system",
        Event::UserPreference(_) => "preference",
        Event::Errors { .. } => "errors",
        Event::Unknown { .. } => "unknown",
        _ => "other",
    }
}

fn words(payload: &Value) -> Vec<&'static str> {
    read(payload).elements.iter().map(word).collect()
}

#[test]
fn a_message_comes_with_where_and_when() {
    let text = message("text", json!({"text": {"body": "Hi"}}));
    let payload = change("messages", &value(json!({"messages": [text]})));
    assert_eq!(
        read(&payload).object.as_deref(),
        Some("whatsapp_business_account")
    );
    let element = only(&payload);
    assert_eq!(element.waba_id, WABA);
    assert_eq!(element.phone_number_id.as_deref(), Some(NUMBER));
    assert_eq!(element.field, "messages");
    assert_eq!(element.occurred_at.unwrap().as_second(), 1_749_416_383);
}

#[test]
fn every_entry_change_and_item_is_told() {
    let text = |id: &str| {
        let mut text = message("text", json!({"text": {"body": "Hi"}}));
        text["id"] = json!(id);
        text
    };
    let sent = json!({"id": "wamid.9", "status": "sent"});
    let mixed = value(json!({
        "messages": [text("wamid.1"), text("wamid.2")], "statuses": [sent],
        "errors": [{"code": 130429, "title": "Rate limit hit"}],
    }));
    let other = value(json!({"messages": [text("wamid.3")]}));
    let payload = json!({"object": "whatsapp_business_account", "entry": [
        {"id": WABA, "changes": [
            {"field": "messages", "value": mixed},
            {"field": "messages", "value": other},
        ]},
        {"id": "2", "time": 1749416383, "changes": [
            {"field": "account_review_update", "value": {"decision": "APPROVED"}},
        ]},
    ]});
    assert_eq!(
        words(&payload),
        ["inbound", "inbound", "status", "errors", "inbound", "other"]
    );
    let elements = read(&payload).elements;
    assert_eq!(elements[5].waba_id, "2");
    assert_eq!(elements[5].phone_number_id, None);
    assert_eq!(elements[5].occurred_at.unwrap().as_second(), 1_749_416_383);
}

#[test]
fn an_error_of_no_message_is_told() {
    let error = json!({
        "code": 130429, "title": "Rate limit hit", "message": "(#130429) Rate limit hit",
        "error_data": {"details": "Cloud API message throughput has been reached."},
    });
    let element = only(&change("messages", &value(json!({"errors": [error]}))));
    let Event::Errors { errors, raw } = element.event else {
        panic!("{element:?}")
    };
    assert_eq!(errors[0].code, 130_429);
    assert_eq!(errors[0].title, "Rate limit hit");
    assert_eq!(errors[0].class(), cloud_api::Class::Retry);
    assert!(errors[0].details.as_deref().unwrap().ends_with("reached."));
    assert_eq!(raw, json!([error]));
}

#[test]
fn what_is_not_known_is_kept_whole() {
    let raw = |payload: &Value| match only(payload).event {
        Event::Unknown { raw } => raw,
        other => panic!("{other:?}"),
    };
    let calls = value(json!({"calls": [{"id": "wacid.1"}]}));
    assert_eq!(raw(&change("calls", &calls)), calls);
    assert_eq!(raw(&change("new_field", &json!({"a": 1}))), json!({"a": 1}));
    assert_eq!(raw(&change("messages", &json!({}))), json!({}));
    let empty = value(json!({"messages": [], "statuses": []}));
    assert_eq!(raw(&change("messages", &empty)), empty);
    // Not a list, so not what it should be.
    let strange = json!({"messages": {"id": "wamid.1"}});
    assert_eq!(raw(&change("messages", &strange)), strange);
    for whole in [
        json!({"a": 1}),
        json!([1]),
        json!(null),
        json!("x"),
        json!({"entry": 1}),
    ] {
        assert_eq!(raw(&whole), whole);
    }
    for entry in [
        json!({"id": "1", "messaging": []}),
        json!(7),
        json!({"changes": 1}),
    ] {
        assert_eq!(raw(&json!({"entry": [entry]})), entry);
    }
    for change in [
        json!({"field": "messages"}),
        json!({"value": [1]}),
        json!("x"),
    ] {
        assert_eq!(
            raw(&json!({"entry": [{"id": "1", "changes": [change]}]})),
            change
        );
    }
}

#[test]
fn an_item_that_is_not_known_costs_nobody_else() {
    let text = message("text", json!({"text": {"body": "Hi"}}));
    let without_id = json!({"type": "text", "text": {"body": "who?"}});
    let payload = change(
        "messages",
        &value(json!({
            "messages": ["nonsense", text, without_id, null],
            "statuses": [{"id": "wamid.1", "status": "warning"}, {"status": "sent"}, 1],
            "calls": [{"id": "wacid.1"}], "new": 7, "empty": null,
        })),
    );
    assert_eq!(
        words(&payload),
        [
            "unknown", "inbound", "unknown", "unknown", "unknown", "unknown", "unknown", "unknown",
        ]
    );
    let elements = read(&payload).elements;
    let Event::Unknown { raw } = &elements[7].event else {
        panic!("{elements:?}")
    };
    assert_eq!(raw, &json!({"calls": [{"id": "wacid.1"}], "new": 7}));
}
