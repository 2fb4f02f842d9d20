//! Pictures, films, sounds and files by `POST /send-whatsapp`.

use domain::message::Status;
use serde_json::{Value, json};
use test_support::{FileHost, TestServer};

use super::messages::{PHONE, send, shop};

fn media(kind: &str, url: &str) -> Value {
    json!({"phone_number": PHONE, "message_type": kind, "media_url": url, "caption": "A caption"})
}

async fn every_kind_reaches_whatsapp_under_an_id_of_its_own(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let host = FileHost::start().await;
    for (kind, file, said) in [
        ("image", "picture.png", json!({"caption": "A caption"})),
        ("video", "film.mp4", json!({"caption": "A caption"})),
        // WhatsApp shows no words beside a sound.
        ("audio", "sound.ogg", json!({})),
        (
            "document",
            "paper.pdf",
            json!({"caption": "A caption", "filename": "paper.pdf"}),
        ),
    ] {
        let reply = send(&acme, media(kind, &host.url(file))).await;
        let expected = format!(
            r#"{{"success":true,"message":"Message sent successfully",
            "data":{{"message_id":"<wamid>","recipient":"27821112233","message_type":"{kind}"}}}}"#
        );
        reply.assert(200, &expected);
        let sent = server.simulator().sent().pop().unwrap();
        assert_eq!(reply.json()["data"]["message_id"], sent.wamid);
        assert_eq!(sent.body["type"], kind);
        let mut got = sent.body[kind].clone();
        let id = got.as_object_mut().unwrap().remove("id");
        assert!(id.is_some_and(|id| id.is_string()), "{got}");
        assert_eq!(got, said);
        // The row keeps the address that was given.
        let kept = tenant.messages(PHONE).await.remove(0).content;
        assert_eq!(kept.media().unwrap().url(), Some(host.url(file).as_str()));
        server.clock.advance_seconds(1);
    }
}

on_both_engines!(every_kind_reaches_whatsapp_under_an_id_of_its_own);

#[tokio::test]
async fn a_file_keeps_the_name_it_is_given() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let host = FileHost::start().await;
    let mut body = media("document", &host.url("paper.pdf"));
    body["filename"] = json!("Invoice 7.pdf");
    assert_eq!(send(&acme, body).await.status, 200);
    let sent = server.simulator().sent().pop().unwrap();
    assert_eq!(sent.body["document"]["filename"], "Invoice 7.pdf");
}

#[tokio::test]
async fn media_without_an_address_are_missing_it() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    for kind in ["image", "video", "audio", "document"] {
        send(&acme, media(kind, " ")).await.assert(
            400,
            r#"{"error":"Missing required field",
            "message":"media_url is required for media messages"}"#,
        );
    }
}

#[tokio::test]
async fn a_caption_has_1024_characters_at_most() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let host = FileHost::start().await;
    for (kind, file) in [
        ("image", "picture.png"),
        ("video", "film.mp4"),
        ("document", "paper.pdf"),
    ] {
        let mut body = media(kind, &host.url(file));
        body["caption"] = json!("é".repeat(1024));
        assert_eq!(send(&acme, body.clone()).await.status, 200);
        body["caption"] = json!("é".repeat(1025));
        let expected = format!(
            r#"{{"error":"Invalid {kind} message",
            "message":"caption may have 1024 characters at most"}}"#
        );
        send(&acme, body).await.assert(400, &expected);
    }
}

/// Sends media that do not go, and checks the answer and that the row says so.
async fn assert_stuck(server: &TestServer, body: Value, status: u16, expected: &str) {
    let (tenant, acme) = shop(server).await;
    send(&acme, body).await.assert(status, expected);
    let messages = tenant.messages(PHONE).await;
    assert_eq!((messages.len(), messages[0].status), (1, Status::Failed));
    assert!(messages[0].failure.is_some());
}

#[tokio::test]
async fn an_address_without_a_file_is_the_callers_to_mend() {
    let server = TestServer::start().await;
    let host = FileHost::start().await;
    let body = media("image", &host.url("missing.png"));
    let expected = r#"{"error":"Invalid media","message":"127.0.0.1 answered with status 404"}"#;
    assert_stuck(&server, body, 400, expected).await;
    assert!(server.simulator().sent().is_empty());
}

#[tokio::test]
async fn a_file_that_whatsapp_does_not_take_is_the_callers_to_mend() {
    let server = TestServer::start().await;
    let host = FileHost::start().await;
    let body = media("image", &host.url("paper.pdf"));
    let expected = r#"{"error":"Invalid media","message":"the file is application/pdf, and WhatsApp takes for image only image/jpeg, image/png"}"#;
    assert_stuck(&server, body, 400, expected).await;
}

#[tokio::test]
async fn an_address_that_nobody_may_ask_is_the_callers_to_mend() {
    let server = TestServer::start().await;
    let body = media("image", "http://169.254.169.254/latest/meta-data");
    let (tenant, acme) = shop(&server).await;
    let reply = send(&acme, body).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["error"]),
        (400, &json!("Invalid media"))
    );
    assert_eq!(tenant.messages(PHONE).await[0].status, Status::Failed);
}

#[tokio::test]
async fn a_file_that_cannot_be_fetched_did_not_reach_the_storage() {
    let server = TestServer::start().await;
    // Nobody listens there any more.
    let url = FileHost::start().await.url("picture.png");
    let expected = r#"{"error":"Storage upload failed","message":"Failed to upload to storage"}"#;
    assert_stuck(&server, media("image", &url), 500, expected).await;
}

#[tokio::test]
async fn a_file_that_whatsapp_did_not_get_says_so() {
    let mut server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let host = FileHost::start().await;
    server.lose_simulator().await;
    let body = media("image", &host.url("picture.png"));
    send(&acme, body).await.assert(
        500,
        r#"{"error":"Meta upload failed","message":"Failed to upload media to Meta"}"#,
    );
    assert_eq!(tenant.messages(PHONE).await[0].status, Status::Failed);
}
