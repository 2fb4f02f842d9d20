//! Anything may come; nothing panics, and nothing is dropped.

use cloud_api::webhook::{Payload, parse};
use proptest::collection::{btree_map, vec};
use proptest::prelude::{
    BoxedStrategy, Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::{change, message, value};

/// Every key that is read anywhere, so that anything can stand where something should.
const KEYS: &[&str] = &[
    "object",
    "entry",
    "id",
    "time",
    "changes",
    "field",
    "value",
    "messages",
    "statuses",
    "errors",
    "contacts",
    "metadata",
    "phone_number_id",
    "message_echoes",
    "user_preferences",
    "type",
    "from",
    "from_user_id",
    "timestamp",
    "text",
    "body",
    "image",
    "interactive",
    "button_reply",
    "context",
    "referral",
    "system",
    "edit",
    "revoke",
    "original_message_id",
    "message",
    "status",
    "pricing",
    "conversation",
    "profile",
    "wa_id",
    "user_id",
    "code",
    "error_data",
    "event",
    "order",
    "product_items",
    "location",
    "latitude",
    "longitude",
    "reaction",
    "nfm_reply",
    "response_json",
    "new_quality_score",
    "restriction_info",
    "waba_info",
    "alert_info",
    "anything",
];

/// Every word that decides something.
const WORDS: &[&str] = &[
    "messages",
    "account_update",
    "account_alerts",
    "security",
    "message_template_status_update",
    "template_category_update",
    "phone_number_quality_update",
    "user_preferences",
    "text",
    "image",
    "interactive",
    "system",
    "edit",
    "revoke",
    "order",
    "contacts",
    "sent",
    "read",
    "failed",
    "group",
    "stop",
    "user_changed_number",
    "1749416383",
    "-1",
    "9999999999999999999",
    "",
    "é\0",
];

fn anything() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(WORDS).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 96, 6, |inner| {
        let object = btree_map(select(KEYS), inner.clone(), 0..6).prop_map(|it| {
            let fields = it.into_iter().map(|(key, it)| (key.to_owned(), it));
            Value::Object(fields.collect::<Map<_, _>>())
        });
        prop_oneof![vec(inner, 0..4).prop_map(Value::Array), object]
    })
    .boxed()
}

fn keys_are_good(payload: &Payload) -> bool {
    payload.elements.iter().all(|it| {
        let key = &it.dedup_key;
        !key.is_empty() && key.len() <= 200 && key.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

proptest! {
    #[test]
    fn any_bytes_are_json_or_not(bytes in vec(any::<u8>(), 0..256)) {
        if let Ok(payload) = parse(&bytes) {
            prop_assert!(keys_are_good(&payload));
        }
    }

    #[test]
    fn any_text_with_backslashes_is_json_or_not(text in "[\\\\ud8c0-9a-f\"{}:, é]{0,64}") {
        if let Ok(payload) = parse(text.as_bytes()) {
            prop_assert!(keys_are_good(&payload));
        }
    }

    #[test]
    fn any_json_is_told(value in anything()) {
        let payload = parse(value.to_string().as_bytes()).unwrap();
        prop_assert!(keys_are_good(&payload));
        let is_empty = value["entry"].as_array().is_some_and(|entries| {
            entries.iter().all(|it| it["changes"].as_array().is_some_and(Vec::is_empty))
        });
        prop_assert_eq!(payload.elements.is_empty(), is_empty);
    }

    #[test]
    fn any_value_of_any_field_is_told(field in select(WORDS), value in anything()) {
        let payload = parse(change(field, &value).to_string().as_bytes()).unwrap();
        prop_assert!(keys_are_good(&payload));
        prop_assert!(!payload.elements.is_empty());
    }

    #[test]
    fn every_item_of_every_list_is_told(
        messages in vec(anything(), 0..5),
        echoes in vec(anything(), 0..3),
        statuses in vec(anything(), 0..5),
        preferences in vec(anything(), 0..3),
    ) {
        let items = messages.len() + echoes.len() + statuses.len() + preferences.len();
        let parts = value(json!({"messages": messages, "message_echoes": echoes,
            "statuses": statuses, "user_preferences": preferences}));
        let payload = parse(change("messages", &parts).to_string().as_bytes()).unwrap();
        prop_assert_eq!(payload.elements.len(), items.max(1));
    }

    #[test]
    fn whatever_is_in_a_message_it_is_one(kind in select(WORDS), object in anything()) {
        let message = message(kind, json!({kind: object}));
        let parts = value(json!({"messages": [message]}));
        let payload = parse(change("messages", &parts).to_string().as_bytes()).unwrap();
        prop_assert_eq!(payload.elements.len(), 1);
        prop_assert!(payload.elements[0].dedup_key.starts_with("message:"));
    }

    #[test]
    fn what_comes_again_has_the_same_keys(value in anything()) {
        let bytes = value.to_string();
        prop_assert_eq!(parse(bytes.as_bytes()), parse(bytes.as_bytes()));
    }
}
