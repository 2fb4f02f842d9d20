//! What makes an event known when it is repeated.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{NUMBER, change, message, only, read, value};

fn key(field: &str, parts: Value) -> String {
    only(&change(field, &value(parts))).dedup_key
}

#[test]
fn a_message_is_known_by_its_id_and_a_change_of_it_by_its_kind_too() {
    let of = |kind: &str| key("messages", json!({"messages": [message(kind, json!({}))]}));
    assert_eq!(of("text"), format!("message:{NUMBER}:wamid.HBgL"));
    assert_eq!(of("image"), of("text"));
    assert_eq!(of("system"), of("text"));
    assert_eq!(of("edit"), format!("message:{NUMBER}:wamid.HBgL:edit"));
    assert_eq!(of("revoke"), format!("message:{NUMBER}:wamid.HBgL:revoke"));
}

#[test]
fn a_status_is_known_by_its_id_and_its_word() {
    let of = |status: Value| key("messages", json!({"statuses": [status]}));
    assert_eq!(
        of(json!({"id": "wamid.1", "status": "read", "timestamp": "1"})),
        format!("status:{NUMBER}:wamid.1:read")
    );
    assert_eq!(
        of(
            json!({"id": "wamid.1", "status": "read", "recipient_type": "group",
            "recipient_participant_id": "2782"})
        ),
        format!("status:{NUMBER}:wamid.1:read:2782")
    );
}

#[test]
fn what_comes_beside_an_event_does_not_change_its_key() {
    let one = message("text", json!({"text": {"body": "1"}}));
    let mut two = one.clone();
    two["id"] = json!("wamid.2");
    let batch = change("messages", &value(json!({"messages": [two, one]})));
    let alone = only(&change("messages", &value(json!({"messages": [one]}))));
    assert_eq!(read(&batch).elements[1].dedup_key, alone.dedup_key);
}

#[test]
fn the_same_id_at_another_number_is_another_event() {
    let mut other = value(json!({"messages": [message("text", json!({}))]}));
    let one = only(&change("messages", &other)).dedup_key;
    other["metadata"]["phone_number_id"] = json!("7");
    assert_ne!(only(&change("messages", &other)).dedup_key, one);
}

#[test]
fn what_has_no_id_is_known_by_all_of_it() {
    let payload = |time: i64, decision: &str| {
        let mut payload = change("account_review_update", &json!({"decision": decision}));
        payload["entry"][0]["time"] = json!(time);
        only(&payload).dedup_key
    };
    assert_eq!(payload(1, "APPROVED"), payload(1, "APPROVED"));
    let preference = |timestamp: i64| {
        key(
            "user_preferences",
            json!({"user_preferences": [{"wa_id": "1", "value": "stop", "timestamp": timestamp}]}),
        )
    };
    assert_eq!(preference(1), preference(1));
    let all = [
        payload(1, "APPROVED"),
        payload(2, "APPROVED"),
        payload(1, "REJECTED"),
        preference(1),
        preference(2),
    ];
    assert_eq!(
        all.iter().collect::<HashSet<_>>().len(),
        all.len(),
        "{all:?}"
    );
}

#[test]
fn a_key_fits_into_any_index() {
    for id in [
        "x".repeat(100_000),
        "null\0byte".into(),
        "two words".into(),
        "é".into(),
    ] {
        let of = |id: &str| {
            key(
                "messages",
                json!({"messages": [{"id": id, "type": "text"}]}),
            )
        };
        let made = of(&id);
        assert!(
            made.len() <= 200 && made.bytes().all(|it| it.is_ascii_graphic()),
            "{made}"
        );
        assert!(made.starts_with("message:"), "{made}");
        assert_eq!(made, of(&id));
        assert_ne!(made, of(&format!("{id}x")));
    }
}
