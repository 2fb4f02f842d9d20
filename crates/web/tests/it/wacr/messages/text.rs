//! `POST /api/v2/messages/text`.

use domain::message::Status;
use serde_json::{Value, json};
use simulator::Fault;
use test_support::{Setup, TestServer};

use super::{PHONE, complaints, failure, send, shop};

fn text(message: &str) -> Value {
    json!({"phone": PHONE, "message": message})
}

async fn a_text_is_sent_and_its_row_says_so(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let reply = send(&acme, "text", text("  Hello ")).await;
    let contact = tenant.contact(PHONE).await.id;
    let row = tenant.messages(PHONE).await.remove(0);
    let expected = format!(
        r#"{{"success":true,"data":{{"message_id":"<wamid>","contact_id":{contact},
        "phone":"27821112233","message":"Hello","status":"sent",
        "sent_at":"2026-03-10T08:15:00+00:00","chat_id":{},"chat_message_id":{}}},
        "message":"Message sent successfully",
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#,
        row.conversation_id, row.id
    );
    reply.assert(200, &expected);
    let sent = server.simulator().sent();
    assert_eq!((sent.len(), row.status), (1, Status::Accepted));
    assert_eq!(reply.json()["data"]["message_id"], sent[0].wamid);
    assert_eq!(
        (&sent[0].body["to"], &sent[0].body["text"]["body"]),
        (&json!(PHONE), &json!("Hello"))
    );
}

on_both_engines!(a_text_is_sent_and_its_row_says_so);

#[tokio::test]
async fn merge_fields_say_what_is_known_of_the_reader() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let given = "@{contact_first_name} @{contact_last_name}, @{contact_phone}: @{contact_age}";
    let reply = send(&acme, "text", text(given)).await;
    let merged = "Mara Lind, +27821112233: @{contact_age}";
    assert_eq!(reply.json()["data"]["message"], merged);
    assert_eq!(server.simulator().sent()[0].body["text"]["body"], merged);
    // What nobody knows is nothing.
    let reply = send(&acme, "text", text("<@{contact_email}>")).await;
    assert_eq!(reply.json()["data"]["message"], "<>");
    // And nothing is no message, nor is more than WhatsApp takes.
    let missing = json!({"message": ["Message is required"]});
    let reply = send(&acme, "text", text("@{contact_email}")).await;
    assert_eq!(Value::from(complaints(&reply)), missing);
    let long = format!("{}@{{contact_phone}}", "x".repeat(4090));
    let reply = send(&acme, "text", text(&long)).await;
    assert!(complaints(&reply).contains_key("message"));
    assert_eq!(server.simulator().requests(), 2);
}

#[tokio::test]
async fn everything_wrong_with_a_text_is_said_at_once() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    for (body, expected) in [
        (
            json!({}),
            r#"{"phone":["Phone number is required"],"message":["Message is required"]}"#,
        ),
        (
            json!({"phone": "+2782", "message": " ", "contact_id": "x"}),
            r#"{"phone":["The phone field must be at least 10 characters."],
            "contact_id":["The contact id field must be an integer."],
            "message":["Message is required"]}"#,
        ),
        (
            json!({"phone": "call 0821112233 at nine", "message": "é".repeat(4097)}),
            r#"{"phone":["The phone field must not be greater than 20 characters.",
            "The phone field format is invalid."],
            "message":["The message field must not be greater than 4096 characters."]}"#,
        ),
        (
            json!({"phone": 27_821_112_233_i64, "message": 7}),
            r#"{"phone":["The phone field must be a string."],
            "message":["The message field must be a string."]}"#,
        ),
    ] {
        let reply = send(&acme, "text", body).await;
        let expected = failure("VALIDATION_ERROR", "Validation failed", expected);
        reply.assert(422, &expected);
    }
    assert_eq!(server.simulator().requests(), 0);
}

#[tokio::test]
async fn only_who_may_send_sends() {
    let server = TestServer::start().await;
    let (tenant, _) = shop(&server).await;
    let options = test_support::KeyOptions {
        scopes: domain::key::Scopes::parse("messages:read,contacts:write").ok(),
        ..test_support::KeyOptions::default()
    };
    let reader = tenant.actor(domain::key::Api::WaCr, options).await;
    for kind in ["text", "interactive"] {
        // Before a look at the body.
        let reply = send(&reader, kind, json!({})).await;
        let details = json!({"required_scope": "messages:send"});
        let message = "Token missing messages:send scope";
        reply.assert(
            403,
            &failure("INSUFFICIENT_SCOPE", message, &details.to_string()),
        );
    }
}

#[tokio::test]
async fn an_account_without_a_number_cannot_send() {
    let setup = Setup {
        has_simulator: false,
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let (tenant, acme) = shop(&server).await;
    let unconfigured = failure(
        "WHATSAPP_NOT_CONFIGURED",
        "WhatsApp not configured for this account",
        "null",
    );
    send(&acme, "text", text("Hello"))
        .await
        .assert(422, &unconfigured);
    // Who wants to hear nothing comes first.
    tenant.opt_out(PHONE).await;
    let reply = send(&acme, "text", text("Hello")).await;
    assert_eq!(reply.json()["error"]["code"], "CONTACT_OPTED_OUT");
}

#[tokio::test]
async fn nobody_who_opted_out_or_is_blocked_is_written_to() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    tenant.opt_out(PHONE).await;
    let details = json!({"contact_id": tenant.contact(PHONE).await.id.get()});
    let message = "Contact has opted out of receiving messages";
    let opted_out = failure("CONTACT_OPTED_OUT", message, &details.to_string());
    send(&acme, "text", text("Hello"))
        .await
        .assert(403, &opted_out);
    tenant.block(PHONE).await;
    let blocked = failure("CONTACT_BLOCKED", "Contact is blocked", "null");
    send(&acme, "text", text("Hello"))
        .await
        .assert(403, &blocked);
    assert_eq!(server.simulator().requests(), 0);
}

#[tokio::test]
async fn what_whatsapp_refuses_says_why() {
    let setup = Setup {
        answer: std::time::Duration::from_secs(1),
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let (tenant, acme) = shop(&server).await;
    let failed = |reason: &str| {
        let message = "Failed to send via WhatsApp API";
        failure(
            "MESSAGE_SEND_FAILED",
            message,
            &json!({"reason": reason}).to_string(),
        )
    };
    server.simulator().fault_next(Fault::refuse(131_026));
    let reply = send(&acme, "text", text("Hello")).await;
    reply.assert(500, &failed("Message Undeliverable."));
    server.clock.advance_seconds(1);
    server.simulator().fault_next(Fault::Silent);
    let reply = send(&acme, "text", text("Hello")).await;
    let row = tenant.messages(PHONE).await.remove(0);
    assert_eq!(row.status, Status::Unconfirmed);
    let expected = format!(
        "It is unknown whether WhatsApp took message {}. Do not send it again: its status will \
         tell",
        row.id
    );
    assert_eq!(reply.status, 500);
    assert_eq!(reply.json()["error"]["details"]["reason"], expected);
}
