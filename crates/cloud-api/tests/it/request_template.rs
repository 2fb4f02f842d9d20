//! Templates, as Meta reads them.

use domain::message::Content;
use domain::message::content::Template;
use serde_json::{Value, json};

use crate::request::{expected, written};

/// Returns the components of a template that is given as the database keeps it.
fn components(mut template: Value) -> Value {
    template["kind"] = json!("template");
    template["name"] = json!("order");
    template["language"] = json!("en_US");
    written(template)["template"]["components"].clone()
}

fn button(sub_type: &str, index: &str, parameter: Value) -> Value {
    let parameters = vec![parameter];
    json!({"type": "button", "sub_type": sub_type, "index": index, "parameters": parameters})
}

#[test]
fn a_template_that_takes_nothing_has_no_components() {
    assert_eq!(
        written(json!({"kind": "template", "name": "hello_world", "language": "en_US"})),
        expected(
            "template",
            json!({"name": "hello_world", "language": {"code": "en_US"}})
        ),
    );
}

#[test]
fn variables_go_by_place() {
    assert_eq!(
        components(json!({
            "header": {"kind": "text", "text": "h"},
            "body": [
                {"kind": "text", "text": "Jessica"},
                {"kind": "currency", "fallback": "R 10", "code": "ZAR", "amount_1000": 10000},
                {"kind": "date_time", "fallback": "today"},
            ],
        })),
        json!([
            {"type": "header", "parameters": [{"type": "text", "text": "h"}]},
            {"type": "body", "parameters": [
                {"type": "text", "text": "Jessica"},
                {"type": "currency", "currency":
                    {"fallback_value": "R 10", "code": "ZAR", "amount_1000": 10000}},
                {"type": "date_time", "date_time": {"fallback_value": "today"}},
            ]},
        ]),
    );
}

#[test]
fn variables_go_by_name() {
    assert_eq!(
        components(json!({
            "header": {"kind": "text", "name": "shop", "text": "h"},
            "body": [{"name": "order_number", "kind": "text", "text": "A1"}],
        })),
        json!([
            {"type": "header", "parameters":
                [{"type": "text", "parameter_name": "shop", "text": "h"}]},
            {"type": "body", "parameters":
                [{"type": "text", "parameter_name": "order_number", "text": "A1"}]},
        ]),
    );
}

#[test]
fn a_header_may_be_media_or_a_place() {
    let place = json!({"latitude": -33.9, "longitude": 18.4, "name": "n", "address": "a"});
    let mut given_place = place.clone();
    given_place["kind"] = json!("location");
    for (header, parameter) in [
        (
            json!({"kind": "image", "media_id": "1", "caption": "c"}),
            json!({"type": "image", "image": {"id": "1"}}),
        ),
        (
            json!({"kind": "video", "url": "https://x/y"}),
            json!({"type": "video", "video": {"link": "https://x/y"}}),
        ),
        (
            json!({"kind": "document", "url": "https://x/y", "filename": "f", "caption": "c"}),
            json!({"type": "document", "document": {"link": "https://x/y", "filename": "f"}}),
        ),
        (given_place, json!({"type": "location", "location": place})),
    ] {
        assert_eq!(
            components(json!({"header": header})),
            json!([{"type": "header", "parameters": [parameter]}]),
        );
    }
}

#[test]
fn every_button_is_a_component() {
    assert_eq!(
        components(json!({"buttons": [
            {"index": 0, "kind": "url", "suffix": "abc%20def"},
            {"index": 1, "kind": "quick_reply", "payload": "p"},
            {"index": 2, "kind": "copy_code", "code": "SAVE10"},
            {"index": 3, "kind": "flow", "token": "t", "input": {"a": 1}},
            {"index": 4, "kind": "catalog", "thumbnail_product_id": "sku"},
        ]})),
        json!([
            button("url", "0", json!({"type": "text", "text": "abc%20def"})),
            button(
                "quick_reply",
                "1",
                json!({"type": "payload", "payload": "p"})
            ),
            button(
                "copy_code",
                "2",
                json!({"type": "coupon_code", "coupon_code": "SAVE10"})
            ),
            button(
                "flow",
                "3",
                json!({"type": "action", "action":
                {"flow_token": "t", "flow_action_data": {"a": 1}}})
            ),
            button(
                "catalog",
                "4",
                json!({"type": "action", "action":
                {"thumbnail_product_retailer_id": "sku"}})
            ),
        ]),
    );
}

#[test]
fn a_one_time_code_goes_in_twice() {
    let content = Content::Template(Template::one_time_code("login", "en_US", "123456"));
    assert_eq!(
        written(serde_json::to_value(content).unwrap()),
        expected(
            "template",
            json!({
                "name": "login", "language": {"code": "en_US"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
                    button("url", "0", json!({"type": "text", "text": "123456"})),
                ],
            })
        ),
    );
}
