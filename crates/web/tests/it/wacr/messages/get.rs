//! `GET /api/v2/messages/{id}`.

use domain::key::{Api, Scopes};
use serde_json::json;
use test_support::{KeyOptions, TestServer};

use super::{PHONE, send, shop};

async fn a_message_is_fetched_by_its_id(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let sent = send(&acme, "text", json!({"phone": PHONE, "message": "Hello"})).await;
    let id = sent.json()["data"]["chat_message_id"].clone();
    let row = tenant.messages(PHONE).await.remove(0);
    let number = tenant.store.channels().await.unwrap()[0].number.clone();
    acme.get(&format!("/api/v2/messages/{id}")).await.assert(
        200,
        &format!(
            r#"{{"success":true,"data":{{"id":{id},"interaction_id":{},"sender_id":"{number}",
            "type":"text","message":"Hello","status":"sent","status_message":null,
            "message_id":"<wamid>","ref_message_id":null,"url":null,
            "sent_at":"2026-03-10T08:15:00+00:00","is_read":false,"staff_id":null}},
            "message":"Message retrieved successfully",
            "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#,
            row.conversation_id
        ),
    );
    server.settle().await;
}

on_both_engines!(a_message_is_fetched_by_its_id);

const NOT_FOUND: &str = r#"{"success":false,"error":{"code":"NOT_FOUND",
    "message":"Message not found","details":null},
    "meta":{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}"#;

#[tokio::test]
async fn what_is_no_message_of_the_tenant_is_not_found() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let sent = send(&acme, "text", json!({"phone": PHONE, "message": "Hello"})).await;
    let id = sent.json()["data"]["chat_message_id"].clone();
    let theirs = server.tenant("globex").await.wacr().await;
    let path = format!("/api/v2/messages/{id}");
    theirs.get(&path).await.assert(404, NOT_FOUND);
    for id in [
        "msg_abc123",
        "0",
        "-1",
        "9007199254740991",
        "9007199254740993",
        "1.0",
        "%00",
    ] {
        let path = format!("/api/v2/messages/{id}");
        acme.get(&path).await.assert(404, NOT_FOUND);
    }
    server.settle().await;
}

#[tokio::test]
async fn reading_a_message_takes_the_scope_to_read() {
    let server = TestServer::start().await;
    let (tenant, _) = shop(&server).await;
    let options = KeyOptions {
        scopes: Scopes::parse("messages:send").ok(),
        ..KeyOptions::default()
    };
    let actor = tenant.actor(Api::WaCr, options).await;
    let refused = actor.get("/api/v2/messages/1").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["code"], "INSUFFICIENT_SCOPE");
}
