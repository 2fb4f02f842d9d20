//! What goes wrong before Flowella's handlers, and bodies that are no bodies.

use bytes::Bytes;
use http::{Method, Request, header};
use test_support::TestServer;

const PATH: &str = "/api/v1/contacts";

fn error(code: &str, message: &str) -> String {
    format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#)
}

#[tokio::test]
async fn an_unknown_address_is_not_found_with_or_without_a_key() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v3/x",
        "/api/v1/contact",
        "/api/v1/contacts/",
        "/api/v1/contacts/1",
        "/api//v1/contacts",
        "/api/v20",
        "/api/V2/x",
        "/api/v2%2Fcontacts",
        "/api/v1%2Fcontacts",
    ] {
        let expected = error("NOT_FOUND", "There is no such endpoint");
        acme.get(path).await.assert(404, &expected);
        server.stranger().get(path).await.assert(404, &expected);
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    let allowed = "GET, HEAD, POST";
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
        let message = format!("This endpoint answers to {allowed}");
        let reply = acme.request(method, PATH, "{}").await;
        reply
            .assert(405, &error("METHOD_NOT_ALLOWED", &message))
            .assert_header("allow", allowed);
    }
    let reply = acme.request(Method::POST, "/api/v1/ping", "{}").await;
    reply
        .assert(
            405,
            &error("METHOD_NOT_ALLOWED", "This endpoint answers to GET, HEAD"),
        )
        .assert_header("allow", "GET, HEAD");
    let reply = acme.request(Method::HEAD, PATH, "").await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (200, 0));
}

#[tokio::test]
async fn a_body_that_is_no_json_object_says_so() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    for body in ["", "{", "{'a': 1}", "{} {}", "NaN"] {
        let reply = acme.request(Method::POST, PATH, body).await;
        reply.assert(400, &error("BAD_REQUEST", "The body is not valid JSON"));
    }
    let reply = acme
        .request(Method::POST, PATH, Bytes::from_static(b"{\"a\":\"\xff\"}"))
        .await;
    reply.assert(400, &error("BAD_REQUEST", "The body is not valid JSON"));
    for body in ["[]", "null", "\"text\"", "1", "true"] {
        let reply = acme.request(Method::POST, PATH, body).await;
        reply.assert(
            400,
            &error("VALIDATION_ERROR", "The body must be a JSON object"),
        );
    }
    assert_eq!(tenant.contact_count().await, 0);
}

#[tokio::test]
async fn a_body_is_json_by_name_or_by_no_name() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    let body = Bytes::from_static(br#"{"phone":"+34600111222"}"#);
    let request = || Request::post(PATH).header(header::AUTHORIZATION, acme.header());
    assert_eq!(
        acme.send(request().body(body.clone()).unwrap())
            .await
            .status,
        200
    );
    let wrong = request()
        .header(header::CONTENT_TYPE, "text/plain")
        .body(body)
        .unwrap();
    acme.send(wrong).await.assert(
        415,
        &error(
            "UNSUPPORTED_MEDIA_TYPE",
            "Content-Type must be application/json",
        ),
    );
}
