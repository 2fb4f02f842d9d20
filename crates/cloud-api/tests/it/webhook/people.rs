//! Who people are, and who they become.

use cloud_api::webhook::{Event, Person, Preference, SystemChange, SystemKind, UserPreference};
use serde_json::{Value, json};

use super::{change, inbound, message, only, read, value};

#[test]
fn a_person_may_have_no_number() {
    let message = json!({"from_user_id": "IN.988413714234800", "id": "wamid.1",
        "timestamp": "1749416383", "type": "text", "text": {"body": "Hi"},
        "from_parent_user_id": "IN.ENT.1"});
    let contacts = json!([{"profile": {"username": "ravi"}, "user_id": "IN.988413714234800"}]);
    let payload = change(
        "messages",
        &value(json!({"messages": [message], "contacts": contacts})),
    );
    let Event::Inbound(inbound) = only(&payload).event else {
        panic!("no message")
    };
    let expected = Person {
        user_id: Some("IN.988413714234800".into()),
        parent_user_id: Some("IN.ENT.1".into()),
        username: Some("ravi".into()),
        ..Person::default()
    };
    assert_eq!(inbound.from, expected);
}

#[test]
fn a_person_may_have_no_profile() {
    let mut message = message("text", json!({"text": {"body": "Hi"}}));
    message["identity"] = json!({"acknowledged": true, "hash": "DF2lS5v2W6x="});
    assert_eq!(
        inbound(&message).from.identity_key_hash.as_deref(),
        Some("DF2lS5v2W6x=")
    );
    let payload = change("messages", &json!({"messages": [message]}));
    let Event::Inbound(inbound) = only(&payload).event else {
        panic!("no message")
    };
    assert_eq!(inbound.from.name, None);
    assert_eq!(inbound.from.wa_id.as_deref(), Some("16505551234"));
}

#[test]
fn nine_hundred_writers_keep_their_names() {
    let number = |it: usize| format!("2782{it:07}");
    let messages: Vec<_> = (0..900)
        .map(|it| {
            json!({"from": number(it), "id": format!("wamid.{it}"), "type": "text",
                "text": {"body": format!("I am {it}")}})
        })
        .collect();
    let contacts: Vec<_> = (0..900)
        .rev()
        .map(|it| json!({"wa_id": number(it), "profile": {"name": format!("Name {it}")}}))
        .collect();
    let parts = value(json!({"messages": messages, "contacts": contacts}));
    let elements = read(&change("messages", &parts)).elements;
    assert_eq!(elements.len(), 900);
    for (it, element) in elements.iter().enumerate() {
        let Event::Inbound(inbound) = &element.event else {
            panic!("{element:?}")
        };
        assert_eq!(inbound.from.wa_id, Some(number(it)));
        assert_eq!(inbound.from.name, Some(format!("Name {it}")));
    }
}

fn system(parts: Value) -> SystemChange {
    let mut message = json!({"from": "16505551234", "id": "wamid.1", "timestamp": "1749416383",
        "type": "system"});
    message["system"] = parts;
    match only(&change("messages", &json!({"messages": [message]}))).event {
        Event::SystemChange(change) => *change,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_person_changes_the_number() {
    let new = json!({"type": "user_changed_number", "wa_id": "16505559999",
        "user_id": "US.2", "previous_user_id": "US.1",
        "body": "User A changed from 16505551234 to 16505559999"});
    let old = json!({"type": "customer_changed_number", "new_wa_id": "16505559999",
        "body": "b"});
    for (parts, before_id, after_id) in [(new, Some("US.1"), Some("US.2")), (old, None, None)] {
        let change = system(parts);
        assert_eq!(change.kind, SystemKind::Number);
        assert_eq!(change.wamid.as_deref(), Some("wamid.1"));
        assert_eq!(change.before.wa_id.as_deref(), Some("16505551234"));
        assert_eq!(change.after.wa_id.as_deref(), Some("16505559999"));
        assert_eq!(change.before.user_id.as_deref(), before_id);
        assert_eq!(change.after.user_id.as_deref(), after_id);
        assert!(change.body.is_some());
    }
}

#[test]
fn a_person_gets_another_id() {
    let change = system(
        json!({"type": "user_changed_user_id", "previous_user_id": "US.1",
        "previous_parent_user_id": "US.ENT.1", "user_id": "US.2",
        "parent_user_id": "US.ENT.2"}),
    );
    assert_eq!(change.kind, SystemKind::UserId);
    assert_eq!(change.before.user_id.as_deref(), Some("US.1"));
    assert_eq!(change.before.parent_user_id.as_deref(), Some("US.ENT.1"));
    assert_eq!(change.after.user_id.as_deref(), Some("US.2"));
    assert_eq!(change.after.parent_user_id.as_deref(), Some("US.ENT.2"));
    assert_eq!(change.after.wa_id, None);
}

#[test]
fn other_notices_keep_metas_word() {
    let change = system(json!({"type": "customer_identity_changed", "identity": "h",
        "customer": "16505551234"}));
    assert_eq!(change.kind, SystemKind::Identity);
    assert_eq!(change.after.identity_key_hash.as_deref(), Some("h"));
    assert_eq!(
        system(json!({"type": "new"})).kind,
        SystemKind::Other("new".into())
    );
    assert_eq!(system(json!(null)).kind, SystemKind::Other(String::new()));
}

fn preference(parts: Value) -> UserPreference {
    let mut preference = json!({"wa_id": "16505551234", "category": "marketing_messages",
        "detail": "d", "timestamp": 1749416383});
    preference["value"] = parts;
    let parts = value(json!({"user_preferences": [preference]}));
    let element = only(&change("user_preferences", &parts));
    assert_eq!(element.occurred_at.unwrap().as_second(), 1_749_416_383);
    match element.event {
        Event::UserPreference(preference) => *preference,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_person_wants_marketing_no_longer_or_again() {
    let stop = preference(json!("stop"));
    assert_eq!(stop.preference, Preference::Stop);
    assert_eq!(stop.category, "marketing_messages");
    assert_eq!(stop.detail.as_deref(), Some("d"));
    assert_eq!(stop.person.wa_id.as_deref(), Some("16505551234"));
    assert_eq!(
        stop.person.user_id.as_deref(),
        Some("US.13491208655302741918")
    );
    assert_eq!(preference(json!("resume")).preference, Preference::Resume);
    let signup = Preference::Other("signup".into());
    assert_eq!(preference(json!("signup")).preference, signup);
}
