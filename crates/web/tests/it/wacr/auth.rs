//! Tokens of WA.cr: scopes, rates, and the order in which a request is judged.

use bytes::Bytes;
use domain::key::{Api, Scope, Scopes};
use http::{Request, header};
use serde_json::json;
use test_support::{Actor, KeyOptions, Reply, TestServer};

use super::person;

const PATH: &str = "/api/v2/contacts";

async fn ask(actor: &Actor) -> Reply {
    actor.post(PATH, json!({})).await
}

fn error(code: &str, message: &str, details: &str) -> String {
    format!(
        r#"{{"success":false,"error":{{"code":"{code}","message":"{message}","details":{details}}},
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}

fn unauthorized() -> String {
    error("UNAUTHORIZED", "Invalid or missing API token", "null")
}

#[tokio::test]
async fn every_bad_token_is_told_the_same() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let stranger = server.stranger();
    let request = Request::post(PATH).body(Bytes::from_static(b"{}")).unwrap();
    stranger.send(request).await.assert(401, &unauthorized());
    for header in [
        "",
        "Bearer",
        "Basic YTpi",
        "apitk_abc",
        "Bearer apitk_",
        "Bearer abc",
    ] {
        let request = Request::post(PATH).header(header::AUTHORIZATION, header);
        let reply = stranger
            .send(request.body(Bytes::from_static(b"{}")).unwrap())
            .await;
        reply
            .assert(401, &unauthorized())
            .assert_header("x-ratelimit-limit", "");
    }
    ask(&tenant.flowiq().await)
        .await
        .assert(401, &unauthorized());
    ask(&tenant.flowella().await)
        .await
        .assert(401, &unauthorized());
}

#[tokio::test]
async fn revoked_and_expired_tokens_stop() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let expires_at = Some("2026-03-10T08:15:02Z".parse().unwrap());
    let options = KeyOptions {
        expires_at,
        ..KeyOptions::default()
    };
    let (expiring, used) = (tenant.actor(Api::WaCr, options).await, tenant.wacr().await);
    assert_eq!(ask(&expiring).await.status, 422);
    assert_eq!(ask(&used).await.status, 422);
    server.clock.advance_seconds(2);
    assert_eq!(ask(&expiring).await.json()["error"]["code"], "UNAUTHORIZED");
    tenant.revoke_keys().await;
    server.clock.advance_seconds(5);
    assert_eq!(ask(&used).await.json()["error"]["code"], "UNAUTHORIZED");
}

#[tokio::test]
async fn creating_needs_the_scope_to_write_contacts() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for scopes in [
        vec![],
        vec![
            Scope::ContactsRead,
            Scope::ContactsDelete,
            Scope::GroupsWrite,
        ],
    ] {
        let scopes = Some(scopes.into_iter().collect::<Scopes>());
        let options = KeyOptions {
            scopes,
            ..KeyOptions::default()
        };
        let actor = tenant.actor(Api::WaCr, options).await;
        actor
            .post(PATH, person(&tenant, "+919876543210"))
            .await
            .assert(
                403,
                &error(
                    "INSUFFICIENT_SCOPE",
                    "Token missing contacts:write scope",
                    r#"{"required_scope":"contacts:write"}"#,
                ),
            );
    }
    assert_eq!(tenant.contact_count().await, 0);
    let scopes = Some([Scope::ContactsWrite].into_iter().collect());
    let actor = tenant
        .actor(
            Api::WaCr,
            KeyOptions {
                scopes,
                ..KeyOptions::default()
            },
        )
        .await;
    let made = actor.post(PATH, person(&tenant, "+919876543210")).await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn a_request_is_judged_in_the_documented_order() {
    let server = TestServer::start().await;
    let tenant = server.tenant_with_limit("acme", Some(0)).await;
    let options = |scopes: &[Scope]| KeyOptions {
        scopes: Some(scopes.iter().copied().collect()),
        rate_per_minute: Some(3),
        ..KeyOptions::default()
    };
    let (may, may_not) = (
        tenant
            .actor(Api::WaCr, options(&[Scope::ContactsWrite]))
            .await,
        tenant.actor(Api::WaCr, options(&[])).await,
    );
    let code = |reply: &Reply| reply.json()["error"]["code"].as_str().unwrap().to_owned();
    // The plan is full, but the body comes first.
    let full = may.post(PATH, person(&tenant, "+919876543210")).await;
    assert_eq!(
        (full.status.as_u16(), code(&full)),
        (403, "FEATURE_LIMIT_EXCEEDED".into())
    );
    let bad = ask(&may).await;
    assert_eq!(
        (bad.status.as_u16(), code(&bad)),
        (422, "VALIDATION_ERROR".into())
    );
    // The scope before the body.
    for _ in 0..3 {
        assert_eq!(code(&ask(&may_not).await), "INSUFFICIENT_SCOPE");
    }
    // The rate before the scope.
    assert_eq!(code(&ask(&may_not).await), "RATE_LIMIT_EXCEEDED");
    // The tenant before the rate.
    tenant.switch_off().await;
    server.clock.advance_seconds(5);
    let off = ask(&may_not).await;
    assert_eq!(
        (off.status.as_u16(), code(&off)),
        (403, "TENANT_INACTIVE".into())
    );
    assert_eq!(
        off.json()["error"]["message"],
        "Tenant account is not active"
    );
    // The token before the tenant.
    tenant.revoke_keys().await;
    server.clock.advance_seconds(5);
    assert_eq!(code(&ask(&may).await), "UNAUTHORIZED");
}

#[tokio::test]
async fn a_token_has_60_requests_a_minute() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.wacr().await;
    for left in (0..60).rev() {
        let reply = ask(&acme).await;
        assert_eq!(reply.status, 422);
        reply
            .assert_header("x-ratelimit-limit", "60")
            .assert_header("x-ratelimit-remaining", &left.to_string())
            .assert_header("x-ratelimit-reset", "")
            .assert_header("retry-after", "");
    }
    ask(&acme)
        .await
        .assert(
            429,
            &error(
                "RATE_LIMIT_EXCEEDED",
                "Too many requests",
                r#"{"retry_after":60}"#,
            ),
        )
        .assert_header("x-ratelimit-limit", "60")
        .assert_header("x-ratelimit-remaining", "0")
        .assert_header("x-ratelimit-reset", "1773130560")
        .assert_header("retry-after", "60");
    server.clock.advance_seconds(60);
    ask(&acme)
        .await
        .assert_header("x-ratelimit-remaining", "59");
}

#[tokio::test]
async fn a_rate_of_zero_is_no_limit() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.tireless(Api::WaCr).await;
    for _ in 0..100 {
        let reply = ask(&acme).await;
        assert_eq!(reply.status, 422);
        reply.assert_header("x-ratelimit-limit", "");
    }
}
