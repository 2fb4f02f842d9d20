//! What goes wrong before FlowIQ's handlers, and bodies that are no bodies.

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::json;
use test_support::{Actor, Reply, TestServer};

const NOT_FOUND: &str = r#"{"error":"Not found","message":"There is no such endpoint"}"#;
const INVALID_JSON: &str =
    r#"{"error":"Invalid JSON","message":"Request body must be valid JSON"}"#;
const NO_OBJECT: &str =
    r#"{"error":"Invalid request body","message":"Request body must be a JSON object"}"#;

async fn post(actor: &Actor, path: &str, content_type: Option<&str>, body: &str) -> Reply {
    let request = Request::post(path).header(header::AUTHORIZATION, actor.header());
    let request = match content_type {
        Some(content_type) => request.header(header::CONTENT_TYPE, content_type),
        None => request,
    };
    actor
        .send(request.body(Bytes::from(body.to_owned())).unwrap())
        .await
}

#[tokio::test]
async fn an_unknown_address_is_not_found_with_or_without_a_key() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    for path in [
        "/",
        "/contacts",
        "/contact/",
        "/contact/1",
        "//contact",
        "/Contact",
        "/contact%2F",
        "/apis",
        "/index.html",
    ] {
        acme.get(path).await.assert(404, NOT_FOUND);
        server.stranger().get(path).await.assert(404, NOT_FOUND);
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    for (path, allow) in [("/contact", "GET, HEAD, POST"), ("/send-whatsapp", "POST")] {
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            let expected = format!(
                r#"{{"error":"Method not allowed","message":"This endpoint answers to {allow}"}}"#
            );
            let reply = acme.request(method, path, "{}").await;
            reply.assert(405, &expected).assert_header("allow", allow);
        }
    }
    acme.get("/send-whatsapp")
        .await
        .assert_header("allow", "POST");
}

#[tokio::test]
async fn the_head_of_a_contact_has_no_body() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    let path = "/contact?tenantId=acme&phone_number=27821112233";
    let reply = acme.request(Method::HEAD, path, "").await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (404, 0));
    let reply = acme.request(Method::HEAD, "/send-whatsapp", "").await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("allow")),
        (405, "POST")
    );
}

#[tokio::test]
async fn a_body_that_is_no_json_object_says_so() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    for path in ["/contact", "/send-whatsapp"] {
        for body in [
            "",
            "{",
            "{'a': 1}",
            "{\"a\": 1,}",
            "{} {}",
            "NaN",
            "\"\\ud800\"",
        ] {
            acme.request(Method::POST, path, body)
                .await
                .assert(400, INVALID_JSON);
        }
        for body in ["[]", "null", "\"text\"", "1", "true", "[{}]"] {
            acme.request(Method::POST, path, body)
                .await
                .assert(400, NO_OBJECT);
        }
        let body = Bytes::from_static(b"{\"name\":\"\xff\"}");
        acme.request(Method::POST, path, body)
            .await
            .assert(400, INVALID_JSON);
    }
    assert_eq!(tenant.contact_count().await, 0);
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_named() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    let good = json!({"phone_number": "+27821112233", "name": "Thandi"});
    for field in ["phone_number", "name", "email", "tags"] {
        for value in [json!(1), json!(1.5), json!(true), json!([]), json!({})] {
            let mut body = good.clone();
            body[field] = value;
            let message = format!(
                r#"{{"error":"Invalid request body","message":"{field} must be a string"}}"#
            );
            acme.post("/contact", body).await.assert(400, &message);
        }
    }
    for (field, value, message) in [
        (
            "email",
            json!("thandi"),
            "email must be a valid email address",
        ),
        (
            "name",
            json!("n".repeat(1001)),
            "name may have 1000 characters at most",
        ),
        (
            "name",
            json!("a\0b"),
            "Request body must not contain the NUL character",
        ),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let message = format!(r#"{{"error":"Invalid request body","message":"{message}"}}"#);
        acme.post("/contact", body).await.assert(400, &message);
    }
    let good = json!({"phone_number": "+27821112233", "message_type": "text", "text": "Hello"});
    for field in ["phone_number", "message_type", "text", "context_message_id"] {
        let mut body = good.clone();
        body[field] = json!(5);
        let message =
            format!(r#"{{"error":"Invalid request body","message":"{field} must be a string"}}"#);
        acme.post("/send-whatsapp", body)
            .await
            .assert(400, &message);
    }
    assert_eq!(tenant.contact_count().await, 0);
    assert_eq!(server.simulator().requests(), 0);
}

#[tokio::test]
async fn a_body_is_json_by_name_or_by_no_name() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    for wrong in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "x",
    ] {
        post(&acme, "/contact", Some(wrong), "{}").await.assert(
            415,
            r#"{"error":"Unsupported media type",
            "message":"Content-Type must be application/json"}"#,
        );
    }
    for (at, right) in [
        None,
        Some("application/json; charset=utf-8"),
        Some("APPLICATION/JSON"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = format!(r#"{{"phone_number":"+2782111223{at}","name":"Thandi"}}"#);
        assert_eq!(
            post(&acme, "/contact", right, &body).await.status,
            201,
            "{right:?}"
        );
    }
    // What has no body needs no type.
    post(&acme, "/contact", Some("text/plain"), "")
        .await
        .assert(400, INVALID_JSON);
}
