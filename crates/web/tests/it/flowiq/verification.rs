//! Whether a new number is on WhatsApp, as `POST /contact` asks.

use domain::MatchKey;
use domain::verification::Verified;
use serde_json::json;
use test_support::{Setup, TestServer};

use super::contacts::{create, created};
use crate::wacr::person;

const NOT_ON_WHATSAPP: &str = r#"{"error":"Invalid WhatsApp number",
    "message":"The provided phone number is not registered on WhatsApp"}"#;

/// A server that goes by evidence alone.
async fn without_anybody_to_ask() -> TestServer {
    let setup = Setup {
        has_simulator: false,
        ..Setup::default()
    };
    TestServer::start_with(setup).await
}

#[tokio::test]
async fn a_number_that_is_not_on_whatsapp_is_refused() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    create(&tenant.flowiq().await, "+27821110000")
        .await
        .assert(400, NOT_ON_WHATSAPP);
    assert_eq!(tenant.contact_count().await, 0);
}

#[tokio::test]
async fn a_verifier_that_is_down_makes_no_contact_where_it_is_asked() {
    let mut server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    server.lose_simulator().await;
    create(&tenant.flowiq().await, "+27821112233").await.assert(
        500,
        r#"{"error":"Internal server error","message":"Failed to create contact"}"#,
    );
    assert_eq!(tenant.contact_count().await, 0);
    // The two other APIs ask nobody.
    let body = json!({"phone": "+27821112233"});
    let flowella = tenant.flowella().await;
    assert_eq!(flowella.post("/api/v1/contacts", body).await.status, 200);
    let body = person(&tenant, "+27821112234");
    let wacr = tenant.wacr().await;
    assert_eq!(wacr.post("/api/v2/contacts", body).await.status, 201);
    assert_eq!(tenant.contact_count().await, 2);
}

#[tokio::test]
async fn evidence_knows_those_whatsapp_has_named_and_those_it_could_not_reach() {
    let server = without_anybody_to_ask().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    tenant.reached("+554196910256", "554196910256").await;
    tenant.undeliverable("+27821112233").await;

    create(&acme, "+5541996910256")
        .await
        .assert(201, &created("+5541996910256", "554196910256"));
    let verified = async |number| tenant.contact(number).await.verified;
    assert_eq!(verified("+5541996910256").await, Some(Verified::Yes));

    create(&acme, "+27821112233")
        .await
        .assert(400, NOT_ON_WHATSAPP);
    // No country has such numbers.
    create(&acme, "+27821112233445")
        .await
        .assert(400, NOT_ON_WHATSAPP);

    // Nobody knows: the contact is made, and that is kept.
    assert_eq!(create(&acme, "+27821112234").await.status, 201);
    assert_eq!(verified("+27821112234").await, Some(Verified::Unknown));
}

#[tokio::test]
async fn a_message_that_could_not_be_delivered_speaks_against_a_number_for_a_day() {
    let server = without_anybody_to_ask().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    tenant.undeliverable("+27821112233").await;
    server.clock.advance_seconds(24 * 60 * 60 - 1);
    server.operations.maintain().await.unwrap();
    create(&acme, "+27821112233")
        .await
        .assert(400, NOT_ON_WHATSAPP);
    server.clock.advance_seconds(2);
    server.operations.maintain().await.unwrap();
    let key = MatchKey::of_digits("27821112233");
    assert_eq!(tenant.store.verification(&key).await.unwrap(), None);
    assert_eq!(create(&acme, "+27821112233").await.status, 201);
}
