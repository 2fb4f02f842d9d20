//! To whom messages go: known people, and those who become known by it.

use serde_json::{Value, json};
use test_support::TestServer;

use super::{PHONE, complaints, failure, send, shop};

fn to(phone: &str) -> Value {
    json!({"phone": phone, "message": "Hello"})
}

async fn a_number_nobody_has_becomes_a_lead(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let numbers = ["(+27) 82 999-0001", "082 999 0001", "+27829990001"];
    for number in numbers {
        let reply = send(&acme, "text", to(number)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let data = &reply.json()["data"];
        let made = tenant.contact("+27829990001").await.id.get();
        assert_eq!(data["contact_id"], made);
        assert_eq!(data["phone"], "27829990001");
    }
    let made = tenant.contact("+27829990001").await;
    assert_eq!(tenant.contact_count().await, 2);
    assert_eq!(made.phone.as_ref().unwrap().as_given(), "+27829990001");
    assert_eq!((made.kind.as_str(), made.name.first), ("lead", None));
    assert_eq!(made.status_id.get(), tenant.status_id());
    assert_eq!(made.source_id.get(), tenant.source_id());
    assert_eq!(made.assignee_id, Some(1));
}

on_both_engines!(a_number_nobody_has_becomes_a_lead);

#[tokio::test]
async fn a_full_plan_takes_nobody_new() {
    let server = TestServer::start().await;
    let tenant = server.tenant_with_limit("acme", Some(1)).await;
    let acme = tenant.wacr().await;
    assert_eq!(send(&acme, "text", to(PHONE)).await.status, 200);
    let details = r#"{"feature":"contacts","current":1,"maximum":1}"#;
    let full = failure(
        "FEATURE_LIMIT_EXCEEDED",
        "Tenant contact limit reached",
        details,
    );
    send(&acme, "text", to("+27829990001"))
        .await
        .assert(403, &full);
    assert_eq!(send(&acme, "text", to(PHONE)).await.status, 200);
    assert_eq!(
        (tenant.contact_count().await, server.simulator().requests()),
        (1, 2)
    );
}

#[tokio::test]
async fn nobody_is_made_without_all_defaults() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    tenant.forget_default_assignee().await;
    let details = json!({"phone": ["Default lead status, source and assignee must be configured to create contacts automatically"]});
    let refused = failure(
        "VALIDATION_ERROR",
        "Validation failed",
        &details.to_string(),
    );
    server.clock.advance_seconds(60);
    let reply = send(&acme, "text", to("+27829990001")).await;
    reply.assert(422, &refused.replace("08:15", "08:16"));
    // Whoever is known needs no defaults.
    assert_eq!(send(&acme, "text", to(PHONE)).await.status, 200);
}

#[tokio::test]
async fn a_contact_may_be_named_beside_its_number() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let globex = server.tenant("globex").await;
    let stranger = super::super::person(&globex, "+27829990001");
    let made = globex.wacr().await.post("/api/v2/contacts", stranger).await;
    let id = tenant.contact(PHONE).await.id.get();
    let with = |phone: &str, id: Value| json!({"phone": phone, "message": "Hi", "contact_id": id});
    let reply = send(&acme, "text", with(PHONE, json!(id.to_string()))).await;
    assert_eq!(reply.json()["data"]["contact_id"], id);
    let absent = failure("NOT_FOUND", "Contact not found", "null");
    for other in [
        made.json()["data"]["id"].clone(),
        json!(1),
        json!(0),
        json!(-5),
    ] {
        send(&acme, "text", with("+27829990001", other))
            .await
            .assert(404, &absent);
    }
    // It must be the contact's, or somebody else would read it.
    let reply = send(&acme, "text", with("+27829990001", json!(id))).await;
    let expected = json!({"phone": ["The phone number is not the number of this contact"]});
    assert_eq!(Value::from(complaints(&reply)), expected);
    assert_eq!(
        (tenant.contact_count().await, server.simulator().requests()),
        (1, 1)
    );
}
