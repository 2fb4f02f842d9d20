//! `POST /api/v2/messages/template`.

use serde_json::{Value, json};
use test_support::{FileHost, PICTURE, TestServer};

use super::{PHONE, Part, complaints, failure, form, send, shop};

fn order() -> Value {
    json!({
        "phone": PHONE, "template_name": "order_confirmation", "language": "en_US",
        "field_1": "@{contact_first_name}", "field_2": "860198", "button_0": "860198?by=a friend",
    })
}

fn sale(header: &str, value: Value) -> Value {
    let mut body = json!({
        "phone": PHONE, "template_name": "summer_sale", "language": "en_US",
        "field_1": "Mara", "field_2": "20 %", "button_2": "SUMMER20",
    });
    body[header] = value;
    body
}

/// Changes one field of an object.
fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

async fn a_template_is_sent_filled_in(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let reply = send(&acme, "template", order()).await;
    let row = tenant.messages(PHONE).await.remove(0);
    let expected = format!(
        r#"{{"success":true,"data":{{"message_id":"<wamid>","contact_id":{},
        "phone":"27821112233","template_name":"order_confirmation","language":"en_US",
        "status":"sent","sent_at":"2026-03-10T08:15:00+00:00","chat_id":{},
        "chat_message_id":{}}},"message":"Template message sent successfully",
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#,
        row.contact_id, row.conversation_id, row.id
    );
    reply.assert(200, &expected);
    assert_eq!(
        server.simulator().sent()[0].body["template"],
        json!({
            "name": "order_confirmation", "language": {"code": "en_US"}, "components": [
                {"type": "body", "parameters": [
                    {"type": "text", "text": "Mara"}, {"type": "text", "text": "860198"}]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [
                    {"type": "text", "text": "860198?by=a%20friend"}]},
            ],
        })
    );
}

async fn a_header_may_be_a_picture_at_an_address_or_with_the_request(server: TestServer) {
    let (_, acme) = shop(&server).await;
    let host = FileHost::start().await;
    let url = json!(host.url("picture.png"));
    let reply = send(&acme, "template", sale("header_image_url", url)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let parts = [
        Part::text("phone", PHONE),
        Part::text("template_name", "summer_sale"),
        Part::text("language", "en_US"),
        Part::text("field_1", "Mara"),
        Part::text("field_2", "20 %"),
        Part::text("button_2", "SUMMER20"),
        Part::file("header_image_file", "sale.png", PICTURE),
    ];
    let reply = form(&acme, "template", &parts).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let sent = server.simulator().sent();
    assert_eq!(sent.len(), 2);
    for sent in sent {
        let header = &sent.body["template"]["components"][0];
        assert_eq!(header["type"], "header");
        assert!(
            header["parameters"][0]["image"]["id"].is_string(),
            "{header}"
        );
    }
}

async fn a_code_may_be_made_here(server: TestServer) {
    let (_, acme) = shop(&server).await;
    let body = json!({
        "phone": PHONE, "template_name": "verification_code", "language": "en_US",
        "auto_generate_otp": true,
    });
    let reply = send(&acme, "template", body.clone()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let code = reply.json()["data"]["otp_code"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        code.len() == 6 && code.bytes().all(|it| it.is_ascii_digit()),
        "{code}"
    );
    let sent = server.simulator().sent().pop().unwrap();
    let parts = sent.body["template"]["components"].as_array().unwrap();
    assert!(
        parts
            .iter()
            .all(|part| part["parameters"][0]["text"] == code.as_str())
    );
    let body = with(body, "template_name", json!("hello_world"));
    let reply = send(&acme, "template", body).await;
    let expected =
        json!({"auto_generate_otp": ["Template must be an AUTHENTICATION category template"]});
    assert_eq!(Value::from(complaints(&reply)), expected);
}

on_both_engines!(
    a_template_is_sent_filled_in,
    a_header_may_be_a_picture_at_an_address_or_with_the_request,
    a_code_may_be_made_here,
);

#[tokio::test]
async fn nobody_who_wants_no_advertisements_gets_one() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let host = FileHost::start().await;
    tenant
        .opt_out_of(PHONE, domain::consent::Topic::Marketing)
        .await;
    let url = json!(host.url("picture.png"));
    let reply = send(&acme, "template", sale("header_image_url", url)).await;
    assert_eq!(reply.status, 403, "{}", reply.text());
    assert_eq!(reply.json()["error"]["code"], "CONTACT_OPTED_OUT");
    // What is not an advertisement reaches them.
    assert_eq!(send(&acme, "template", order()).await.status, 200);
}

#[tokio::test]
async fn what_a_template_lacks_is_said_before_anybody_is_made_a_contact() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let stranger = |body| with(body, "phone", json!("+27829990001"));
    let missing = |field: &str| json!([format!("The {field} field is required.")]);
    let mut bare = order();
    for field in ["field_1", "field_2", "button_0"] {
        bare.as_object_mut().unwrap().remove(field);
    }
    for (body, expected) in [
        (
            bare,
            json!({
                "field_1": missing("field 1"), "field_2": missing("field 2"),
                "button_0": missing("button 0"),
            }),
        ),
        (
            sale("field_1", json!("Mara")),
            json!({"header_image_url": ["The header image url field is required when header image \
                file is not present."]}),
        ),
    ] {
        let reply = send(&acme, "template", stranger(body)).await;
        assert_eq!(Value::from(complaints(&reply)), expected);
    }
    let absent = failure("NOT_FOUND", "Template not found", "null");
    for (field, value) in [("template_name", "nothing"), ("language", "de")] {
        let body = with(stranger(order()), field, json!(value));
        send(&acme, "template", body).await.assert(404, &absent);
    }
    assert_eq!(
        (
            tenant.contact_count().await,
            server.simulator().sent().len()
        ),
        (1, 0)
    );
    // Who is new is made once all is well.
    assert_eq!(send(&acme, "template", stranger(order())).await.status, 200);
    assert_eq!(tenant.contact_count().await, 2);
}

#[tokio::test]
async fn everything_wrong_with_a_template_is_said_at_once() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let details = r#"{"phone":["Phone number is required"],
        "template_name":["The template name field is required."],
        "language":["The language field is required."]}"#;
    let expected = failure("VALIDATION_ERROR", "Validation failed", details);
    send(&acme, "template", json!({}))
        .await
        .assert(422, &expected);
    let body = json!({
        "phone": PHONE, "template_name": "x", "language": "x".repeat(11), "field_1": ["x"],
        "header_image_url": "x", "header_image_file": "x", "header_document_name": "x".repeat(256),
        "auto_generate_otp": "perhaps", "otp_field_number": 7,
    });
    let reply = send(&acme, "template", body).await;
    let expected = json!({
        "language": ["The language field must not be greater than 10 characters."],
        "header_image_file": ["The header image file field must be a file."],
        "header_image_url": ["The header image url field must be a valid URL."],
        "header_document_name":
            ["The header document name field must not be greater than 255 characters."],
        "field_1": ["The field 1 field must be a string."],
        "auto_generate_otp": ["The auto generate otp field must be true or false."],
        "otp_field_number": ["The otp field number field must not be greater than 6."],
    });
    assert_eq!(Value::from(complaints(&reply)), expected);
}

#[tokio::test]
async fn a_header_that_cannot_go_says_which_field_brought_it() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let host = FileHost::start().await;
    let url = json!(host.url("missing.png"));
    let reply = send(&acme, "template", sale("header_image_url", url)).await;
    let why = "The header image url field is invalid: 127.0.0.1 answered with status 404.";
    assert_eq!(
        Value::from(complaints(&reply)),
        json!({"header_image_url": [why]})
    );
    let parts = [
        Part::text("phone", PHONE),
        Part::text("template_name", "summer_sale"),
        Part::text("language", "en_US"),
        Part::file("header_image_file", "sale.png", b"%PDF-1.7"),
    ];
    let reply = form(&acme, "template", &parts).await;
    assert!(
        complaints(&reply).contains_key("header_image_file"),
        "{}",
        reply.text()
    );
}
