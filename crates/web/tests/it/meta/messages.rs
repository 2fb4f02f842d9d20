//! Messages that come in: each is here once, with its writer.

use bytes::Bytes;
use domain::message::content::ReplyKind;
use domain::message::{Content, Direction, Status};
use futures_util::StreamExt;
use futures_util::stream::iter;
use serde_json::{Value, json};
use test_support::meta::{SECONDS, contact, message, text};
use test_support::{Meta, TestServer, TestTenant};

const ANA: &str = "27825550101";
const BEN: &str = "27825550102";

async fn start() -> (TestServer, TestTenant, Meta) {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let meta = acme.meta("1001").await;
    (server, acme, meta)
}

fn words(content: &Content) -> &str {
    match content {
        Content::Text(text) => &text.body,
        other => other.kind().as_str(),
    }
}

#[tokio::test]
async fn a_message_makes_its_contact_and_opens_the_window() {
    let (_server, acme, meta) = start().await;
    meta.say(&meta.payload(&json!({
        "contacts": [contact(ANA, "Ana Lima")], "messages": [text(ANA, "wamid.1", "Olá 😀")],
    })))
    .await;
    let ana = acme.contact(ANA).await;
    assert_eq!(ana.name.full.as_deref(), Some("Ana Lima"));
    assert!(ana.flags.has_unread_messages);
    let [message] = <[_; 1]>::try_from(acme.messages(ANA).await).unwrap();
    assert_eq!(message.direction, Direction::Inbound);
    assert_eq!(message.status, Status::Received);
    assert_eq!(words(&message.content), "Olá 😀");
    assert_eq!(message.wamid.as_deref(), Some("wamid.1"));
    assert_eq!(message.created_at.as_second(), SECONDS);
    // An answer that needs the window goes out.
    let reply = acme
        .flowiq()
        .await
        .post(
            "/send-whatsapp",
            json!({"phone_number": format!("+{ANA}"), "message_type": "text", "text": "Hi"}),
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[tokio::test]
async fn one_event_that_comes_ten_thousand_times_at_once_is_one_message() {
    let (server, acme, meta) = start().await;
    let payload = meta.payload(&json!({
        "contacts": [contact(ANA, "Ana")], "messages": [text(ANA, "wamid.1", "Hello")],
    }));
    let body = Bytes::from(payload.to_string());
    let signature = test_support::meta::sign(&meta.secret, &body);
    let posts = (0..10_000).map(|_| meta.post_signed(body.clone(), Some(&signature)));
    let replies: Vec<_> = iter(posts).buffer_unordered(512).collect().await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    meta.apply().await;
    assert_eq!(acme.messages(ANA).await.len(), 1);
    assert_eq!(acme.contact_count().await, 1);
    let filter = operations::EventFilter {
        limit: 10,
        ..operations::EventFilter::default()
    };
    assert_eq!(
        server.operations.kept_events(filter).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn three_messages_of_a_new_sender_in_one_webhook_are_three_rows_of_one_contact() {
    let (_server, acme, meta) = start().await;
    let messages: Vec<Value> = (1..=3)
        .map(|n| text(ANA, &format!("wamid.{n}"), &format!("Message {n}")))
        .collect();
    meta.say(&meta.payload(&json!({"contacts": [contact(ANA, "Ana")], "messages": messages})))
        .await;
    assert_eq!(acme.contact_count().await, 1);
    let said = acme.messages(ANA).await;
    let said: Vec<_> = said.iter().rev().map(|it| words(&it.content)).collect();
    assert_eq!(said, ["Message 1", "Message 2", "Message 3"]);
}

#[tokio::test]
async fn every_message_of_every_change_of_every_entry_comes_in() {
    let (_server, acme, meta) = start().await;
    let first = json!({
        "contacts": [contact(ANA, "Ana"), contact(BEN, "Ben")],
        "messages": [text(ANA, "wamid.1", "One"), text(BEN, "wamid.2", "Two")],
    });
    let second = json!({
        "contacts": [contact(ANA, "Ana")], "messages": [text(ANA, "wamid.3", "Three")],
    });
    meta.say(&json!({"object": "whatsapp_business_account", "entry": [{
        "id": meta.channel.waba_id, "changes": [meta.change(&first), meta.change(&second)],
    }]}))
    .await;
    assert_eq!(acme.messages(ANA).await.len(), 2);
    assert_eq!(acme.messages(BEN).await.len(), 1);
    assert_eq!(acme.contact(BEN).await.name.full.as_deref(), Some("Ben"));
}

#[tokio::test]
async fn every_message_of_a_crowd_is_under_its_own_sender() {
    let (_server, acme, meta) = start().await;
    let posts = (0..900).map(|n: u32| {
        let from = format!("2783{n:07}");
        let payload = meta.payload(&json!({
            "contacts": [contact(&from, &format!("Sender {n}"))],
            "messages": [text(&from, &format!("wamid.{n}"), &format!("I am {n}"))],
        }));
        let meta = meta.clone();
        async move { meta.post(payload.to_string()).await }
    });
    let replies: Vec<_> = iter(posts).buffer_unordered(32).collect().await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    meta.apply().await;
    assert_eq!(acme.contact_count().await, 900);
    for n in 0..900 {
        let from = format!("2783{n:07}");
        let contact = acme.contact(&from).await;
        assert_eq!(contact.name.full, Some(format!("Sender {n}")));
        let [message] = <[_; 1]>::try_from(acme.messages(&from).await).unwrap();
        assert_eq!(words(&message.content), format!("I am {n}"));
    }
}

#[tokio::test]
async fn every_kind_of_message_is_kept() {
    let (_server, acme, meta) = start().await;
    let file = json!({"id": "700", "mime_type": "image/jpeg", "sha256": "x", "caption": "Look"});
    let kinds = [
        json!({"type": "image", "image": file}),
        json!({"type": "location", "location": {"latitude": 1.5, "longitude": "2.5"}}),
        json!({"type": "contacts", "contacts": [{"phones": [{"phone": "+27"}]}]}),
        json!({"type": "button", "button": {"payload": "yes", "text": "Yes"}}),
        json!({"type": "interactive", "interactive": {
            "type": "list_reply", "list_reply": {"id": "r1", "title": "Row"}}}),
        json!({"type": "reaction", "reaction": {"message_id": "wamid.0", "emoji": "👍"}}),
        json!({"type": "order", "order": {"catalog_id": "1", "product_items": []}}),
        json!({"type": "unsupported", "errors": [{"code": 131_051, "title": "Unknown"}]}),
        json!({"type": "hologram", "hologram": {"depth": 3}}),
        json!({"context": {"id": "wamid.9", "from": "2711"}, "type": "text",
            "text": {"body": "An answer"}}),
    ];
    let messages: Vec<Value> = (0..)
        .zip(&kinds)
        .map(|(n, parts)| message(ANA, &format!("wamid.k{n}"), parts))
        .collect();
    meta.say(&meta.payload(&json!({"messages": messages})))
        .await;
    let mut said = acme.messages(ANA).await;
    said.reverse();
    let kinds: Vec<_> = said.iter().map(|it| it.content.kind().as_str()).collect();
    assert_eq!(
        kinds,
        [
            "image",
            "location",
            "contacts",
            "button",
            "interactive",
            "reaction",
            "order",
            "unsupported",
            "unsupported",
            "text"
        ]
    );
    let file = acme.store.media_of_message(said[0].id).await.unwrap();
    assert_eq!(file.unwrap().mime_type.as_deref(), Some("image/jpeg"));
    assert!(matches!(&said[4].content, Content::Reply(it) if it.from == ReplyKind::Row));
    assert_eq!(said[9].context_wamid.as_deref(), Some("wamid.9"));
}

#[tokio::test]
async fn a_message_beyond_the_plan_still_comes_in() {
    let server = TestServer::start().await;
    let acme = server.tenant_with_limit("acme", Some(0)).await;
    let meta = acme.meta("1001").await;
    meta.say(&meta.payload(&json!({"messages": [text(ANA, "wamid.1", "Hello")]})))
        .await;
    assert_eq!(acme.contact_count().await, 1);
    assert_eq!(acme.messages(ANA).await.len(), 1);
}

#[tokio::test]
async fn an_edit_and_a_removal_may_come_before_their_message() {
    let (_server, acme, meta) = start().await;
    let edit = |n: u32, body: &str, at: i64| {
        let parts = json!({"type": "edit", "timestamp": at.to_string(), "edit": {
            "original_message_id": "wamid.1",
            "message": {"type": "text", "text": {"body": body}},
        }});
        message(ANA, &format!("wamid.e{n}"), &parts)
    };
    let said = |messages: Value| meta.payload(&json!({"messages": messages}));
    meta.say(&said(json!([edit(2, "Third", SECONDS + 2)])))
        .await;
    meta.say(&said(json!([text(ANA, "wamid.1", "First")])))
        .await;
    let now = acme.messages(ANA).await.remove(0);
    assert_eq!(words(&now.content), "Third");
    // One that comes late changes nothing any more.
    meta.say(&said(json!([edit(1, "Second", SECONDS + 1)])))
        .await;
    assert_eq!(words(&acme.messages(ANA).await[0].content), "Third");
    let removal = json!({"type": "revoke", "revoke": {"original_message_id": "wamid.2"}});
    meta.say(&said(json!([message(ANA, "wamid.r", &removal)])))
        .await;
    meta.say(&said(json!([text(ANA, "wamid.2", "Never mind")])))
        .await;
    // What was taken back is not shown.
    let shown = acme.messages(ANA).await;
    assert!(shown.iter().all(|it| words(&it.content) != "Never mind"));
}

#[tokio::test]
async fn what_is_not_known_is_kept_and_noted() {
    let (server, acme, meta) = start().await;
    meta.say(&meta.payload(&json!({"holograms": [{"id": "1"}]})))
        .await;
    meta.say(&meta.account_payload("brand_new_field", &json!({"a": 1})))
        .await;
    meta.say(&json!({"something": "else"})).await;
    let filter = operations::EventFilter {
        limit: 10,
        ..operations::EventFilter::default()
    };
    let kept = server.operations.kept_events(filter).await.unwrap();
    assert_eq!(kept.len(), 3);
    for event in kept {
        assert_eq!(event.state, operations::EventState::Applied);
        assert_eq!(event.reason.as_deref(), Some("its kind is not known here"));
    }
    assert_eq!(acme.contact_count().await, 0);
}
