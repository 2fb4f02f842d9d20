//! What people tap, fill in and order.

use cloud_api::webhook::Body;
use serde_json::{Value, json};

use super::{inbound, message};

/// Returns what a message says, as the database keeps it, after its kind.
fn said(message: &Value) -> (&'static str, Value) {
    match inbound(message).body {
        Body::Said(content) => (
            content.kind().as_str(),
            serde_json::to_value(content).unwrap(),
        ),
        other => panic!("{other:?}"),
    }
}

fn interactive(kind: &str, object: &Value) -> Value {
    let context = json!({"id": "wamid.0", "from": "15550783881"});
    let interactive = json!({"type": kind, kind: object});
    message(
        "interactive",
        json!({"interactive": interactive, "context": context}),
    )
}

#[test]
fn a_templates_button_answers_with_its_payload() {
    let button = json!({"payload": "yes-1", "text": "Yes"});
    let tapped = message(
        "button",
        json!({"button": button, "context": {"id": "wamid.0"}}),
    );
    assert_eq!(
        said(&tapped),
        (
            "button",
            json!({"kind": "reply", "from": "template_button", "id": "yes-1", "title": "Yes"})
        ),
    );
    assert_eq!(
        inbound(&tapped).context.unwrap().wamid.as_deref(),
        Some("wamid.0")
    );
    let bare = message("button", json!({"button": {"text": "Yes"}}));
    assert_eq!(
        said(&bare).1,
        json!({"kind": "reply", "from": "template_button", "id": "Yes", "title": "Yes"}),
    );
}

#[test]
fn a_button_answers_with_its_id() {
    assert_eq!(
        said(&interactive(
            "button_reply",
            &json!({"id": "1", "title": "Yes"})
        )),
        (
            "interactive",
            json!({"kind": "reply", "from": "button", "id": "1", "title": "Yes"})
        ),
    );
}

#[test]
fn a_row_answers_with_its_id() {
    let row = json!({"id": "1", "title": "One", "description": "d"});
    assert_eq!(
        said(&interactive("list_reply", &row)).1,
        json!({"kind": "reply", "from": "row", "id": "1", "title": "One", "description": "d"}),
    );
}

#[test]
fn a_form_answers_with_what_was_filled_in() {
    for (given, form) in [
        (
            json!(r#"{"flow_token":"t","day":1}"#),
            json!({"flow_token": "t", "day": 1}),
        ),
        (json!("not JSON"), json!("not JSON")),
        (json!({"day": 1}), json!({"day": 1})),
    ] {
        let reply = json!({"name": "flow", "body": "Sent", "response_json": given});
        assert_eq!(
            said(&interactive("nfm_reply", &reply)).1,
            json!({"kind": "reply", "from": "form", "id": "flow", "title": "Sent",
                "form": form}),
        );
    }
}

#[test]
fn leave_to_call_is_an_answer() {
    let reply = json!({"response": "accept", "is_permanent": false});
    assert_eq!(
        said(&interactive("call_permission_reply", &reply)).1,
        json!({"kind": "reply", "from": "call_permission", "id": "accept", "title": "",
            "form": reply}),
    );
}

#[test]
fn an_order_has_lines() {
    let order = json!({"catalog_id": "1", "text": "t", "product_items": [
        {"product_retailer_id": "sku", "quantity": 2, "item_price": 9.5, "currency": "ZAR"},
        {"product_retailer_id": "odd", "quantity": "3", "item_price": "7"},
    ]});
    assert_eq!(
        said(&message("order", json!({"order": order}))).1,
        json!({"kind": "order", "catalog_id": "1", "text": "t", "items": [
            {"product_id": "sku", "quantity": 2, "price": 9.5, "currency": "ZAR"},
            {"product_id": "odd", "quantity": 3, "price": 7.0, "currency": ""},
        ]}),
    );
}

#[test]
fn an_answer_of_an_unknown_kind_cannot_be_shown() {
    assert_eq!(
        said(&interactive("hologram_reply", &json!({"id": "1"}))).1,
        json!({"kind": "unsupported", "name": "interactive"}),
    );
}
