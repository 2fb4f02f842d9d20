//! What goes wrong on the way, with every product alike: never a yes, and never a word too much.

use operations::{
    EvolutionGateway, Gateway, HttpGateway, HttpTemplate, WahaGateway, WuzapiGateway,
};
use tokio::net::TcpListener;

use super::{DIALLED, KEY, client, phone};
use crate::stand_in::StandIn;

/// Returns one gateway of each kind, all to one address.
fn gateways(url: &str) -> Vec<Box<dyn Gateway>> {
    let template = HttpTemplate {
        method: "GET".into(),
        url: format!("{url}/{{digits}}"),
        headers: "X-Key: {key}".into(),
        key: Some(KEY.into()),
        body: None,
        answer: "/exists".into(),
        yes: "true".into(),
        no: "false".into(),
        wa_id: None,
    };
    vec![
        Box::new(EvolutionGateway::new(client(), url, "main", KEY).unwrap()),
        Box::new(WahaGateway::new(client(), url, "default", Some(KEY)).unwrap()),
        Box::new(WuzapiGateway::new(client(), url, KEY).unwrap()),
        Box::new(HttpGateway::new(client(), template).unwrap()),
    ]
}

/// Asks every gateway at an address and checks what it tells the operator.
async fn assert_all_tell(url: &str, said: &str) {
    // Somebody's name and password in the address are theirs alone.
    let url = url.replace("http://", "http://user-hush:word-hush@");
    for gateway in gateways(&url) {
        let told = gateway.ask(&phone(DIALLED)).await.unwrap_err().0;
        let name = gateway.name();
        assert!(told.contains(said), "{name}: {told}");
        for secret in ["hush", DIALLED, "127.0.0.1"] {
            assert!(!told.contains(secret), "{name}: {told}");
        }
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    for (status, said) in [
        (
            301,
            "answered 301: a redirect, which is not followed: check verifier_url",
        ),
        (403, "answered 403: check verifier_key"),
        (429, "answered 429: it is asked too often"),
        (502, "answered 502: look into its log"),
    ] {
        let body = r#"{"numberExists":true,"exists":true}"#;
        let server = StandIn::start(move |_| Some((status, body.into()))).await;
        assert_all_tell(&server.url, said).await;
        assert_eq!(server.requests().len(), 4, "nobody asks twice");
    }
}

#[tokio::test]
async fn garbage_is_no_answer() {
    let long = format!(
        r#"{{"exists":true,"numberExists":true,"x":"{}"}}"#,
        "x".repeat(70_000)
    );
    for garbage in [
        "",
        "<html>Welcome to nginx!</html>",
        "{",
        "null",
        "[[]]",
        &long,
    ] {
        let garbage = garbage.to_owned();
        let server = StandIn::start(move |_| Some((200, garbage.clone()))).await;
        assert_all_tell(&server.url, "answer").await;
    }
}

#[tokio::test]
async fn who_keeps_silent_is_not_waited_for_for_long() {
    let server = StandIn::start(|_| None).await;
    assert_all_tell(&server.url, "did not answer in 0.5 s").await;
}

#[tokio::test]
async fn who_is_not_there_cannot_be_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_all_tell(&url, "cannot be reached").await;
}

#[tokio::test]
async fn a_name_and_a_password_in_the_address_go_along() {
    let server = StandIn::start(|_| Some((200, r#"{"numberExists":false}"#.into()))).await;
    let url = server.url.replace("http://", "http://user:word@");
    let gateway = WahaGateway::new(client(), &url, "default", None).unwrap();
    gateway.ask(&phone(DIALLED)).await.unwrap();
    let authorization = server.requests()[0].header("authorization").to_owned();
    assert_eq!(authorization, "Basic dXNlcjp3b3Jk");
}
