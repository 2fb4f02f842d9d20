//! `POST /api/v1/messages`.

use domain::message::Status;
use domain::tenant::Subscription;
use serde_json::{Value, json};
use simulator::Fault;
use test_support::meta::text;
use test_support::{Actor, Meta, Reply, Setup, TestServer, TestTenant};

const PATH: &str = "/api/v1/messages";
const PHONE: &str = "+34600111222";
const CLOSED: &str = "The 24-hour window is closed; send a template instead";

fn error(code: &str, message: &str) -> String {
    format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#)
}

/// An organization to which somebody wrote a minute ago.
async fn shop(server: &TestServer) -> (TestTenant, Actor, Meta) {
    let tenant = server.tenant("acme").await;
    let (acme, meta) = (tenant.flowella().await, tenant.meta("1001").await);
    wrote(&meta).await;
    (tenant, acme, meta)
}

async fn wrote(meta: &Meta) {
    let wamid = format!("wamid.in.{}", meta.channel.id);
    let message = text("34600111222", &wamid, "Hola");
    meta.say(&meta.payload(&json!({"messages": [message]})))
        .await;
}

async fn send(actor: &Actor) -> Reply {
    actor
        .post(PATH, json!({"to": PHONE, "text": "Hola!"}))
        .await
}

async fn a_message_goes_out_and_is_stored(server: TestServer) {
    let (tenant, acme, meta) = shop(&server).await;
    let sent = send(&acme).await;
    sent.assert(
        201,
        r#"{"id":"<cuid>","conversationId":"<cuid>","contactId":"<cuid>",
            "metaMessageId":"<wamid>"}"#,
    );
    let messages = tenant.messages(PHONE).await;
    let message = messages
        .iter()
        .find(|it| it.wamid.as_deref() != Some("wamid.in"))
        .unwrap();
    let message = messages
        .iter()
        .find(|it| it.status == Status::Accepted)
        .unwrap_or(message);
    let body = sent.json();
    assert_eq!(body["id"], message.id.to_cuid());
    assert_eq!(body["conversationId"], message.conversation_id.to_cuid());
    assert_eq!(body["contactId"], message.contact_id.to_cuid());
    assert_eq!(body["metaMessageId"], *message.wamid.as_ref().unwrap());
    let out = server.simulator().sent().pop().unwrap();
    assert_eq!(out.phone_number_id, meta.channel.phone_number_id);
    assert_eq!(out.body["text"]["body"], "Hola!");
}

on_both_engines!(a_message_goes_out_and_is_stored);

#[tokio::test]
async fn a_message_leaves_by_the_channel_that_is_named() {
    let server = TestServer::start().await;
    let (tenant, acme, _) = shop(&server).await;
    let other = tenant.meta("1002").await;
    wrote(&other).await;
    let channel = other.channel.id.to_cuid();
    let body = json!({"to": "34600111222", "text": "Hola!", "whatsappChannelId": channel});
    assert_eq!(acme.post(PATH, body).await.status, 201);
    assert_eq!(
        server.simulator().sent().pop().unwrap().phone_number_id,
        "1002"
    );
}

#[tokio::test]
async fn outside_the_window_nothing_goes() {
    let server = TestServer::start().await;
    let (tenant, acme, meta) = shop(&server).await;
    let closed = error("BAD_REQUEST", CLOSED);
    // Somebody who never wrote, known or not, and on another channel.
    for to in ["+34600333444", "+34600555666"] {
        let body = json!({"to": to, "text": "Hola!"});
        acme.post(PATH, body).await.assert(400, &closed);
        acme.post("/api/v1/contacts", json!({"phone": "+34600555666"}))
            .await;
    }
    let other = tenant.meta("1002").await.channel.id.to_cuid();
    let body = json!({"to": PHONE, "text": "Hola!", "whatsappChannelId": other});
    acme.post(PATH, body).await.assert(400, &closed);
    server.clock.advance_seconds(24 * 3600 - 60);
    send(&acme).await.assert(400, &closed);
    assert_eq!(
        (server.simulator().requests(), tenant.contact_count().await),
        (0, 2)
    );
    drop(meta);
}

#[tokio::test]
async fn nobody_who_opted_out_or_is_blocked_is_written_to() {
    let server = TestServer::start().await;
    let (tenant, acme, _) = shop(&server).await;
    tenant.opt_out(PHONE).await;
    let opted_out = error("FORBIDDEN", "Contact opted out");
    send(&acme).await.assert(403, &opted_out);
    tenant.block(PHONE).await;
    send(&acme)
        .await
        .assert(403, &error("FORBIDDEN", "Contact is blocked"));
    assert_eq!(server.simulator().requests(), 0);
}

#[tokio::test]
async fn without_a_number_nothing_goes() {
    let setup = Setup {
        has_simulator: false,
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let acme = server.tenant("acme").await.flowella().await;
    let expected = error("FORBIDDEN", "Meta is not connected");
    send(&acme).await.assert(403, &expected);
}

#[tokio::test]
async fn a_channel_must_be_the_organizations() {
    let server = TestServer::start().await;
    let (_, acme, meta) = shop(&server).await;
    let theirs = server.tenant("globex").await.meta("1002").await;
    for channel in [
        theirs.channel.id.to_cuid(),
        meta.channel.id.get().to_string(),
    ] {
        let body = json!({"to": PHONE, "text": "Hola!", "whatsappChannelId": channel});
        let not_found = error("NOT_FOUND", "Channel not found");
        acme.post(PATH, body).await.assert(404, &not_found);
    }
}

#[tokio::test]
async fn who_is_past_due_sends_nothing_and_reads_everything() {
    let server = TestServer::start().await;
    let (tenant, acme, _) = shop(&server).await;
    let operations = &server.operations;
    let set = async |is| {
        operations
            .set_subscription(&tenant.tenant, is)
            .await
            .unwrap()
    };
    assert!(set(Subscription::PastDue).await);
    server.clock.advance_seconds(5);
    let unpaid = error("PAYMENT_REQUIRED", "Subscription required");
    send(&acme).await.assert(402, &unpaid);
    assert_eq!(acme.get("/api/v1/contacts").await.status, 200);
    assert!(set(Subscription::Active).await);
    server.clock.advance_seconds(5);
    assert_eq!(send(&acme).await.status, 201);
}

#[tokio::test]
async fn what_whatsapp_refuses_is_a_bad_request_in_its_words() {
    let server = TestServer::start().await;
    let (_, acme, _) = shop(&server).await;
    server.simulator().fault_next(Fault::refuse(131_026));
    let refused = error("BAD_REQUEST", "Message Undeliverable.");
    send(&acme).await.assert(400, &refused);
}

#[tokio::test]
async fn each_field_has_its_rule() {
    let server = TestServer::start().await;
    let (_, acme, _) = shop(&server).await;
    let length = "text: must have 1 to 4096 characters";
    let cases: [(&str, Value, &str); 9] = [
        ("to", json!(null), "to: is required"),
        ("to", json!("12"), "to: must have 3 to 32 characters"),
        ("to", json!(34), "to: must be a string"),
        ("to", json!("+-()"), "to: has no digits"),
        ("text", json!(null), "text: is required"),
        ("text", json!(""), length),
        ("text", json!("é".repeat(4097)), length),
        ("text", json!(["a"]), "text: must be a string"),
        (
            "whatsappChannelId",
            json!(1),
            "whatsappChannelId: must be a string or null",
        ),
    ];
    for (field, value, message) in cases {
        let mut body = json!({"to": PHONE, "text": "Hola!"});
        body[field] = value;
        let invalid = error("VALIDATION_ERROR", message);
        acme.post(PATH, body).await.assert(400, &invalid);
    }
    let body = json!({"to": PHONE, "text": "é".repeat(4096), "whatsappChannelId": null});
    assert_eq!(acme.post(PATH, body).await.status, 201);
}
