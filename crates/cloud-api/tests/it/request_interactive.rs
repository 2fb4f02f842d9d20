//! What can be tapped, as Meta reads it.

use serde_json::json;

use crate::request::{expected, written};

#[test]
fn buttons_stand_below_a_header_a_body_and_a_footer() {
    assert_eq!(
        written(json!({
            "kind": "interactive", "header": {"kind": "text", "text": "h"}, "body": "b",
            "footer": "f",
            "action": {"kind": "buttons", "buttons": [{"id": "1", "title": "Yes"}]},
        })),
        expected(
            "interactive",
            json!({
                "type": "button",
                "header": {"type": "text", "text": "h"},
                "body": {"text": "b"},
                "footer": {"text": "f"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Yes"}}]},
            })
        ),
    );
}

#[test]
fn a_list_has_sections_of_rows() {
    assert_eq!(
        written(json!({
            "kind": "interactive", "body": "b",
            "action": {"kind": "list", "button": "Open", "sections": [
                {"title": "s", "rows": [{"id": "1", "title": "One", "description": "d"}]},
                {"title": "t", "rows": [{"id": "2", "title": "Two"}]},
            ]},
        })),
        expected(
            "interactive",
            json!({
                "type": "list",
                "body": {"text": "b"},
                "action": {"button": "Open", "sections": [
                    {"title": "s", "rows": [{"id": "1", "title": "One", "description": "d"}]},
                    {"title": "t", "rows": [{"id": "2", "title": "Two"}]},
                ]},
            })
        ),
    );
}

#[test]
fn a_header_may_be_media_by_link() {
    for (kind, object) in [
        ("image", json!({"link": "https://x/y"})),
        ("video", json!({"link": "https://x/y"})),
        ("document", json!({"link": "https://x/y", "filename": "f"})),
    ] {
        let written = written(json!({
            "kind": "interactive", "body": "b",
            "header": {"kind": kind, "url": "https://x/y", "caption": "c", "filename": "f"},
            "action": {"kind": "buttons", "buttons": [{"id": "1", "title": "Yes"}]},
        }));
        assert_eq!(
            written["interactive"]["header"],
            json!({"type": kind, kind: object})
        );
    }
}

#[test]
fn a_header_may_be_media_that_meta_has() {
    let written = written(json!({
        "kind": "interactive", "body": "b", "header": {"kind": "image", "media_id": "1"},
        "action": {"kind": "location_request"},
    }));
    assert_eq!(
        written["interactive"]["header"],
        json!({"type": "image", "image": {"id": "1"}})
    );
}

#[test]
fn a_web_page_is_behind_one_button() {
    assert_eq!(
        written(json!({
            "kind": "interactive", "body": "b", "footer": "f",
            "action": {"kind": "cta_url", "button": "See", "url": "https://example.com"},
        })),
        expected(
            "interactive",
            json!({
                "type": "cta_url", "body": {"text": "b"}, "footer": {"text": "f"},
                "action": {"name": "cta_url", "parameters": {
                    "display_text": "See", "url": "https://example.com",
                }},
            })
        ),
    );
}

#[test]
fn a_place_is_asked_for() {
    assert_eq!(
        written(json!({
            "kind": "interactive", "body": "Where?", "action": {"kind": "location_request"},
        })),
        expected(
            "interactive",
            json!({
                "type": "location_request_message", "body": {"text": "Where?"},
                "action": {"name": "send_location"},
            })
        ),
    );
}

#[test]
fn a_flow_goes_by_id_or_name_and_may_begin_anywhere() {
    let flow = |action| {
        let written = written(json!({"kind": "interactive", "body": "b", "action": action}));
        assert_eq!(written["interactive"]["type"], "flow");
        assert_eq!(written["interactive"]["action"]["name"], "flow");
        written["interactive"]["action"]["parameters"].clone()
    };
    assert_eq!(
        flow(json!({"kind": "flow", "flow_id": "1", "button": "Book"})),
        json!({"flow_message_version": "3", "flow_id": "1", "flow_cta": "Book",
            "mode": "published"}),
    );
    assert_eq!(
        flow(
            json!({"kind": "flow", "flow_name": "book", "button": "Book", "token": "t",
            "is_draft": true,
            "start": {"kind": "screen", "screen": "DAY", "input": {"day": 1}}})
        ),
        json!({"flow_message_version": "3", "flow_name": "book", "flow_cta": "Book",
            "mode": "draft", "flow_token": "t", "flow_action": "navigate",
            "flow_action_payload": {"screen": "DAY", "data": {"day": 1}}}),
    );
    assert_eq!(
        flow(json!({"kind": "flow", "flow_id": "1", "button": "Book",
            "start": {"kind": "server"}})),
        json!({"flow_message_version": "3", "flow_id": "1", "flow_cta": "Book",
            "mode": "published", "flow_action": "data_exchange"}),
    );
}
