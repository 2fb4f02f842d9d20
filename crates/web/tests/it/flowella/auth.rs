//! Keys of Flowella, and how often an organization may use them.

use bytes::Bytes;
use domain::key::Api;
use http::{Request, header};
use serde_json::json;
use test_support::{Actor, KeyOptions, Reply, TestServer};

const PATH: &str = "/api/v1/contacts";
const INVALID: &str = r#"{"error":{"code":"UNAUTHORIZED","message":"Invalid API key"}}"#;
const LIMITED: &str = r#"{"error":{"code":"RATE_LIMITED","message":"Too many requests"}}"#;

async fn upsert(actor: &Actor) -> Reply {
    actor.post(PATH, json!({"phone": "+34600111222"})).await
}

#[tokio::test]
async fn every_bad_key_is_told_the_same() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let stranger = server.stranger();
    let body = || Bytes::from_static(br#"{"phone":"+34600111222"}"#);
    stranger
        .send(Request::post(PATH).body(body()).unwrap())
        .await
        .assert(401, INVALID);
    for header in [
        "",
        "Bearer",
        "Basic YTpi",
        "flo_abc",
        "Bearer flo_",
        "Bearer abc",
    ] {
        let request = Request::post(PATH).header(header::AUTHORIZATION, header);
        stranger
            .send(request.body(body()).unwrap())
            .await
            .assert(401, INVALID);
    }
    upsert(&tenant.flowiq().await).await.assert(401, INVALID);
    upsert(&tenant.wacr().await).await.assert(401, INVALID);
    upsert(&stranger.with_key("flo_0123456789abcdefghijklmnopqrstuvwxyz"))
        .await
        .assert(401, INVALID);
    assert_eq!(tenant.contact_count().await, 0);
}

#[tokio::test]
async fn revoked_and_expired_keys_stop() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let expires_at = Some("2026-03-10T08:15:02Z".parse().unwrap());
    let options = KeyOptions {
        expires_at,
        ..KeyOptions::default()
    };
    let (expiring, used) = (
        tenant.actor(Api::Flowella, options).await,
        tenant.flowella().await,
    );
    assert_eq!(upsert(&expiring).await.status, 200);
    assert_eq!(upsert(&used).await.status, 200);
    server.clock.advance_seconds(2);
    upsert(&expiring).await.assert(401, INVALID);
    tenant.revoke_keys().await;
    server.clock.advance_seconds(5);
    upsert(&used).await.assert(401, INVALID);
}

#[tokio::test]
async fn the_keys_of_a_tenant_that_is_switched_off_stop() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    tenant.switch_off().await;
    upsert(&acme).await.assert(
        403,
        r#"{"error":{"code":"FORBIDDEN","message":"The organization is not active"}}"#,
    );
}

#[tokio::test]
async fn the_keys_of_an_organization_share_120_requests_a_minute() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let (one, other) = (tenant.flowella().await, tenant.flowella().await);
    let options = KeyOptions {
        rate_per_minute: Some(2),
        ..KeyOptions::default()
    };
    let with_its_own = tenant.actor(Api::Flowella, options).await;
    server.clock.advance_seconds(20);
    for _ in 0..60 {
        assert_eq!(upsert(&one).await.status, 200);
        let reply = upsert(&other).await;
        assert_eq!(reply.status, 200);
        reply
            .assert_header("x-ratelimit-limit", "")
            .assert_header("retry-after", "");
    }
    upsert(&one)
        .await
        .assert(429, LIMITED)
        .assert_header("retry-after", "40");
    upsert(&other)
        .await
        .assert(429, LIMITED)
        .assert_header("retry-after", "40");
    // A key with a limit of its own, and another organization, count apart.
    for _ in 0..2 {
        assert_eq!(upsert(&with_its_own).await.status, 200);
    }
    upsert(&with_its_own).await.assert(429, LIMITED);
    assert_eq!(
        upsert(&server.tenant("globex").await.flowella().await)
            .await
            .status,
        200
    );
    server.clock.advance_seconds(40);
    for actor in [&one, &other, &with_its_own] {
        assert_eq!(upsert(actor).await.status, 200);
    }
}

#[tokio::test]
async fn a_rate_of_zero_is_no_limit() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.tireless(Api::Flowella).await;
    for _ in 0..150 {
        assert_eq!(upsert(&acme).await.status, 200);
    }
}
