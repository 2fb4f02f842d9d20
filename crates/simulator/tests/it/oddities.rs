//! Messages that nobody would write.

use serde_json::{Value, json};

use crate::business::{Business, to_somebody};

const KINDS: [&str; 11] = [
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "interactive",
    "reaction",
    "template",
];

const KEYS: [&str; 8] = [
    "body",
    "id",
    "link",
    "type",
    "action",
    "name",
    "language",
    "components",
];

/// What stands around every object.
const OUTER_KEYS: [&str; 8] = [
    "messaging_product",
    "to",
    "recipient",
    "recipient_type",
    "type",
    "context",
    "status",
    "biz_opaque_callback_data",
];

fn odd() -> [Value; 12] {
    [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!(""),
        json!("\u{0}é👋"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"": ""}),
        json!([null, {"a": 1}]),
        json!("1".repeat(500)),
    ]
}

#[tokio::test]
async fn no_object_whatever_it_is_breaks_the_simulator() {
    let business = Business::start().await;
    for kind in KINDS {
        for value in odd() {
            let (status, answer) = business.send(&to_somebody(kind, value.clone())).await;
            assert!(status == 400 || status == 404, "{kind} {value} {answer}");
            for key in KEYS {
                let object = json!({"body": {"text": "b"}, "type": "button", key: value});
                let (status, answer) = business.send(&to_somebody(kind, object)).await;
                assert!(
                    (200..500).contains(&status),
                    "{kind} {key} {value} {answer}"
                );
            }
        }
    }
}

#[tokio::test]
async fn no_field_whatever_it_is_breaks_the_simulator() {
    let business = Business::start().await;
    for key in OUTER_KEYS {
        for value in odd() {
            let mut message = to_somebody("text", json!({"body": "b"}));
            message[key] = value;
            let (status, answer) = business.send(&message).await;
            assert!((200..500).contains(&status), "{message} {answer}");
        }
    }
}

#[tokio::test]
async fn nothing_that_is_told_the_simulator_itself_breaks_it() {
    let business = Business::start().await;
    for path in [
        "setup", "apps", "lines", "people", "messages", "statuses", "faults", "webhooks",
    ] {
        for value in odd() {
            let (status, _) = business
                .control(&format!("/simulator/{path}"), &value)
                .await;
            assert!((200..500).contains(&status), "{path} {value}");
        }
    }
}
