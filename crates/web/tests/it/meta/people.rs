//! Who people are, whichever way WhatsApp calls them.

use serde_json::json;
use test_support::TestServer;
use test_support::meta::{contact, message, text};

#[tokio::test]
async fn a_brazilian_who_was_dialled_with_the_ninth_digit_is_who_answers_without() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let meta = acme.meta("1001").await;
    let body = json!({"phone": "+5541996910256", "name": "Rosa"});
    let made = acme.flowella().await.post("/api/v1/contacts", body).await;
    assert!(made.status.is_success(), "{}", made.text());
    meta.say(&meta.payload(&json!({
        "contacts": [contact("554196910256", "Rosa M.")],
        "messages": [text("554196910256", "wamid.1", "Oi")],
    })))
    .await;
    assert_eq!(acme.contact_count().await, 1);
    assert_eq!(acme.messages("+5541996910256").await.len(), 1);
    // The name that the tenant gave stays.
    let rosa = acme.contact("+5541996910256").await;
    assert_eq!(rosa.name.full.as_deref(), Some("Rosa"));
}

#[tokio::test]
async fn a_person_without_a_number_is_known_again_and_gets_one_later() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let meta = acme.meta("1001").await;
    let user = "ZA.13491208655302741918";
    let say = async |wamid: &str, number: Option<&str>| {
        let mut message = text("", wamid, "Hi");
        message["from_user_id"] = json!(user);
        let mut contact = json!({"user_id": user, "profile": {"name": "Zee", "username": "@zee"}});
        match number {
            Some(number) => {
                message["from"] = json!(number);
                contact["wa_id"] = json!(number);
            }
            None => {
                message.as_object_mut().unwrap().remove("from");
            }
        }
        let parts = json!({"contacts": [contact], "messages": [message]});
        meta.say(&meta.payload(&parts)).await;
    };
    say("wamid.1", None).await;
    say("wamid.2", None).await;
    assert_eq!(acme.contact_count().await, 1);
    say("wamid.3", Some("27825550103")).await;
    assert_eq!(acme.contact_count().await, 1);
    let zee = acme.contact("27825550103").await;
    assert_eq!(zee.bsuid.as_deref(), Some(user));
    assert_eq!(zee.name.full.as_deref(), Some("Zee"));
    say("wamid.4", None).await;
    assert_eq!(acme.messages("27825550103").await.len(), 4);
}

#[tokio::test]
async fn who_changed_the_number_is_found_under_the_new_one() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let meta = acme.meta("1001").await;
    let (old, new) = ("27825550104", "27825550105");
    meta.say(&meta.payload(&json!({"messages": [text(old, "wamid.1", "Hi")]})))
        .await;
    let notice = message(
        old,
        "wamid.2",
        &json!({"type": "system", "system": {
            "type": "user_changed_number", "wa_id": new, "body": "A number changed"}}),
    );
    // The notice and the first message from the new number, in one webhook.
    let messages = json!([notice, text(new, "wamid.3", "It is me")]);
    meta.say(&meta.payload(&json!({"messages": messages})))
        .await;
    assert_eq!(acme.contact_count().await, 1);
    assert_eq!(acme.messages(new).await.len(), 2);
}

#[tokio::test]
async fn a_message_that_names_nobody_is_kept_as_failed_and_the_others_come_in() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let meta = acme.meta("1001").await;
    let mut nobody = text("", "wamid.1", "Boo");
    nobody.as_object_mut().unwrap().remove("from");
    let messages = json!([nobody, text("27825550106", "wamid.2", "Hi")]);
    meta.say(&meta.payload(&json!({"messages": messages})))
        .await;
    assert_eq!(acme.messages("27825550106").await.len(), 1);
    let filter = operations::EventFilter {
        state: Some(operations::EventState::Failed),
        limit: 10,
        ..operations::EventFilter::default()
    };
    let failed = server.operations.kept_events(filter).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].reason.as_deref(), Some("it names nobody"));
}
