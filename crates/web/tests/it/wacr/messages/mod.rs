//! `POST /api/v2/messages/…`.

mod interactive;
mod recipients;
mod text;

use serde_json::{Map, Value, json};
use test_support::{Actor, Reply, TestServer, TestTenant};

pub(super) const PHONE: &str = "+27821112233";

/// A tenant that knows one person.
pub(super) async fn shop(server: &TestServer) -> (TestTenant, Actor) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let person = super::person(&tenant, PHONE);
    assert_eq!(acme.post("/api/v2/contacts", person).await.status, 201);
    (tenant, acme)
}

pub(super) async fn send(actor: &Actor, kind: &str, body: Value) -> Reply {
    actor.post(&format!("/api/v2/messages/{kind}"), body).await
}

/// Wraps what a failure says in what surrounds it.
pub(super) fn failure(code: &str, message: &str, details: &str) -> String {
    let (code, message) = (json!(code), json!(message));
    format!(
        r#"{{"success":false,"error":{{"code":{code},"message":{message},"details":{details}}},
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}

/// Returns what is wrong with a body, field by field.
pub(super) fn complaints(reply: &Reply) -> Map<String, Value> {
    assert_eq!(reply.status, 422, "{}", reply.text());
    let error = &reply.json()["error"];
    assert_eq!(error["code"], "VALIDATION_ERROR");
    error["details"].as_object().unwrap().clone()
}
