//! `Idempotency-Key`: a request that names itself is done once, however often it comes.

use std::time::Duration;

use domain::key::Api;
use domain::message::Status;
use http::{HeaderValue, Request, header};
use operations::{Begun, RequestKey};
use serde_json::{Value, json};
use simulator::Fault;
use test_support::{Actor, Reply, Setup, TestServer, TestTenant};

use crate::hostile::{ROUTES, assert_spoken, good};

const SEND: &str = "/send-whatsapp";

async fn post(actor: &Actor, path: &str, key: &str, body: &Value) -> Reply {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, actor.header())
        .header(
            "idempotency-key",
            HeaderValue::from_bytes(key.as_bytes()).unwrap(),
        )
        .body(body.to_string().into())
        .unwrap();
    actor.send(request).await
}

fn hello() -> Value {
    json!({"phone_number": "+27821112233", "message_type": "text", "text": "Hello"})
}

/// A tenant that knows one person.
async fn shop(server: &TestServer) -> (TestTenant, Actor) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.tireless(Api::FlowIq).await;
    let made = acme.post("/contact", good(&tenant, "/contact")).await;
    assert_eq!(made.status, 201);
    (tenant, acme)
}

async fn impatient() -> TestServer {
    let setup = Setup {
        answer: Duration::from_secs(1),
        ..Setup::default()
    };
    TestServer::start_with(setup).await
}

async fn a_repeated_request_hears_the_first_answer(server: TestServer) {
    for (slug, (api, path)) in ["a", "b", "c", "d"].into_iter().zip(ROUTES) {
        let tenant = server.tenant(slug).await;
        let actor = tenant.tireless(api).await;
        let made = tenant.flowella().await;
        let made = made.post("/api/v1/contacts", json!({"phone": "+27831112233"}));
        assert_eq!(made.await.status, 200);
        let body = good(&tenant, path);
        let first = post(&actor, path, "order 1", &body).await;
        assert!(first.status.is_success(), "{}", first.text());
        first.assert_header("idempotency-replayed", "");
        // Even when it would be answered otherwise by now.
        server.clock.advance_seconds(60);
        let again = post(&actor, path, "order 1", &body).await;
        again.assert_header("idempotency-replayed", "true");
        assert_eq!((again.status, again.text()), (first.status, first.text()));
        for header in ["content-type", "x-request-id"] {
            again.assert_header(header, first.header(header));
        }
    }
    assert_eq!(server.simulator().requests(), 1);
}

async fn of_two_at_once_one_is_done_and_the_other_is_told_to_wait(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let slow = Fault::Slow { milliseconds: 300 };
    server.simulator().fault_next(slow);
    let body = hello();
    let (one, other) = tokio::join!(
        post(&acme, SEND, "order 1", &body),
        post(&acme, SEND, "order 1", &body)
    );
    let (done, told) = if one.status == 200 {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!(done.status, 200, "{}", done.text());
    told.assert(
        409,
        r#"{"error":"Request in progress","message":"A request with this Idempotency-Key is under way; ask again in a moment"}"#,
    )
    .assert_header("retry-after", "1");
    let again = post(&acme, SEND, "order 1", &body).await;
    assert_eq!(again.text(), done.text());
    assert_eq!(server.simulator().requests(), 1);
    assert_eq!(tenant.messages("+27821112233").await.len(), 1);
}

async fn a_request_that_died_is_never_done_again(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let body = hello();
    // As a process leaves it that is killed over it.
    let begin = async |text: &str| {
        let key = RequestKey {
            place: format!("flowiq {SEND}"),
            key: "order 1".into(),
        };
        let operator = tenant.operator();
        let says = [SEND.as_bytes(), b"", text.as_bytes()];
        let begun = server.operations.begin_request(&operator, key, &says);
        begun.await.unwrap()
    };
    assert!(matches!(begin(&body.to_string()).await, Begun::New(_)));
    server.clock.advance_seconds(300);
    assert_eq!(post(&acme, SEND, "order 1", &body).await.status, 409);
    server.clock.advance_seconds(1);
    post(&acme, SEND, "order 1", &body).await.assert(
        500,
        r#"{"error":"Outcome unknown","message":"The request with this Idempotency-Key was interrupted. It is unknown how far it got, and it is not done again"}"#,
    );
    assert_eq!(server.simulator().requests(), 0);
    // Another key is another request.
    assert_eq!(post(&acme, SEND, "order 2", &body).await.status, 200);
}

async fn a_key_is_good_for_a_day(server: TestServer) {
    let (_, acme) = shop(&server).await;
    let body = hello();
    assert_eq!(post(&acme, SEND, "order 1", &body).await.status, 200);
    server.clock.advance_seconds(24 * 3600);
    server.operations.maintain().await.unwrap();
    let kept = post(&acme, SEND, "order 1", &body).await;
    kept.assert_header("idempotency-replayed", "true");
    server.clock.advance_seconds(1);
    // Whether maintenance came by or not.
    let anew = post(&acme, SEND, "order 1", &body).await;
    anew.assert_header("idempotency-replayed", "");
    assert_eq!(
        (anew.status.as_u16(), server.simulator().requests()),
        (200, 2)
    );
    server.clock.advance_seconds(24 * 3600 + 1);
    server.operations.maintain().await.unwrap();
    let now = server.clock.now();
    let left = server.database.system().prune_requests(now).await;
    assert_eq!(left.unwrap(), 0);
}

on_both_engines! {
    a_repeated_request_hears_the_first_answer,
    of_two_at_once_one_is_done_and_the_other_is_told_to_wait,
    a_request_that_died_is_never_done_again,
    a_key_is_good_for_a_day,
}

#[tokio::test]
async fn a_key_belongs_to_what_it_was_given_to() {
    let server = TestServer::start().await;
    for (slug, (api, path)) in ["a", "b", "c", "d"].into_iter().zip(ROUTES) {
        let tenant = server.tenant(slug).await;
        let actor = tenant.tireless(api).await;
        let made = tenant.flowella().await;
        let made = made.post("/api/v1/contacts", json!({"phone": "+27831112233"}));
        assert_eq!(made.await.status, 200);
        let body = good(&tenant, path);
        let first = post(&actor, path, "order 1", &body).await;
        assert!(first.status.is_success(), "{}", first.text());
        let mut other = body.clone();
        other["more"] = json!(1);
        for (path, body) in [(path.to_owned(), &other), (format!("{path}?a=1"), &body)] {
            let reply = post(&actor, &path, "order 1", body).await;
            assert_eq!(reply.status, 422, "{}", reply.text());
            assert_spoken(api, &reply);
        }
    }
}

#[tokio::test]
async fn a_key_is_one_tenants_one_apis_and_one_routes() {
    let server = TestServer::start().await;
    let (acme, ours) = shop(&server).await;
    let globex = server.tenant("globex").await;
    let theirs = globex.tireless(Api::FlowIq).await;
    for (actor, path, body, status) in [
        (&ours, "/contact", good(&acme, "/contact"), 409),
        (&theirs, "/contact", good(&globex, "/contact"), 201),
        (&ours, SEND, hello(), 200),
        (&theirs, SEND, hello(), 200),
        (
            &acme.flowella().await,
            "/api/v1/contacts",
            good(&acme, "/api/v1/contacts"),
            200,
        ),
    ] {
        let reply = post(actor, path, "order 1", &body).await;
        reply.assert_header("idempotency-replayed", "");
        assert_eq!(reply.status, status, "{path}: {}", reply.text());
    }
    // Any key of the tenant's: who sends again may have a new one by now.
    let renewed = acme.flowiq().await;
    let reply = post(&renewed, SEND, "order 1", &hello()).await;
    reply.assert_header("idempotency-replayed", "true");
}

#[tokio::test]
async fn what_did_nothing_may_come_again() {
    let mut server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    // A body that was put right.
    let reply = post(&acme, SEND, "order 1", &json!({"phone_number": 1})).await;
    assert_eq!(reply.status, 400);
    tenant.opt_out("+27821112233").await;
    assert_eq!(post(&acme, SEND, "order 1", &hello()).await.status, 403);
    let other = server.tenant("globex").await.tireless(Api::FlowIq).await;
    assert_eq!(post(&other, SEND, "order 1", &hello()).await.status, 404);
    let body = json!({"phone_number": "+27821112233", "name": "Thandi"});
    assert_eq!(other.post("/contact", body).await.status, 201);
    assert_eq!(post(&other, SEND, "order 1", &hello()).await.status, 200);
    // And what never reached WhatsApp.
    server.lose_simulator().await;
    for _ in 0..2 {
        let reply = post(&other, SEND, "order 2", &hello()).await;
        assert_eq!(reply.status, 500, "{}", reply.text());
        reply.assert_header("idempotency-replayed", "");
    }
}

#[tokio::test]
async fn a_send_whose_fate_is_unknown_stays_so_under_its_key() {
    let server = impatient().await;
    let (tenant, acme) = shop(&server).await;
    server.simulator().fault_next(Fault::Silent);
    let first = post(&acme, SEND, "order 1", &hello()).await;
    assert_eq!(first.status, 500);
    assert!(
        first.text().contains("Do not send it again"),
        "{}",
        first.text()
    );
    let again = post(&acme, SEND, "order 1", &hello()).await;
    again.assert_header("idempotency-replayed", "true");
    assert_eq!((again.status, again.text()), (first.status, first.text()));
    let messages = tenant.messages("+27821112233").await;
    assert_eq!(
        (messages.len(), messages[0].status),
        (1, Status::Unconfirmed)
    );
    assert_eq!(server.simulator().requests(), 1);
}

#[tokio::test]
async fn the_answer_is_kept_for_a_client_that_went_away() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let body = hello();
    let left = async {
        while server.simulator().requests() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = left => {}
        reply = post(&acme, SEND, "order 1", &body) => assert_eq!(reply.status, 200),
    }
    server.settle().await;
    let again = post(&acme, SEND, "order 1", &body).await;
    again.assert_header("idempotency-replayed", "true");
    assert_eq!(
        (again.status.as_u16(), server.simulator().requests()),
        (200, 1)
    );
}

#[tokio::test]
async fn a_key_has_1_to_255_printable_characters() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for (api, path) in ROUTES {
        let actor = tenant.tireless(api).await;
        let body = json!({});
        for key in ["", "schlüssel", &"k".repeat(256)] {
            let reply = post(&actor, path, key, &body).await;
            assert_eq!(reply.status, 400, "{}", reply.text());
            assert!(reply.text().contains("Idempotency-Key"), "{}", reply.text());
            assert_spoken(api, &reply);
        }
        let reply = post(&actor, path, &"k".repeat(255), &body).await;
        assert!(
            !reply.text().contains("Idempotency-Key"),
            "{}",
            reply.text()
        );
    }
    // Where nothing is done, a key says nothing.
    let acme = tenant.flowiq().await;
    let get = Request::get("/contact?tenantId=acme&phone_number=27821112233")
        .header(header::AUTHORIZATION, acme.header())
        .header("idempotency-key", "");
    let reply = acme.send(get.body(bytes::Bytes::new()).unwrap()).await;
    assert_eq!(reply.status, 404);
}

#[tokio::test]
async fn a_wrong_code_that_comes_again_counts_once() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.tireless(Api::WaCr).await;
    let code = json!({
        "phone": "+27821112233", "template_name": "verification_code", "language": "en_US",
        "code": "123456",
    });
    let sent = post(&acme, "/api/v2/auth/send-otp", "order 1", &code).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    let guess = json!({"phone": "+27821112233", "code": "654321"});
    for replayed in ["", "true"] {
        let wrong = post(&acme, "/api/v2/auth/verify", "order 1", &guess).await;
        wrong.assert_header("idempotency-replayed", replayed);
        let details = &wrong.json()["error"]["details"];
        assert_eq!(details["attempts_remaining"], 4, "{}", wrong.text());
    }
    let another = post(&acme, "/api/v2/auth/verify", "order 2", &guess).await;
    assert_eq!(another.json()["error"]["details"]["attempts_remaining"], 3);
}
