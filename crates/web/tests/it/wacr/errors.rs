//! What goes wrong before WA.cr's handlers, and bodies that are no bodies.

use bytes::Bytes;
use http::{Method, Request, header};
use test_support::{Reply, TestServer};

use super::{person, refused};

const PATH: &str = "/api/v2/contacts";

fn error(code: &str, message: &str) -> String {
    format!(
        r#"{{"success":false,"error":{{"code":"{code}","message":"{message}","details":null}},
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}

/// Checks that the request's id in the header is the one in the body.
fn assert_named(reply: &Reply) {
    let named = &reply.json()["meta"]["request_id"];
    assert_eq!(named, reply.header("x-request-id"));
    assert_eq!(
        named.as_str().unwrap().as_bytes()[14],
        b'4',
        "a UUID of version 4"
    );
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let made = acme.post(PATH, person(&tenant, "+919876543210")).await;
    let refused = acme.post(PATH, person(&tenant, "+919876543210")).await;
    let unknown = acme.get("/api/v2/nothing").await;
    let stranger = server.stranger().get(PATH).await;
    for reply in [&made, &refused, &unknown, &stranger] {
        assert_named(reply);
    }
    assert_ne!(made.header("x-request-id"), refused.header("x-request-id"));
}

#[tokio::test]
async fn an_unknown_address_is_not_found_with_or_without_a_token() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.wacr().await;
    for path in [
        "/api/v2",
        "/api/v2/",
        "/api/v2/contact",
        "/api/v2/contacts/",
        "/api/v2/contacts/1/2",
        "/api/v2//contacts",
        "/api/v2/contacts%2F",
    ] {
        let expected = error("NOT_FOUND", "Endpoint not found");
        acme.get(path).await.assert(404, &expected);
        server.stranger().get(path).await.assert(404, &expected);
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.wacr().await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
        let reply = acme.request(method, PATH, "{}").await;
        reply
            .assert(405, &error("METHOD_NOT_ALLOWED", "Method not allowed"))
            .assert_header("allow", "GET, HEAD, POST");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_an_empty_one() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let nothing = refused(
        r#""firstname":["First name is required"],"lastname":["Last name is required"],
        "phone":["Phone number is required"],"type":["The type field is required."],
        "source_id":["The source id field is required."],
        "status_id":["The status id field is required."]"#,
    );
    for body in [
        "",
        "{",
        "{}",
        "[]",
        "null",
        "\"text\"",
        "1",
        "{} {}",
        "{\"firstname\":}",
    ] {
        acme.request(Method::POST, PATH, body)
            .await
            .assert(422, &nothing);
    }
    let body = Bytes::from_static(b"{\"firstname\":\"\xff\"}");
    acme.request(Method::POST, PATH, body)
        .await
        .assert(422, &nothing);
    assert_eq!(tenant.contact_count().await, 0);
}

#[tokio::test]
async fn a_body_is_json_by_name_or_by_no_name() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let body = Bytes::from(person(&tenant, "+919876543210").to_string());
    let request = || Request::post(PATH).header(header::AUTHORIZATION, acme.header());
    for wrong in ["text/plain", "application/x-www-form-urlencoded"] {
        let wrong = request()
            .header(header::CONTENT_TYPE, wrong)
            .body(body.clone())
            .unwrap();
        acme.send(wrong).await.assert(
            415,
            &error(
                "UNSUPPORTED_MEDIA_TYPE",
                "Content-Type must be application/json",
            ),
        );
    }
    assert_eq!(tenant.contact_count().await, 0);
    assert_eq!(acme.send(request().body(body).unwrap()).await.status, 201);
}
