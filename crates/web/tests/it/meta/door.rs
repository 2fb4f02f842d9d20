//! Who may post, and what they hear.

use operations::{EventFilter, EventState, KeptEvent};
use serde_json::json;
use test_support::meta::{VERIFY_TOKEN, contact, sign, text};
use test_support::{Meta, TestServer};

const ANA: &str = "27825550101";

fn hello(meta: &Meta) -> String {
    meta.payload(&json!({
        "contacts": [contact(ANA, "Ana")], "messages": [text(ANA, "wamid.1", "Hello")],
    }))
    .to_string()
}

async fn kept(server: &TestServer) -> Vec<KeptEvent> {
    let filter = EventFilter {
        limit: 100,
        ..EventFilter::default()
    };
    server.operations.kept_events(filter).await.unwrap()
}

#[tokio::test]
async fn a_handshake_with_the_right_word_is_answered_with_its_challenge() {
    let server = TestServer::start().await;
    let meta = server.tenant("acme").await.meta("1001").await;
    let stranger = server.stranger();
    let word = VERIFY_TOKEN.replace(' ', "%20");
    let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token";
    let reply = stranger.get(&format!("{}?{query}={word}", meta.path)).await;
    assert_eq!((reply.status.as_u16(), reply.text()), (200, "1158201444"));
    let wrong = r#"{"error":"the verify token is wrong"}"#;
    let reply = stranger.get(&format!("{}?{query}=guess", meta.path)).await;
    reply.assert(403, wrong);
    stranger.get(&meta.path).await.assert(403, wrong);
    let unknown = r#"{"error":"no app has this webhook path"}"#;
    let path = format!("/webhooks/meta/nobody?{query}={word}");
    stranger.get(&path).await.assert(404, unknown);
    stranger.get("/webhooks/meta").await.assert(404, unknown);
    let reply = stranger.request(http::Method::DELETE, &meta.path, "").await;
    reply.assert(405, r#"{"error":"only GET and POST"}"#);
}

#[tokio::test]
async fn what_is_not_signed_by_the_app_is_refused_and_not_kept() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.meta("1001").await;
    let globex = server.tenant("globex").await.meta("1002").await;
    let body = hello(&acme);
    let by_another = sign(&globex.secret, body.as_bytes());
    let of_another = sign(&acme.secret, b"{}");
    let refusal = r#"{"error":"the signature is missing, or not made with this app's secret"}"#;
    for signature in [
        None,
        Some(""),
        Some("sha256="),
        Some("sha256=00"),
        Some(by_another.as_str()),
        Some(of_another.as_str()),
        Some(&by_another.replace("sha256", "sha1")),
    ] {
        let reply = acme.post_signed(body.clone(), signature).await;
        reply.assert(401, refusal);
    }
    assert_eq!(kept(&server).await, []);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let server = TestServer::start().await;
    let meta = server.tenant("acme").await.meta("1001").await;
    let long = " ".repeat(4 << 20);
    let reply = meta.post(long).await;
    reply.assert(413, r#"{"error":"the body is too long"}"#);
    // What Meta itself may post is not.
    assert_eq!(meta.post(" ".repeat(3 << 20)).await.status, 200);
}

#[tokio::test]
async fn what_is_signed_but_no_json_is_kept_as_failed() {
    let server = TestServer::start().await;
    let meta = server.tenant("acme").await.meta("1001").await;
    for _ in 0..2 {
        assert_eq!(meta.post("it works!\0").await.status, 200);
    }
    meta.apply().await;
    let [event] = <[KeptEvent; 1]>::try_from(kept(&server).await).unwrap();
    assert_eq!(event.state, EventState::Failed);
    assert_eq!(event.kind, "unreadable");
    assert_eq!(event.body, "it works!\u{fffd}");
    assert_eq!(event.reason.as_deref(), Some("it is not JSON"));
}

#[tokio::test]
async fn an_app_speaks_only_of_its_own_numbers_and_accounts() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let acmes = acme.meta("1001").await;
    let globex = server.tenant("globex").await.meta("1002").await;
    // Signed by the right secret of the wrong app.
    globex
        .say(&serde_json::from_str(&hello(&acmes)).unwrap())
        .await;
    globex
        .say(&acmes.account_payload("account_review_update", &json!({"decision": "APPROVED"})))
        .await;
    assert_eq!(acme.contact_count().await, 0);
    let reasons: Vec<_> = kept(&server)
        .await
        .into_iter()
        .map(|it| it.reason)
        .collect();
    assert_eq!(
        reasons,
        [
            Some("the app has no number of this account".to_owned()),
            Some("the number is another app's".to_owned()),
        ]
    );
    // The forged event does not stand in the way of the true one.
    acmes
        .say(&serde_json::from_str(&hello(&acmes)).unwrap())
        .await;
    assert_eq!(acme.messages(ANA).await.len(), 1);
}

#[tokio::test]
async fn a_number_that_is_connected_later_gets_what_failed_by_a_replay() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let first = acme.meta_with("1001", "shared").await;
    let payload = first.payload(&json!({"messages": [text(ANA, "wamid.1", "Hello")]}));
    let payload = payload.to_string().replace("1001", "1002");
    assert_eq!(first.post(payload).await.status, 200);
    first.apply().await;
    let [event] = <[KeptEvent; 1]>::try_from(kept(&server).await).unwrap();
    assert_eq!(event.reason.as_deref(), Some("nobody has this number"));
    acme.meta_with("1002", "shared").await;
    assert!(server.operations.replay_event(event.id).await.unwrap());
    first.apply().await;
    assert_eq!(acme.messages(ANA).await.len(), 1);
    assert_eq!(kept(&server).await[0].state, EventState::Applied);
    assert!(
        !server
            .operations
            .replay_event(event.id + 1000)
            .await
            .unwrap()
    );
}
