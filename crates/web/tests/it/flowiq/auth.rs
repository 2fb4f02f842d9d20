//! Keys of FlowIQ, and how often they may be used.

use bytes::Bytes;
use domain::key::Api;
use http::{Request, header};
use serde_json::json;
use test_support::{Actor, KeyOptions, Reply, TestServer};

const FETCH: &str = "/contact?tenantId=acme&phone_number=27821112233";

const NOT_FOUND: &str = r#"{"error":"Contact not found",
    "message":"No contact found with phone number 27821112233"}"#;

const MISSING: &str = r#"{"error":"Authorization required",
    "message":"Please provide Authorization bearer token"}"#;

const MALFORMED: &str = r#"{"error":"Invalid token format",
    "message":"Bearer token must be an API key (fiq_...)"}"#;

fn invalid(message: &str) -> String {
    format!(r#"{{"error":"Invalid API key","message":"{message}"}}"#)
}

async fn with_header(actor: &Actor, header: &[u8]) -> Reply {
    let request = Request::get(FETCH).header(header::AUTHORIZATION, header);
    actor.send(request.body(Bytes::new()).unwrap()).await
}

#[tokio::test]
async fn a_header_without_a_key_of_flowiq_says_what_is_wrong() {
    let server = TestServer::start().await;
    let stranger = server.stranger();
    let request = Request::get(FETCH).body(Bytes::new()).unwrap();
    stranger.send(request).await.assert(401, MISSING);
    for header in ["", "Bearer", "Bearer ", "Basic YTpi", "fiq_0123"] {
        let reply = with_header(&stranger, header.as_bytes()).await;
        reply
            .assert(401, MISSING)
            .assert_header("x-ratelimit-limit", "");
    }
    for header in [
        "Bearer abc",
        "Bearer FIQ_abc",
        "bearer flo_abc",
        "Bearer apitk_abc",
    ] {
        with_header(&stranger, header.as_bytes())
            .await
            .assert(401, MALFORMED);
    }
    with_header(&stranger, b"Bearer fiq_\xff")
        .await
        .assert(401, MALFORMED);
    with_header(&stranger, b"Bearer fiq_")
        .await
        .assert(401, &invalid("API key not found"));
}

#[tokio::test]
async fn the_scheme_is_spelled_in_any_case() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
        let header = format!("{scheme} {}", acme.key());
        with_header(&acme, header.as_bytes())
            .await
            .assert(404, NOT_FOUND);
    }
}

#[tokio::test]
async fn a_key_of_another_api_opens_nothing() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    acme.flowella()
        .await
        .get(FETCH)
        .await
        .assert(401, MALFORMED);
    acme.wacr().await.get(FETCH).await.assert(401, MALFORMED);
}

#[tokio::test]
async fn a_revoked_key_stops_within_five_seconds() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let (used, unused) = (tenant.flowiq().await, tenant.flowiq().await);
    used.get(FETCH).await.assert(404, NOT_FOUND);
    tenant.revoke_keys().await;
    let revoked = invalid("API key has been revoked");
    unused.get(FETCH).await.assert(401, &revoked);
    server.clock.advance_seconds(5);
    used.get(FETCH).await.assert(401, &revoked);
}

#[tokio::test]
async fn an_expired_key_stops_at_once() {
    let server = TestServer::start().await;
    let expires_at = Some("2026-03-10T08:15:02Z".parse().unwrap());
    let options = KeyOptions {
        expires_at,
        ..KeyOptions::default()
    };
    let acme = server
        .tenant("acme")
        .await
        .actor(Api::FlowIq, options)
        .await;
    server.clock.advance_seconds(1);
    acme.get(FETCH).await.assert(404, NOT_FOUND);
    server.clock.advance_seconds(1);
    acme.get(FETCH)
        .await
        .assert(401, &invalid("API key has expired"));
}

#[tokio::test]
async fn the_keys_of_a_tenant_that_is_switched_off_stop() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    acme.get(FETCH).await.assert(404, NOT_FOUND);
    tenant.switch_off().await;
    server.clock.advance_seconds(5);
    acme.get(FETCH)
        .await
        .assert(401, &invalid("The organization is not active"));
}

#[tokio::test]
async fn a_key_has_100_requests_a_minute_of_its_own() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    server.clock.advance_seconds(15);
    for left in (0..100).rev() {
        let reply = acme.get(FETCH).await;
        reply
            .assert(404, NOT_FOUND)
            .assert_header("x-ratelimit-limit", "100")
            .assert_header("x-ratelimit-remaining", &left.to_string())
            .assert_header("x-ratelimit-reset", "1773130560")
            .assert_header("retry-after", "");
    }
    let body = json!({"phone_number": "+27821112233", "name": "Thandi"});
    let reply = acme.post("/contact", body).await;
    reply
        .assert(
            429,
            r#"{"success":false,"error":"Rate limit exceeded","message":"Too many requests"}"#,
        )
        .assert_header("x-ratelimit-limit", "100")
        .assert_header("x-ratelimit-remaining", "0")
        .assert_header("x-ratelimit-reset", "1773130560")
        .assert_header("retry-after", "45");
    assert_eq!(tenant.contact_count().await, 0);
    tenant
        .flowiq()
        .await
        .get(FETCH)
        .await
        .assert(404, NOT_FOUND);
    server.clock.advance_seconds(45);
    let reply = acme.get(FETCH).await;
    reply
        .assert(404, NOT_FOUND)
        .assert_header("x-ratelimit-remaining", "99");
}

#[tokio::test]
async fn a_rate_of_zero_is_no_limit() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.tireless(Api::FlowIq).await;
    for _ in 0..150 {
        let reply = acme.get(FETCH).await;
        reply
            .assert(404, NOT_FOUND)
            .assert_header("x-ratelimit-limit", "");
    }
}
