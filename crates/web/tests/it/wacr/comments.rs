//! `/api/v2/comments/{mobile}`.

use domain::key::{Api, Scopes};
use serde_json::{Value, json};
use test_support::{Actor, FileHost, KeyOptions, TestServer, TestTenant};

use super::messages::{PHONE, send, shop};

const PATH: &str = "/api/v2/comments/27821112233";

/// A tenant that wrote to somebody.
async fn talked(server: &TestServer) -> (TestTenant, Actor) {
    let (tenant, acme) = shop(server).await;
    let text = json!({"phone": PHONE, "message": "Hello"});
    assert_eq!(send(&acme, "text", text).await.status, 200);
    (tenant, acme)
}

async fn a_comment_is_kept_and_listed_newest_first(server: TestServer) {
    let (tenant, acme) = talked(&server).await;
    let chat = tenant.messages(PHONE).await[0].conversation_id;
    let host = FileHost::start().await;
    let reply = acme
        .post(PATH, json!({"comment": "Prefers calls after 5 pm"}))
        .await;
    let sender = reply.json()["sender_id"].clone();
    let tenant_id = tenant.tenant.id;
    let expected = format!(
        r#"{{"success":true,"message":"Comment added successfully","tenant_id":{tenant_id},
        "interaction_id":{chat},"sender_id":{sender},"status_message":"Internal comment",
        "url":null,"message_id":null,"ref_message_id":null,"chat_message_id":<id one>}}"#
    );
    let mut ids = test_support::Bindings::default();
    reply.assert_bound(201, &expected, &mut ids);
    assert!(
        sender
            .as_str()
            .unwrap()
            .bytes()
            .all(|it| it.is_ascii_digit())
    );
    server.clock.advance_seconds(1);
    let body = json!({
        "comment": "<b>See</b>", "status_message": "Urgent", "media_url": host.url("picture.png"),
        "message_id": "wamid.A", "ref_message_id": "wamid.B",
    });
    let added = acme
        .post("/api/v2/comments/+27%20(82)%20111-2233", body)
        .await;
    assert_eq!(added.status, 201, "{}", added.text());
    let hash = added.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(hash.len(), 64);
    let expected = format!(
        r#"{{"success":true,"data":[
        {{"id":<id two>,"message":"<b>See</b>","type":"image","status_message":"Urgent",
        "sender_id":{sender},"url":"{hash}","message_id":"wamid.A","ref_message_id":"wamid.B",
        "staff_id":null,"created_at":"2026-03-10T08:15:01+00:00"}},
        {{"id":<id one>,"message":"Prefers calls after 5 pm","type":"text",
        "status_message":"Internal comment","sender_id":{sender},"url":null,"message_id":null,
        "ref_message_id":null,"staff_id":null,"created_at":"2026-03-10T08:15:00+00:00"}}]}}"#
    );
    acme.get(PATH).await.assert_bound(200, &expected, &mut ids);
    // No message went out, and no comment is one.
    assert_eq!(server.simulator().sent().len(), 1);
    assert_eq!(tenant.messages(PHONE).await.len(), 1);
}

on_both_engines!(a_comment_is_kept_and_listed_newest_first);

#[tokio::test]
async fn a_file_that_cannot_be_had_is_left_out() {
    let server = TestServer::start().await;
    let (_, acme) = talked(&server).await;
    let host = FileHost::start().await;
    for url in [
        host.url("missing.png"),
        "http://169.254.169.254/x".to_owned(),
    ] {
        let body = json!({"comment": "See", "media_url": url});
        let added = acme.post(PATH, body).await;
        assert_eq!(
            (added.status.as_u16(), &added.json()["url"]),
            (201, &Value::Null)
        );
    }
    assert_eq!(acme.get(PATH).await.json()["data"][0]["type"], "text");
}

#[tokio::test]
async fn whoever_was_never_talked_to_has_no_conversation() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let globex = server.tenant("globex").await.wacr().await;
    let absent = r#"{"success":false,"message":"Chat conversation not found"}"#;
    for path in [
        PATH,
        "/api/v2/comments/27829990001",
        "/api/v2/comments/nobody",
    ] {
        acme.get(path).await.assert(404, absent);
        acme.post(path, json!({"comment": "x"}))
            .await
            .assert(404, absent);
    }
    let text = json!({"phone": PHONE, "message": "Hello"});
    send(&acme, "text", text).await;
    assert_eq!(acme.get(PATH).await.text(), r#"{"success":true,"data":[]}"#);
    globex.get(PATH).await.assert(404, absent);
    assert_eq!(tenant.contact_count().await, 1);
}

#[tokio::test]
async fn everything_wrong_with_a_comment_is_said_at_once() {
    let server = TestServer::start().await;
    let (_, acme) = talked(&server).await;
    acme.post(PATH, json!({})).await.assert(
        422,
        r#"{"success":false,"message":"Validation failed",
        "errors":{"comment":["The comment field is required."]}}"#,
    );
    let body = json!({
        "comment": "x".repeat(5001), "status_message": "x".repeat(256), "media_url": "x",
        "message_id": "x".repeat(256), "ref_message_id": 7,
    });
    acme.post(PATH, body).await.assert(
        422,
        r#"{"success":false,"message":"Validation failed","errors":{
        "comment":["The comment field must not be greater than 5000 characters."],
        "status_message":["The status message field must not be greater than 255 characters."],
        "media_url":["The media url field must be a valid URL."],
        "message_id":["The message id field must not be greater than 255 characters."],
        "ref_message_id":["The ref message id field must be a string."]}}"#,
    );
}

#[tokio::test]
async fn any_token_may_comment() {
    let server = TestServer::start().await;
    let (tenant, _) = talked(&server).await;
    let options = KeyOptions {
        scopes: Scopes::parse("account:read").ok(),
        ..KeyOptions::default()
    };
    let reader = tenant.actor(Api::WaCr, options).await;
    assert_eq!(reader.post(PATH, json!({"comment": "x"})).await.status, 201);
    assert_eq!(reader.get(PATH).await.status, 200);
    // Without one the common envelope says so.
    let stranger = server.stranger().with_key("apitk_unknown").get(PATH).await;
    assert_eq!(stranger.json()["error"]["code"], "UNAUTHORIZED");
}
