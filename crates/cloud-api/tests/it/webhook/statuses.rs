//! How far messages got.

use cloud_api::Class;
use cloud_api::webhook::{Conversation, Pricing};
use domain::message::Status;
use jiff::Timestamp;
use serde_json::json;

use super::status;

#[test]
fn a_message_is_sent() {
    let raw = json!({
        "id": "wamid.1", "status": "sent", "timestamp": "1750263773",
        "recipient_id": "16505551234", "recipient_user_id": "US.13491208655302741918",
        "biz_opaque_callback_data": "c123",
        "conversation": {"id": "ab12", "origin": {"type": "service"},
            "expiration_timestamp": "1750350173"},
        "pricing": {"billable": true, "pricing_model": "PMP", "category": "marketing",
            "type": "regular"},
    });
    let sent = status(&raw);
    assert_eq!(sent.wamid, "wamid.1");
    assert_eq!(sent.status, Status::Sent);
    assert_eq!(sent.recipient.wa_id.as_deref(), Some("16505551234"));
    assert_eq!(
        sent.recipient.user_id.as_deref(),
        Some("US.13491208655302741918")
    );
    assert_eq!(sent.recipient.name.as_deref(), Some("Sheena Nelson"));
    assert_eq!(sent.opaque.as_deref(), Some("c123"));
    let pricing = Pricing {
        is_billable: Some(true),
        model: Some("PMP".into()),
        category: Some("marketing".into()),
        kind: Some("regular".into()),
    };
    assert_eq!(sent.pricing, Some(pricing));
    let conversation = Conversation {
        id: Some("ab12".into()),
        origin: Some("service".into()),
        expires_at: Timestamp::from_second(1_750_350_173).ok(),
    };
    assert_eq!(sent.conversation, Some(conversation));
    assert_eq!(sent.errors, []);
    assert_eq!(sent.raw, raw);
}

#[test]
fn every_word_is_a_status() {
    for (word, reached) in [
        ("sent", Status::Sent),
        ("delivered", Status::Delivered),
        ("read", Status::Read),
        ("played", Status::Played),
        ("failed", Status::Failed),
    ] {
        let status = status(&json!({"id": "wamid.1", "status": word}));
        assert_eq!(status.status, reached);
        assert_eq!(
            (status.pricing, status.conversation, status.opaque),
            (None, None, None)
        );
    }
}

#[test]
fn a_failure_says_why() {
    let details = "Message failed to send because more than 24 hours have passed since the \
                   customer last replied to this number.";
    let failed = status(&json!({
        "id": "wamid.1", "status": "failed", "timestamp": "1750263773",
        "recipient_id": "16505551234",
        "errors": [{"code": 131047, "title": "Re-engagement message",
            "message": "Re-engagement message", "error_data": {"details": details},
            "href": "/documentation/x"}],
    }));
    let [error] = failed.errors.as_slice() else {
        panic!("{failed:?}")
    };
    assert_eq!(
        (error.code, &*error.title),
        (131_047, "Re-engagement message")
    );
    assert_eq!(error.details.as_deref(), Some(details));
    assert_eq!(error.class(), Class::StopMessage);
}

#[test]
fn an_error_may_lack_anything() {
    let failed = status(&json!({"id": "wamid.1", "status": "failed",
        "errors": [{}, {"code": "131050"}, {"code": 1, "message": "(#1) m"}, "nonsense"]}));
    let codes: Vec<_> = failed.errors.iter().map(|it| it.code).collect();
    assert_eq!(codes, [-1, 131_050, 1, -1]);
    assert_eq!(failed.errors[0].class(), Class::StopMessage);
    assert_eq!(failed.errors[1].class(), Class::OptOut);
    assert_eq!(failed.errors[2].title, "m");
}

#[test]
fn a_recipient_may_have_no_number() {
    let read = status(
        &json!({"id": "wamid.1", "status": "read", "recipient_id": "",
        "recipient_user_id": "US.1"}),
    );
    assert_eq!(read.recipient.wa_id, None);
    assert_eq!(read.recipient.user_id.as_deref(), Some("US.1"));
}

#[test]
fn in_a_group_it_is_about_one_of_it() {
    let read = status(&json!({
        "id": "wamid.1", "status": "read", "recipient_type": "group", "recipient_id": "Y2Fw",
        "recipient_participant_id": "27821112233", "recipient_participant_user_id": "ZA.1",
    }));
    assert_eq!(read.group_id.as_deref(), Some("Y2Fw"));
    assert_eq!(read.recipient.wa_id.as_deref(), Some("27821112233"));
    assert_eq!(read.recipient.user_id.as_deref(), Some("ZA.1"));
}
