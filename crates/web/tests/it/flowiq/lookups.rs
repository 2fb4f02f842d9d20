//! `GET /contact`.

use serde_json::json;
use test_support::TestServer;

use super::contacts::{INVALID_PHONE, create, created};

#[tokio::test]
async fn whatsapp_may_know_a_number_by_another_id_and_both_find_it() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    create(&acme, "+5541996910256")
        .await
        .assert(201, &created("+5541996910256", "554196910256"));
    for query in [
        "phone_number=5541996910256",
        "phone_number=%2B5541996910256",
        "phone_number=554196910256",
        "whatsapp_id=554196910256",
        "whatsapp_id=5541996910256",
    ] {
        let found = acme.get(&format!("/contact?tenantId=acme&{query}")).await;
        assert_eq!(found.status, 200, "{query}");
        assert_eq!(found.json()["contact"]["whatsapp_id"], "554196910256");
        assert_eq!(found.json()["contact"]["phone_number"], "+5541996910256");
    }
}

#[tokio::test]
async fn a_contact_is_fetched_by_any_spelling_of_its_number() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    create(&acme, "+27821112233").await;
    for query in [
        "phone_number=27821112233",
        "phone_number=%2B27821112233",
        // Unescaped, a plus is a space.
        "phone_number=+27821112233",
        "phone_number=27%2082%20111%202233",
        // A number of the tenant's country.
        "phone_number=0821112233",
        "whatsapp_id=27821112233",
        "whatsapp_id=%2B27821112233",
        "phone_number=&whatsapp_id=27821112233",
        // The number comes first, and the last of two.
        "whatsapp_id=27829990000&phone_number=27821112233",
        "phone_number=27829990000&phone_number=27821112233",
    ] {
        let found = acme.get(&format!("/contact?tenantId=acme&{query}")).await;
        assert_eq!(found.status, 200, "{query}: {}", found.text());
    }
}

#[tokio::test]
async fn what_nobody_has_is_named_by_its_digits() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    for query in [
        "phone_number=27821112233",
        "phone_number=%2B27%2082%20111%202233",
        "phone_number=0821112233",
        "whatsapp_id=27821112233",
    ] {
        let reply = acme.get(&format!("/contact?tenantId=acme&{query}")).await;
        reply.assert(
            404,
            r#"{"error":"Contact not found",
            "message":"No contact found with phone number 27821112233"}"#,
        );
    }
    let reply = acme.get("/contact?tenantId=acme&phone_number=abc").await;
    reply.assert(400, INVALID_PHONE);
}

#[tokio::test]
async fn a_new_contact_has_the_documented_defaults() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    create(&acme, "+27821112233").await;
    server.clock.advance_seconds(3600);
    let found = acme
        .get("/contact?tenantId=acme&phone_number=27821112233")
        .await;
    let contact = &found.json()["contact"];
    for (field, value) in [
        ("bot_status", json!("active")),
        ("archived", json!(false)),
        ("has_unread_messages", json!(false)),
        ("allow_broadcast", json!(true)),
        ("active_status", json!(false)),
        ("blocked", json!(false)),
        (
            "source",
            json!({"type": "api", "location": {}, "created_at": "2026-03-10T08:15:00Z"}),
        ),
        ("contact_summary", json!(null)),
        ("created_at", json!("2026-03-10T08:15:00Z")),
        ("updated_at", json!("2026-03-10T08:15:00Z")),
    ] {
        assert_eq!(contact[field], value, "{field}");
    }
}

#[tokio::test]
async fn the_tenant_may_be_named_and_must_be_when_fetching() {
    let server = TestServer::start().await;
    server.tenant("globex").await;
    let acme = server.tenant("acme").await.flowiq().await;
    let body = json!({"phone_number": "+27821112233", "name": "Thandi"});
    assert_eq!(acme.post("/contact?tenantId=acme", body).await.status, 201);
    let unknown = |slug: &str| {
        format!(
            r#"{{"error":"Organization not found",
            "message":"No organization found with tenantId: {slug}"}}"#
        )
    };
    let mismatch = r#"{"error":"API key mismatch",
        "message":"API key does not belong to the specified tenant"}"#;
    let missing = r#"{"error":"Tenant ID is required",
        "message":"Please provide tenantId query parameter"}"#;
    // The tenant is looked at before anything else of the request.
    for (query, status, expected) in [
        ("tenantId=nobody", 404, unknown("nobody")),
        ("tenantId=ACME", 404, unknown("ACME")),
        ("tenantId=globex", 401, mismatch.to_owned()),
        ("tenantId=acme&tenantId=globex", 401, mismatch.to_owned()),
    ] {
        let path = format!("/contact?{query}");
        acme.get(&path).await.assert(status, &expected);
        acme.post(&path, json!([])).await.assert(status, &expected);
        let path = format!("/send-whatsapp?{query}");
        acme.post(&path, json!([])).await.assert(status, &expected);
    }
    for path in ["/contact", "/contact?tenantId=", "/contact?tenantid=acme"] {
        acme.get(path).await.assert(400, missing);
    }
}
