//! Files: up, shown, down, away.

use domain::Clock;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use simulator::Config;

use crate::business::{Business, LINE, read, to_somebody};

fn form(mime_type: &str, bytes: &[u8]) -> Form {
    let file = Part::bytes(bytes.to_vec())
        .file_name("a")
        .mime_str(mime_type);
    Form::new()
        .text("messaging_product", "whatsapp")
        .part("file", file.unwrap())
}

async fn upload(business: &Business, form: Form) -> (u16, Value) {
    let request = business.ask(Method::POST, &format!("/v25.0/{LINE}/media"));
    read(request.multipart(form).send().await.unwrap()).await
}

async fn uploaded(business: &Business) -> String {
    let (status, answer) = upload(business, form("image/png", b"a picture")).await;
    assert_eq!(status, 200, "{answer}");
    answer["id"].as_str().unwrap().to_owned()
}

/// Returns the path of an address, for a client that must not ask a stranger.
fn path(business: &Business, url: &Value) -> String {
    let url = url.as_str().unwrap();
    url.strip_prefix(&business.simulator.graph_url())
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_file_is_taken_shown_handed_out_and_forgotten() {
    let business = Business::start().await;
    let id = uploaded(&business).await;
    let (status, shown) = business
        .fetch(&format!("/v25.0/{id}?phone_number_id={LINE}"))
        .await;
    let url = path(&business, &shown["url"]);
    assert_eq!(status, 200);
    assert_eq!(
        (&shown["id"], &shown["mime_type"]),
        (&json!(id), &json!("image/png"))
    );
    assert_eq!(
        (&shown["file_size"], &shown["messaging_product"]),
        (&json!(9), &json!("whatsapp"))
    );
    assert_eq!(shown["sha256"].as_str().unwrap().len(), 64);

    let file = business.ask(Method::GET, &url).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(file.bytes().await.unwrap(), &b"a picture"[..]);
    assert_eq!(business.get(&url).await.0, 401);

    let delete = business.ask(Method::DELETE, &format!("/v25.0/{id}"));
    let done = read(delete.send().await.unwrap()).await;
    assert_eq!(done, (200, json!({"success": true})));
    assert_eq!(business.fetch(&format!("/v25.0/{id}")).await.0, 400);
    assert_eq!(business.fetch(&url).await.0, 404);
}

#[tokio::test]
async fn a_file_is_only_of_its_line() {
    let business = Business::start().await;
    let id = uploaded(&business).await;
    let path = format!("/v25.0/{id}?phone_number_id=1");
    for method in [Method::GET, Method::DELETE] {
        let answer = business.ask(method, &path).send().await.unwrap();
        let (status, answer) = read(answer).await;
        assert_eq!(
            (status, &answer["error"]["error_subcode"]),
            (400, &json!(33))
        );
    }
}

#[tokio::test]
async fn only_files_that_were_uploaded_can_be_sent() {
    let business = Business::start().await;
    let id = uploaded(&business).await;
    let header = |id: &str| {
        json!({"type": "button", "body": {"text": "b"},
            "header": {"type": "image", "image": {"id": id}},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "t"}}]}})
    };
    let template = |id: &str| {
        json!({"name": "summer_sale", "language": {"code": "en_US"}, "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"id": id}}]}]})
    };
    for (kind, good, bad) in [
        ("image", json!({"id": id}), json!({"id": "1"})),
        ("interactive", header(&id), header("1")),
        ("template", template(&id), template("1")),
    ] {
        assert_eq!(business.send_object(kind, good).await.0, 200);
        let (status, answer) = business.send(&to_somebody(kind, bad)).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(100)));
        let message = answer["error"]["message"].as_str().unwrap();
        let rule = "is not a valid whatsapp business account media attachment ID.";
        assert!(message.ends_with(rule), "{message}");
    }
}

#[tokio::test]
async fn files_and_their_addresses_live_for_their_time() {
    let clock = Clock::fixed(Clock::system().now());
    let business = Business::start_with(Config {
        clock: clock.clone(),
        ..Config::default()
    })
    .await;
    let id = uploaded(&business).await;
    let shown = business.fetch(&format!("/v25.0/{id}")).await.1;
    let url = path(&business, &shown["url"]);
    clock.advance_seconds(299);
    assert_eq!(
        business
            .ask(Method::GET, &url)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    clock.advance_seconds(1);
    assert_eq!(business.fetch(&url).await.0, 404);
    clock.advance_seconds(30 * 24 * 3600 - 301);
    assert_eq!(business.fetch(&format!("/v25.0/{id}")).await.0, 200);
    clock.advance_seconds(1);
    assert_eq!(business.fetch(&format!("/v25.0/{id}")).await.0, 400);
    assert_eq!(
        business.send_object("image", json!({"id": id})).await.0,
        400
    );
}

#[tokio::test]
async fn an_upload_is_whole_and_of_a_type_that_meta_takes() {
    let business = Business::start().await;
    let gif = form("image/gif", b"GIF89a");
    let without_product =
        Form::new().part("file", Part::bytes(vec![1]).mime_str("image/png").unwrap());
    let without_file = Form::new().text("messaging_product", "whatsapp");
    let without_type = Form::new()
        .text("messaging_product", "whatsapp")
        .part("file", Part::bytes(vec![1]));
    let other_product = Form::new().text("messaging_product", "sms");
    for (form, message) in [
        (
            gif,
            "(#100) Param file must be a file with one of the following types: ",
        ),
        (
            form("image/png", b""),
            "(#100) Param file must not be empty",
        ),
        (
            without_product,
            "(#100) The parameter messaging_product is required.",
        ),
        (without_file, "(#100) The parameter file is required."),
        (without_type, "(#100) The parameter type is required."),
        (
            other_product,
            "(#100) Param messaging_product must be one of {WHATSAPP}",
        ),
        (
            form("image/png", &vec![0; 5 * 1024 * 1024 + 1]),
            "(#100) Param file must be at most ",
        ),
    ] {
        let (status, answer) = upload(&business, form).await;
        assert_eq!(status, 400);
        let got = answer["error"]["message"].as_str().unwrap();
        assert!(got.starts_with(message), "{got}");
    }
    let typed = Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", "image/png")
        .part("file", Part::bytes(vec![1]));
    assert_eq!(upload(&business, typed).await.0, 200);
    let request = business.ask(Method::POST, &format!("/v25.0/{LINE}/media"));
    let (status, _) = read(request.body("{}").send().await.unwrap()).await;
    assert_eq!(status, 400);
    let request = business.post(&format!("/v25.0/{LINE}/media"));
    let request = request.multipart(form("image/png", b"x"));
    assert_eq!(read(request.send().await.unwrap()).await.0, 401);
}
