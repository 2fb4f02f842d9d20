//! `POST /api/v2/messages/…`.

mod get;
mod interactive;
mod list;
mod media;
mod recipients;
mod template;
mod text;

use serde_json::{Map, Value, json};
use test_support::{Actor, Reply, TestServer, TestTenant};

pub(in crate::wacr) const PHONE: &str = "+27821112233";

/// A tenant that knows one person.
pub(in crate::wacr) async fn shop(server: &TestServer) -> (TestTenant, Actor) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let person = super::person(&tenant, PHONE);
    assert_eq!(acme.post("/api/v2/contacts", person).await.status, 201);
    (tenant, acme)
}

pub(in crate::wacr) async fn send(actor: &Actor, kind: &str, body: Value) -> Reply {
    actor.post(&format!("/api/v2/messages/{kind}"), body).await
}

/// A part of a form: the name of its field, that of its file, and its bytes.
pub(super) struct Part {
    field: String,
    file: Option<String>,
    bytes: Vec<u8>,
}

impl Part {
    pub(super) fn text(field: &str, text: &str) -> Self {
        Self {
            field: field.to_owned(),
            file: None,
            bytes: text.into(),
        }
    }

    pub(super) fn file(field: &str, name: &str, bytes: &[u8]) -> Self {
        Self {
            field: field.to_owned(),
            file: Some(name.to_owned()),
            bytes: bytes.to_vec(),
        }
    }
}

/// Sends a form.
pub(super) async fn form(actor: &Actor, kind: &str, parts: &[Part]) -> Reply {
    let mut body = Vec::new();
    for part in parts {
        let field = &part.field;
        let head = format!("--boundary\r\nContent-Disposition: form-data; name=\"{field}\"");
        body.extend_from_slice(head.as_bytes());
        if let Some(file) = &part.file {
            body.extend_from_slice(format!("; filename=\"{file}\"").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(&part.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--boundary--\r\n");
    let request = http::Request::post(format!("/api/v2/messages/{kind}"))
        .header("authorization", actor.header())
        .header("content-type", "multipart/form-data; boundary=boundary");
    actor.send(request.body(body.into()).unwrap()).await
}

/// Wraps what a failure says in what surrounds it.
pub(in crate::wacr) fn failure(code: &str, message: &str, details: &str) -> String {
    let (code, message) = (json!(code), json!(message));
    format!(
        r#"{{"success":false,"error":{{"code":{code},"message":{message},"details":{details}}},
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}

/// Returns what is wrong with a body, field by field.
pub(in crate::wacr) fn complaints(reply: &Reply) -> Map<String, Value> {
    assert_eq!(reply.status, 422, "{}", reply.text());
    let error = &reply.json()["error"];
    assert_eq!(error["code"], "VALIDATION_ERROR");
    error["details"].as_object().unwrap().clone()
}
