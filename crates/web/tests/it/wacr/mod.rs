//! WA.cr, through the front door.

mod account;
mod auth;
mod batches;
mod changes;
mod comments;
mod contacts;
mod contract;
mod errors;
mod fields;
mod labels;
mod members;
mod messages;
mod otps;
mod people;
mod templates;

use domain::key::{Api, Scopes};
use serde_json::{Value, json};
use test_support::{Actor, KeyOptions, TestTenant};

/// The least that can be said of a new contact.
pub(crate) fn person(tenant: &TestTenant, phone: &str) -> Value {
    json!({
        "firstname": "Mara",
        "lastname": "Lind",
        "phone": phone,
        "type": "lead",
        "source_id": tenant.source_id(),
        "status_id": tenant.status_id(),
    })
}

/// Wraps the details of a refused body in what surrounds them.
pub(crate) fn refused(details: &str) -> String {
    format!(
        r#"{{"success":false,"error":{{"code":"VALIDATION_ERROR","message":"Validation failed",
        "details":{{{details}}}}},"meta":{{"request_id":"<uuid>",
        "timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}

/// Wraps what a refusal says in what surrounds it.
pub(crate) fn said(code: &str, message: &str, details: &str) -> String {
    format!(
        r#"{{"success":false,"error":{{"code":"{code}","message":"{message}",
        "details":{details}}},"meta":{{"request_id":"<uuid>",
        "timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}

/// Wraps the data of a success in what surrounds it.
pub(crate) fn success(data: &str, message: &str) -> String {
    format!(
        r#"{{"success":true,"data":{data},"message":"{message}",
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}

/// Returns the ids of the rows of a list.
pub(crate) fn ids(list: &Value) -> Vec<i64> {
    let rows = list["data"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_i64().unwrap()).collect()
}

/// A list, and what was made to be on it, the first first.
pub(crate) struct List {
    pub(crate) actor: Actor,
    pub(crate) path: &'static str,
    pub(crate) ids: Vec<i64>,
}

impl List {
    pub(crate) async fn read(&self, query: &str) -> Value {
        let reply = self.actor.get(&format!("{}?{query}", self.path)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    /// Asserts which of them are read, in this order.
    pub(crate) async fn assert(&self, query: &str, expected: &[usize]) {
        let expected: Vec<i64> = expected.iter().map(|index| self.ids[*index]).collect();
        assert_eq!(ids(&self.read(query).await), expected, "{query}");
    }
}

/// Returns somebody whose token has some scopes alone.
pub(crate) async fn scoped(tenant: &TestTenant, scopes: &str) -> Actor {
    let options = KeyOptions {
        scopes: Some(Scopes::parse(scopes).unwrap()),
        ..KeyOptions::default()
    };
    tenant.actor(Api::WaCr, options).await
}
