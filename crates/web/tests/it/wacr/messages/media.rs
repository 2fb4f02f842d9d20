//! `POST /api/v2/messages/media`.

use domain::message::Status;
use serde_json::{Value, json};
use test_support::{FileHost, PICTURE, TestServer};

use super::{PHONE, Part, complaints, failure, form, send, shop};

fn at(kind: &str, url: &str) -> Value {
    json!({"phone": PHONE, "media_type": kind, "media_url": url, "caption": "A caption"})
}

async fn media_at_an_address_reach_whatsapp(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let host = FileHost::start().await;
    for (kind, file, said) in [
        ("image", "picture.png", json!({"caption": "A caption"})),
        ("video", "film.mp4", json!({"caption": "A caption"})),
        ("audio", "sound.ogg", json!({})),
        (
            "document",
            "paper.pdf",
            json!({"caption": "A caption", "filename": "paper.pdf"}),
        ),
    ] {
        let url = host.url(file);
        let reply = send(&acme, "media", at(kind, &url)).await;
        let row = tenant.messages(PHONE).await.remove(0);
        let caption = said.get("caption").unwrap_or(&Value::Null);
        let expected = format!(
            r#"{{"message_id":"<wamid>","contact_id":{},"phone":"27821112233",
            "media_type":"{kind}","media_url":"{url}","caption":{caption},"filename":null,
            "status":"sent","sent_at":"<time>","chat_id":{},"chat_message_id":{}}}"#,
            row.contact_id, row.conversation_id, row.id
        );
        let sent_at = reply.json()["data"]["sent_at"].as_str().unwrap().to_owned();
        let expected = expected.replace("<time>", &sent_at);
        let expected = format!(
            r#"{{"success":true,"data":{expected},"message":"Media message sent successfully",
            "meta":{{"request_id":"<uuid>","timestamp":"{sent_at}"}}}}"#
        );
        reply.assert(200, &expected);
        let sent = server.simulator().sent().pop().unwrap();
        let mut got = sent.body[kind].clone();
        assert!(got.as_object_mut().unwrap().remove("id").is_some());
        assert_eq!(got, said);
        server.clock.advance_seconds(1);
    }
}

async fn a_file_may_come_with_the_request(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let parts = [
        Part::text("phone", PHONE),
        Part::text("media_type", "document"),
        Part::text("caption", "Your invoice"),
        Part::file("media_file", "Invoice 7.pdf", b"%PDF-1.7"),
    ];
    let reply = form(&acme, "media", &parts).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let data = &reply.json()["data"];
    // The file is read at this server from now on.
    let url = data["media_url"].as_str().unwrap();
    assert!(url.starts_with(test_support::PUBLIC_URL), "{url}");
    assert_eq!(data["filename"], Value::Null);
    assert_eq!(
        (&data["media_type"], &data["caption"]),
        (&json!("document"), &json!("Your invoice"))
    );
    let sent = server.simulator().sent().pop().unwrap();
    assert_eq!(sent.body["document"]["filename"], "Invoice 7.pdf");
    assert_eq!(sent.body["document"]["caption"], "Your invoice");
    assert!(sent.body["document"]["id"].is_string());
    assert_eq!(tenant.messages(PHONE).await[0].status, Status::Accepted);
    // The same file is given to WhatsApp once.
    assert_eq!(form(&acme, "media", &parts).await.status, 200);
    let again = server.simulator().sent().pop().unwrap();
    assert_eq!(again.body["document"]["id"], sent.body["document"]["id"]);
}

on_both_engines!(
    media_at_an_address_reach_whatsapp,
    a_file_may_come_with_the_request
);

#[tokio::test]
async fn everything_wrong_with_media_is_said_at_once() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    for (body, expected) in [
        (
            json!({}),
            json!({
                "phone": ["Phone number is required"],
                "media_type": ["The media type field is required."],
                "media_url": ["The media url field is required when media file is not present."],
                "media_file": ["The media file field is required when media url is not present."],
            }),
        ),
        (
            json!({"phone": "+27 82 111 2233 1", "media_type": "sticker", "media_url": "x",
                "media_file": "picture.png", "caption": "é".repeat(1025),
                "filename": "é".repeat(256),
                "contact": {"email": "x", "country": "ZA", "assigned_id": "x"}}),
            json!({
                "phone": ["The phone field must not be greater than 15 characters."],
                "media_type": ["The selected media type is invalid."],
                "media_url": ["The media url field must be a valid URL."],
                "media_file": ["The media file field must be a file."],
                "caption": ["The caption field must not be greater than 1024 characters."],
                "filename": ["The filename field must not be greater than 255 characters."],
                "contact.email": ["The contact.email field must be a valid email address."],
                "contact.country": ["The contact.country field must be an integer."],
                "contact.assigned_id": ["The contact.assigned id field must be an integer."],
            }),
        ),
    ] {
        let reply = send(&acme, "media", body).await;
        assert_eq!(Value::from(complaints(&reply)), expected);
    }
    assert!(tenant.messages(PHONE).await.is_empty());
}

#[tokio::test]
async fn a_file_that_cannot_go_says_why() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let long = [PICTURE, &[0; 5 << 20]].concat();
    for (kind, name, bytes, why) in [
        (
            "image",
            "picture.gif",
            &b"GIF8"[..],
            "must be a file of type: jpg, jpeg, png, webp.",
        ),
        (
            "image",
            "picture",
            PICTURE,
            "must be a file of type: jpg, jpeg, png, webp.",
        ),
        (
            "image",
            "PICTURE.PNG",
            &long,
            "must not be greater than 5120 kilobytes.",
        ),
        ("audio", "sound.mp3", b"", "is invalid: the file is empty."),
        (
            "image",
            "picture.png",
            b"%PDF-1.7",
            "is invalid: the file is application/pdf, and WhatsApp takes for image only \
             image/jpeg, image/png.",
        ),
    ] {
        let parts = [
            Part::text("phone", PHONE),
            Part::text("media_type", kind),
            Part::file("media_file", name, bytes),
        ];
        let reply = form(&acme, "media", &parts).await;
        let expected = json!({"media_file": [format!("The media file field {why}")]});
        assert_eq!(Value::from(complaints(&reply)), expected, "{name}");
    }
    assert!(tenant.messages(PHONE).await.is_empty());
    let host = FileHost::start().await;
    let reply = send(&acme, "media", at("image", &host.url("missing.png"))).await;
    let why = "The media url field is invalid: 127.0.0.1 answered with status 404.";
    assert_eq!(Value::from(complaints(&reply)), json!({"media_url": [why]}));
    assert_eq!(server.simulator().requests(), 0);
}

#[tokio::test]
async fn a_form_that_is_none_says_so() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let post = async |path: &str, kind: &str, body: &'static str| {
        let request = http::Request::post(path)
            .header("authorization", acme.header())
            .header("content-type", kind);
        acme.send(request.body(body.into()).unwrap()).await
    };
    let path = "/api/v2/messages/media";
    let reply = post(path, "multipart/form-data", "").await;
    let bad = "The request body is no form that can be read";
    reply.assert(400, &failure("BAD_REQUEST", bad, "null"));
    let reply = post(
        path,
        "multipart/form-data; boundary=b",
        "--b\r\nContent-Dis",
    )
    .await;
    let broken = "The request body broke off";
    reply.assert(400, &failure("BAD_REQUEST", broken, "null"));
    for path in [path, "/api/v2/messages/text"] {
        let reply = post(path, "text/plain", "hello").await;
        assert_eq!(reply.status, 415, "{}", reply.text());
    }
}

#[tokio::test]
async fn a_new_contact_may_be_told_of() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let group = tenant.group("Wholesale").await;
    let told = |phone| {
        [
            Part::text("phone", phone),
            Part::text("media_type", "image"),
            Part::text("contact[firstname]", "Ola"),
            Part::text("contact[email]", "Ola@acme.test"),
            Part::text("contact[country]", "47"),
            Part::text("contact[assigned_id]", "9"),
            Part::text("contact[groups]", &format!("{group}, 12345, x")),
            Part::file("media_file", "picture.png", PICTURE),
        ]
    };
    let reply = form(&acme, "media", &told("+4791234567")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let made = tenant.contact("+4791234567").await;
    assert_eq!(made.name.full.as_deref(), Some("Ola"));
    assert_eq!(made.email.as_deref(), Some("Ola@acme.test"));
    assert_eq!(
        (made.address.country_id, made.assignee_id),
        (Some(47), Some(9))
    );
    let groups = tenant.store.groups_of_contact(made.id).await.unwrap();
    assert_eq!(
        groups.iter().map(|it| it.get()).collect::<Vec<_>>(),
        [group]
    );
    // Somebody else may not have the same address.
    let reply = form(&acme, "media", &told("+4791234568")).await;
    let taken = json!({"contact.email": ["This email address already exists"]});
    assert_eq!(Value::from(complaints(&reply)), taken);
    assert_eq!(
        (tenant.contact_count().await, server.simulator().requests()),
        (2, 1)
    );
}
