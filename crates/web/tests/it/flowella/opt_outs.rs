//! `POST /api/v1/opt-outs`.

use domain::consent::ConsentOrigin;
use serde_json::{Value, json};
use test_support::{Actor, Meta, Reply, TestServer, TestTenant};

const PATH: &str = "/api/v1/opt-outs";
const PHONE: &str = "+34600111222";

fn error(code: &str, message: &str) -> String {
    format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#)
}

async fn shop(server: &TestServer) -> (TestTenant, Actor, Meta) {
    let tenant = server.tenant("acme").await;
    let (acme, meta) = (tenant.flowella().await, tenant.meta("1001").await);
    (tenant, acme, meta)
}

async fn say(actor: &Actor, action: &str, meta: &Meta) -> Reply {
    let channel = meta.channel.id.to_cuid();
    let body = json!({"action": action, "whatsappChannelId": channel, "phone": PHONE});
    actor.post(PATH, body).await
}

async fn an_opt_out_is_set_once_and_cleared_once(server: TestServer) {
    let (tenant, acme, meta) = shop(&server).await;
    acme.post("/api/v1/contacts", json!({"phone": PHONE})).await;
    let none = r#"{"optOutId":null,"active":false,"revokedAt":null}"#;
    say(&acme, "clear", &meta).await.assert(200, none);
    let set = say(&acme, "set", &meta).await;
    set.assert(
        200,
        r#"{"optOutId":"<cuid>","active":true,"revokedAt":null}"#,
    );
    assert!(tenant.contact(PHONE).await.is_opted_out);
    server.clock.advance_seconds(60);
    assert_eq!(say(&acme, "set", &meta).await.text(), set.text());
    let cleared = say(&acme, "clear", &meta).await;
    cleared.assert(
        200,
        r#"{"optOutId":"<cuid>","active":false,"revokedAt":"2026-03-10T08:16:00.000Z"}"#,
    );
    assert_eq!(cleared.json()["optOutId"], set.json()["optOutId"]);
    assert!(!tenant.contact(PHONE).await.is_opted_out);
    say(&acme, "clear", &meta).await.assert(200, none);
}

on_both_engines!(an_opt_out_is_set_once_and_cleared_once);

#[tokio::test]
async fn the_log_says_who_did_it_and_why() {
    let server = TestServer::start().await;
    let (tenant, acme, meta) = shop(&server).await;
    let body = json!({
        "action": "set", "whatsappChannelId": meta.channel.id.to_cuid(), "phone": PHONE,
        "reason": " asked at the till ",
    });
    assert_eq!(acme.post(PATH, body).await.status, 200);
    say(&acme, "clear", &meta).await;
    let contact = tenant.contact(PHONE).await.id;
    let log = tenant.store.consent_log(contact).await.unwrap();
    let key = server.operations.keys_of(&tenant.tenant).await.unwrap();
    let key = format!("key {}", key.first().unwrap().id);
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].reason.as_deref(), Some("asked at the till"));
    assert_eq!(log[1].reason, None);
    for (entry, is_opted_out) in log.iter().zip([true, false]) {
        assert_eq!(entry.origin, ConsentOrigin::Api);
        assert_eq!(entry.made_by.as_ref(), Some(&key));
        assert_eq!(entry.channel_id, Some(meta.channel.id));
        assert_eq!(entry.is_opted_out, is_opted_out);
    }
}

#[tokio::test]
async fn whoever_is_unknown_is_left_alone_too() {
    let server = TestServer::start().await;
    let (tenant, acme, meta) = shop(&server).await;
    say(&acme, "clear", &meta).await;
    assert_eq!(tenant.contact_count().await, 0);
    say(&acme, "set", &meta).await;
    assert!(tenant.contact(PHONE).await.is_opted_out);
}

#[tokio::test]
async fn an_opt_out_of_one_channel_leaves_the_other() {
    let server = TestServer::start().await;
    let (tenant, acme, meta) = shop(&server).await;
    let other = tenant.meta("1002").await;
    say(&acme, "set", &meta).await;
    for (meta, status) in [(&meta, 403), (&other, 201)] {
        let wamid = format!("wamid.{status}");
        let message = test_support::meta::text("34600111222", &wamid, "Hola");
        meta.say(&meta.payload(&json!({"messages": [message]})))
            .await;
        let body = json!({
            "to": PHONE, "text": "Hola", "whatsappChannelId": meta.channel.id.to_cuid(),
        });
        assert_eq!(acme.post("/api/v1/messages", body).await.status, status);
    }
}

#[tokio::test]
async fn a_full_plan_has_no_room_for_somebody_unknown() {
    let server = TestServer::start().await;
    let tenant = server.tenant_with_limit("acme", Some(0)).await;
    let (acme, meta) = (tenant.flowella().await, tenant.meta("1001").await);
    let expected = error("PAYMENT_REQUIRED", "Subscription required");
    say(&acme, "set", &meta).await.assert(402, &expected);
}

#[tokio::test]
async fn each_field_has_its_rule() {
    let server = TestServer::start().await;
    let (_, acme, meta) = shop(&server).await;
    let good = json!({
        "action": "set", "whatsappChannelId": meta.channel.id.to_cuid(), "phone": PHONE,
    });
    let cases: [(&str, Value, &str); 11] = [
        ("action", json!(null), "action: is required"),
        ("action", json!("stop"), "action: must be `set` or `clear`"),
        ("action", json!(1), "action: must be a string"),
        (
            "whatsappChannelId",
            json!(null),
            "whatsappChannelId: is required",
        ),
        (
            "whatsappChannelId",
            json!(7),
            "whatsappChannelId: must be a string",
        ),
        ("phone", json!(null), "phone: is required"),
        ("phone", json!("12"), "phone: must have 3 to 32 characters"),
        (
            "phone",
            json!("1".repeat(33)),
            "phone: must have 3 to 32 characters",
        ),
        ("phone", json!("+-()"), "phone: has no digits"),
        (
            "reason",
            json!("r".repeat(501)),
            "reason: may have 500 characters at most",
        ),
        ("reason", json!(1), "reason: must be a string or null"),
    ];
    for (field, value, message) in cases {
        let mut body = good.clone();
        body[field] = value;
        let reply = acme.post(PATH, body).await;
        reply.assert(400, &error("VALIDATION_ERROR", message));
    }
    // A reason is of an opt-out alone.
    let mut body = good;
    (body["action"], body["reason"]) = (json!("clear"), json!(1));
    assert_eq!(acme.post(PATH, body).await.status, 200);
}

#[tokio::test]
async fn a_channel_must_be_the_organizations() {
    let server = TestServer::start().await;
    let (_, acme, meta) = shop(&server).await;
    let theirs = server.tenant("globex").await.meta("1002").await;
    let not_found = error("NOT_FOUND", "Channel not found");
    for channel in [
        theirs.channel.id.to_cuid(),
        meta.channel.id.get().to_string(),
        "x".to_owned(),
        String::new(),
    ] {
        let body = json!({"action": "set", "whatsappChannelId": channel, "phone": PHONE});
        acme.post(PATH, body).await.assert(404, &not_found);
    }
}
