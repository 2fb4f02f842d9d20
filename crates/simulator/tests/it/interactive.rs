//! What interactive messages lead to, beside buttons and lists.

use serde_json::{Value, json};

use crate::business::{Business, to_somebody};

/// Checks that messages with these actions are refused with these codes.
async fn assert_refused(actions: Vec<(&str, Value, i64)>) {
    let business = Business::start().await;
    for (kind, action, code) in actions {
        let (status, answer) = business.send(&leading(kind, &action)).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (400, &json!(code)),
            "{kind} {action}"
        );
    }
}

/// Returns an interactive message of a type, with an action.
fn leading(kind: &str, action: &Value) -> Value {
    let mut object = json!({"type": kind, "body": {"text": "b"}, "action": action});
    if kind == "product_list" {
        object["header"] = json!({"type": "text", "text": "h"});
    }
    to_somebody("interactive", object)
}

fn card(index: u64, kind: &str) -> Value {
    json!({
        "card_index": index, "type": "cta_url",
        "header": {"type": kind, kind: {"link": "https://x/y"}}, "body": {"text": "b"},
        "action": {"name": "cta_url", "parameters": {"display_text": "d", "url": "https://x"}},
    })
}

#[tokio::test]
async fn what_interactive_messages_lead_to_is_taken_when_it_is_whole() {
    let business = Business::start().await;
    let item = json!({"product_retailer_id": "1"});
    for (kind, action) in [
        (
            "cta_url",
            json!({"name": "cta_url",
            "parameters": {"display_text": "d", "url": "https://x"}}),
        ),
        ("location_request_message", json!({"name": "send_location"})),
        (
            "flow",
            json!({"name": "flow", "parameters": {"flow_message_version": "3",
            "flow_id": "1", "flow_cta": "Go", "mode": "draft", "flow_action": "navigate"}}),
        ),
        (
            "product",
            json!({"catalog_id": "1", "product_retailer_id": "1"}),
        ),
        (
            "product_list",
            json!({"catalog_id": "1", "sections": [{"product_items": [item]}]}),
        ),
        ("catalog_message", json!({"name": "catalog_message"})),
        (
            "carousel",
            json!({"cards": [card(0, "image"), card(1, "image")]}),
        ),
        (
            "call_permission_request",
            json!({"name": "call_permission_request"}),
        ),
        ("voice_call", json!({"name": "voice_call"})),
        (
            "request_contact_info",
            json!({"name": "request_contact_info"}),
        ),
        (
            "address_message",
            json!({"name": "address_message", "parameters": {"country": "IN"}}),
        ),
    ] {
        let (status, answer) = business.send(&leading(kind, &action)).await;
        assert_eq!(status, 200, "{kind} {answer}");
    }
}

/// Returns the action of a form, with more than every form has.
fn flow(more: &Value) -> Value {
    let mut parameters = json!({"flow_message_version": "3", "flow_cta": "Go"});
    let more = more.as_object().unwrap().clone();
    parameters.as_object_mut().unwrap().extend(more);
    json!({"name": "flow", "parameters": parameters})
}

#[tokio::test]
async fn an_address_or_a_form_that_is_not_whole_is_refused() {
    let cta = |text: &str, url: &str| json!({"name": "cta_url", "parameters": {"display_text": text, "url": url}});
    assert_refused(vec![
        ("cta_url", cta(&"d".repeat(21), "https://x"), 131_009),
        ("cta_url", cta("d", "x"), 131_009),
        ("cta_url", json!({"name": "url"}), 100),
        ("location_request_message", json!({}), 100),
        ("flow", flow(&json!({})), 131_009),
        (
            "flow",
            flow(&json!({"flow_id": "1", "flow_name": "n"})),
            131_009,
        ),
        ("flow", flow(&json!({"flow_id": "1", "mode": "x"})), 100),
        ("hologram", json!({}), 131_009),
    ])
    .await;
}

#[tokio::test]
async fn products_and_cards_keep_to_their_counts() {
    let items: Vec<_> = (0..31)
        .map(|it| json!({"product_retailer_id": it.to_string()}))
        .collect();
    let cards = |cards: &[Value]| json!({"cards": cards});
    assert_refused(vec![
        ("product", json!({"catalog_id": "1"}), 100),
        (
            "product_list",
            json!({"catalog_id": "1", "sections": []}),
            131_009,
        ),
        (
            "product_list",
            json!({"catalog_id": "1", "sections": [{"product_items": items}]}),
            131_009,
        ),
        ("carousel", cards(&[card(0, "image")]), 131_009),
        (
            "carousel",
            cards(&[card(0, "image"), card(0, "image")]),
            131_009,
        ),
        (
            "carousel",
            cards(&[card(0, "image"), card(1, "video")]),
            131_009,
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_header_is_of_the_sort_its_type_has() {
    let business = Business::start().await;
    let mut with_header = leading(
        "product",
        &json!({"catalog_id": "1", "product_retailer_id": "1"}),
    );
    with_header["interactive"]["header"] = json!({"type": "text", "text": "h"});
    assert_eq!(business.send(&with_header).await.0, 400);
    let mut without = leading("product_list", &json!({}));
    without["interactive"]
        .as_object_mut()
        .unwrap()
        .remove("header");
    let (_, answer) = business.send(&without).await;
    assert_eq!(answer["error"]["code"], 100);
}
