//! What nobody means well: odd bodies, odd addresses, and everything else that can be sent.

use bytes::Bytes;
use domain::key::Api;
use http::{Method, Request, header};
use serde_json::{Value, json};
use test_support::{Actor, Reply, TestServer, TestTenant};

use crate::wacr;

pub(crate) const ROUTES: [(Api, &str); 4] = [
    (Api::FlowIq, "/contact"),
    (Api::FlowIq, "/send-whatsapp"),
    (Api::Flowella, "/api/v1/contacts"),
    (Api::WaCr, "/api/v2/contacts"),
];

/// Checks that an answer, if it is an error, is one in its API's shape.
#[track_caller]
pub(crate) fn assert_spoken(api: Api, reply: &Reply) {
    if reply.status.is_success() || reply.body.is_empty() {
        return;
    }
    assert_eq!(reply.header("content-type"), "application/json");
    let body = reply.json();
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let spoken = match api {
        Api::FlowIq => is_text(&body["error"]) && is_text(&body["message"]),
        Api::Flowella => {
            body.as_object().unwrap().len() == 1
                && is_text(&body["error"]["code"])
                && is_text(&body["error"]["message"])
        }
        Api::WaCr => {
            body["success"] == json!(false)
                && is_text(&body["error"]["code"])
                && is_text(&body["error"]["message"])
                && body["error"].as_object().unwrap().contains_key("details")
                && body["meta"]["request_id"] == reply.header("x-request-id")
        }
    };
    assert!(spoken, "{}", reply.text());
}

/// A body that every route would take, if it were not for what is done to it.
pub(crate) fn good(tenant: &TestTenant, path: &str) -> Value {
    match path {
        "/contact" => json!({"phone_number": "+27821112233", "name": "Thandi"}),
        "/send-whatsapp" => {
            json!({"phone_number": "+27831112233", "message_type": "text", "text": "Hello"})
        }
        "/api/v1/contacts" => json!({"phone": "+27821112233"}),
        _ => wacr::person(tenant, "+27821112233"),
    }
}

fn post(
    actor: &Actor,
    path: &str,
    body: impl Into<Bytes>,
    length: Option<usize>,
) -> Request<Bytes> {
    let mut request = Request::post(path)
        .header(header::AUTHORIZATION, actor.header())
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(length) = length {
        request = request.header(header::CONTENT_LENGTH, length);
    }
    request.body(body.into()).unwrap()
}

#[tokio::test]
async fn a_body_has_a_mebibyte_at_most_whether_it_says_so_or_not() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for (api, path) in ROUTES {
        let actor = tenant.tireless(api).await;
        let mut body = good(&tenant, path).to_string();
        body.push_str(&" ".repeat((1 << 20) - body.len()));
        // As long as it may be; the contact to send to is not there.
        let reply = actor.send(post(&actor, path, body.clone(), None)).await;
        assert_ne!(reply.status, 413, "{path}");
        body.push(' ');
        for length in [None, Some(body.len()), Some(usize::MAX)] {
            let before = tenant.contact_count().await;
            let reply = actor.send(post(&actor, path, body.clone(), length)).await;
            assert_eq!(reply.status, 413, "{path} {length:?}");
            assert_spoken(api, &reply);
            assert!(reply.text().contains("1048576"), "{}", reply.text());
            assert_eq!(tenant.contact_count().await, before);
        }
        // A length that lies is not believed over the body, and saying so costs nothing.
        let reply = actor.send(post(&actor, path, "{}", Some(2 << 20))).await;
        assert_eq!(reply.status, 413, "{path}");
    }
    assert_eq!(server.simulator().requests(), 0);
}

#[tokio::test]
async fn deep_json_is_refused_and_not_recursed_into() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for (api, path) in ROUTES {
        let actor = tenant.actor(api, test_support::KeyOptions::default()).await;
        for deep in [
            "[".repeat(500_000),
            "{\"a\":".repeat(100_000),
            format!("{{\"name\":{}{}}}", "[".repeat(1000), "]".repeat(1000)),
            format!("{{\"contacts\":{}{}}}", "[".repeat(120), "]".repeat(120)),
        ] {
            let reply = actor.request(Method::POST, path, deep).await;
            assert!(
                reply.status == 400 || reply.status == 422,
                "{path} {}",
                reply.text()
            );
            assert_spoken(api, &reply);
        }
    }
    assert_eq!(tenant.contact_count().await, 0);
}

#[tokio::test]
async fn odd_addresses_are_answered_in_the_shape_of_their_neighbours() {
    let server = TestServer::start().await;
    let stranger = server.stranger();
    for (api, path) in [
        (Api::FlowIq, "*"),
        (Api::FlowIq, "/%2e%2e/contact"),
        (Api::FlowIq, "/../contact"),
        (Api::FlowIq, "/contact%00"),
        (Api::FlowIq, "/contact%ff%fe"),
        (Api::FlowIq, "/api%2Fv1%2Fcontacts"),
        (Api::FlowIq, "/API/v1/contacts"),
        (Api::FlowIq, "/contact;tenantId=acme"),
        (Api::FlowIq, "/{path}"),
        (Api::FlowIq, "http://elsewhere.example/contacts"),
        (Api::Flowella, "/api"),
        (Api::Flowella, "/api/"),
        (Api::Flowella, "/api?x=1"),
        (Api::Flowella, "/api/%00"),
        (Api::Flowella, "/api/v1/../v2/contacts"),
        (Api::WaCr, "/api/v2"),
        (Api::WaCr, "/api/v2?x"),
        (Api::WaCr, "/api/v2/%2e%2e/v1/contacts"),
        (Api::WaCr, "/api/v2/nothing/%ff"),
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS, Method::TRACE] {
            let request = Request::builder().method(method).uri(path);
            let reply = stranger.send(request.body(Bytes::new()).unwrap()).await;
            assert_eq!(reply.status, 404, "{path}: {}", reply.text());
            assert_spoken(api, &reply);
        }
    }
    let long = format!("/{}", "a".repeat(60_000));
    assert_spoken(Api::FlowIq, &stranger.get(&long).await);
}

#[tokio::test]
async fn odd_queries_are_read_as_far_as_they_go() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.tireless(Api::FlowIq).await;
    for (query, status) in [
        ("", 400),
        ("&&&=&", 400),
        ("tenantId", 400),
        ("tenantId=%zz", 404),
        ("tenantId=%00", 404),
        ("tenantId=%ff%fe", 404),
        ("tenantId=acme%20", 404),
        ("tenantId=acme&phone_number=%00", 400),
        ("tenantId=acme&phone_number=%ff27821112233", 404),
        ("tenantId=acme&phone_number=27821112233%00", 404),
        ("tenantId=acme&phone_number[]=27821112233", 400),
        ("tenantId=acme;phone_number=27821112233", 404),
        ("tenantId=acme&phone_number=27821112233' OR '1'='1", 404),
    ] {
        let path = format!("/contact?{}", query.replace(' ', "%20"));
        let reply = acme.get(&path).await;
        assert_eq!(reply.status, status, "{query}: {}", reply.text());
        assert_spoken(Api::FlowIq, &reply);
    }
    let digits = "1".repeat(50_000);
    let reply = acme
        .get(&format!("/contact?tenantId=acme&phone_number={digits}"))
        .await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn health_is_told_without_a_key() {
    let server = TestServer::start().await;
    let stranger = server.stranger();
    stranger
        .get("/healthz")
        .await
        .assert(200, r#"{"status":"ok"}"#);
    stranger
        .get("/readyz")
        .await
        .assert(200, r#"{"status":"ready"}"#);
    let reply = stranger.request(Method::POST, "/healthz", "").await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (405, 0));
}

#[tokio::test]
async fn a_storage_that_is_gone_is_a_500_without_a_reason() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let mut actors = Vec::new();
    for (api, path) in ROUTES {
        let actor = tenant.tireless(api).await;
        // Seen before, so that the key is known to be good.
        actor.request(Method::POST, path, "[]").await;
        actors.push((api, path, actor));
    }
    server.database.close().await;
    for (api, path, actor) in actors {
        let reply = actor.post(path, good(&tenant, path)).await;
        assert_eq!(reply.status, 500, "{path}: {}", reply.text());
        assert_spoken(api, &reply);
        let text = reply.text().to_lowercase();
        assert!(
            !["sqlite", "database", "sql", "/tmp"]
                .iter()
                .any(|leak| text.contains(leak))
        );
    }
}
