//! `GET /conversations`.

use domain::Phone;
use domain::message::Content;
use domain::message::content::{Reaction, Text};
use operations::ReceiveMessage;
use serde_json::{Value, json};
use test_support::{Actor, TestServer, TestTenant};

use super::contacts::create;

const NUMBER: &str = "+27821112233";

/// Lets a person write, a minute after whatever was before.
async fn wrote(server: &TestServer, tenant: &TestTenant, content: Content) {
    server.clock.advance_seconds(60);
    let message = ReceiveMessage {
        from: Phone::parse(NUMBER, tenant.tenant.country).unwrap(),
        profile_name: "Thandi".to_owned(),
        content,
        wamid: format!("wamid.{}", server.clock.now()),
    };
    let operator = tenant.operator();
    let received = server.operations.receive_message(&operator, message);
    received.await.unwrap();
}

fn words(body: &str) -> Content {
    Content::Text(Text {
        body: body.to_owned(),
        preview_url: false,
    })
}

/// Sends a text, a minute after whatever was before, and returns WhatsApp's id of it.
async fn sent(server: &TestServer, actor: &Actor, text: &str) -> String {
    server.clock.advance_seconds(60);
    let body = json!({"phone_number": NUMBER, "message_type": "text", "text": text});
    let sent = actor.post("/send-whatsapp", body).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    sent.json()["data"]["message_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn texts(answer: &Value) -> Vec<&str> {
    let messages = answer["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|it| it["message"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn messages_are_told_newest_first() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    create(&acme, NUMBER).await;
    let wamid = sent(&server, &acme, "Good morning").await;
    wrote(&server, &tenant, words("Is it in stock?")).await;
    let reaction = Reaction {
        message_id: wamid,
        emoji: "👍".to_owned(),
    };
    wrote(&server, &tenant, Content::Reaction(reaction)).await;
    let path = "/conversations?whatsappNumber=27821112233&limit=2&page=2";
    acme.get(path).await.assert(
        200,
        r#"{"success":true,"messages":[{"message":"Good morning","sender_type":"bot-whatsapp","created_at":"2026-03-10T08:16:00Z","message_status":"sent","media_type":null,"media_url":null,"assignee":null,"voice_note_transcription":null,"reactions":[{"emoji":"👍","sender_type":"user-whatsapp","created_at":"2026-03-10T08:18:00Z"}]}],"pagination":{"currentPage":2,"totalPages":2,"totalMessages":3,"messagesPerPage":2,"hasNextPage":false,"hasPrevPage":true},"count":1,"searchTerms":null,"filtered":false,"stored":false}"#,
    );
    let all = acme
        .get("/conversations?phoneNumber=0821112233")
        .await
        .json();
    assert_eq!(texts(&all), ["👍", "Is it in stock?", "Good morning"]);
    assert_eq!(all["messages"][1]["sender_type"], "user-whatsapp");
    assert_eq!(all["messages"][1]["message_status"], "delivered");
    let id = tenant.contact(NUMBER).await.id.to_uuid();
    let path = format!("/conversations?contactId={id}&ascending=true&action=conversation-messages");
    let oldest_first = acme.get(&path).await.json();
    assert_eq!(
        texts(&oldest_first),
        ["Good morning", "Is it in stock?", "👍"]
    );
    server.settle().await;
}

#[tokio::test]
async fn terms_find_messages_that_have_any_of_them() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    create(&acme, NUMBER).await;
    for text in ["Order #1001 is here", "Hello", "It is URGENT"] {
        sent(&server, &acme, text).await;
    }
    for parameter in ["query", "search"] {
        let path = format!(
            "/conversations?whatsappNumber={NUMBER}&{parameter}=%231001,%20urgent,&limit=1"
        );
        let found = acme.get(&path).await.json();
        assert_eq!(texts(&found), ["It is URGENT"]);
        assert_eq!(found["searchTerms"], json!(["#1001", "urgent"]));
        assert_eq!(found["filtered"], true);
        assert_eq!(found["pagination"]["totalMessages"], 2);
        assert_eq!(found["pagination"]["hasNextPage"], true);
    }
    let path = format!("/conversations?whatsappNumber={NUMBER}&query=bye");
    let none = acme.get(&path).await.json();
    assert_eq!(
        (texts(&none).len(), &none["pagination"]["totalPages"]),
        (0, &json!(0))
    );
    server.settle().await;
}

#[tokio::test]
async fn what_is_no_text_has_words_too() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    create(&acme, NUMBER).await;
    sent(&server, &acme, "First").await;
    for content in [
        json!({"kind": "image", "url": "https://shop.test/a.png", "caption": "Ours"}),
        json!({"kind": "audio", "media_id": "123"}),
        json!({"kind": "interactive", "body": "Which?", "header": {"kind": "text", "text": "Size"},
            "action": {"kind": "buttons", "buttons": [{"id": "s", "title": "Small"}]}}),
        json!({"kind": "location", "latitude": -33.9, "longitude": 18.4, "name": "Table Bay"}),
        json!({"kind": "template", "name": "order_update", "language": "en",
            "body": [{"kind": "text", "text": "A-17"}]}),
        json!({"kind": "unsupported", "name": "revoked"}),
    ] {
        wrote(&server, &tenant, serde_json::from_value(content).unwrap()).await;
    }
    let path = format!("/conversations?whatsappNumber={NUMBER}&ascending=true");
    let all = acme.get(&path).await.json();
    let sound = all["messages"][2]["media_url"].clone();
    let here = "https://api.switchboard.test/media/";
    assert!(sound.as_str().unwrap().starts_with(here), "{sound}");
    let told: Vec<_> = all["messages"].as_array().unwrap()[1..]
        .iter()
        .map(|it| json!([it["message"], it["media_type"], it["media_url"]]))
        .collect();
    let buttons = r#"{"body":"Which?","buttons":["Small"],"footer":null,"header":"Size"}"#;
    let template = r#"{"body":["A-17"],"language":"en","template":"order_update"}"#;
    assert_eq!(
        told,
        [
            json!(["Ours", "image", "https://shop.test/a.png"]),
            json!([null, "audio", sound]),
            json!([buttons, "interactive", null]),
            json!(["Table Bay", null, null]),
            json!([template, null, null]),
            json!([null, null, null]),
        ]
    );
    server.settle().await;
}

#[tokio::test]
async fn contacts_are_listed_and_searched() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    for (number, name, tags) in [
        ("+27821112233", "Thandi Nkosi", "lead, web"),
        ("+27829990001", "Sipho", ""),
    ] {
        server.clock.advance_seconds(60);
        let body = json!({"phone_number": number, "name": name, "tags": tags});
        assert_eq!(acme.post("/contact", body).await.status, 201);
    }
    acme.get("/conversations?action=contacts&limit=1&page=2").await.assert(
        200,
        r#"{"success":true,"contacts":[{"id":"<uuid>","full_name":"Thandi Nkosi","whatsapp_id":"27821112233","phone_number":"+27821112233","email":null,"created_at":"2026-03-10T08:16:00Z","tags":["lead","web"],"has_unread_messages":false,"bot_status":"active","archived":false}],"pagination":{"currentPage":2,"totalPages":2,"totalContacts":2,"contactsPerPage":1,"hasNextPage":false,"hasPrevPage":true},"count":1}"#,
    );
    for (search, names) in [
        ("nkosi", &["Thandi Nkosi"][..]),
        ("082%20999", &["Sipho"]),
        ("%2B2782", &["Sipho", "Thandi Nkosi"]),
        ("nobody", &[]),
    ] {
        let path = format!("/conversations?action=contacts&search={search}");
        let found = acme.get(&path).await.json();
        let found: Vec<_> = found["contacts"].as_array().unwrap().iter().collect();
        let found: Vec<_> = found
            .iter()
            .map(|it| it["full_name"].as_str().unwrap())
            .collect();
        assert_eq!(found, names, "{search}");
    }
}

#[tokio::test]
async fn a_contact_is_found_by_phone() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    create(&acme, NUMBER).await;
    let path = "/conversations?action=find-by-phone&phoneNumber=082%20111%202233&tenantId=acme";
    let found = acme.get(path).await.json();
    assert_eq!(found["contact"]["phone_number"], NUMBER);
    assert_eq!(found["original_phone"], "082 111 2233");
    assert_eq!(found["normalized_phone"], "27821112233");
    acme.get("/conversations?action=find-by-phone&whatsappNumber=27829990002")
        .await
        .assert(
            404,
            r#"{"success":false,"error":"Contact not found for the provided phone number","normalized_phone":"27829990002"}"#,
        );
}

#[tokio::test]
async fn limits_and_pages_are_brought_into_range() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    create(&acme, NUMBER).await;
    for (asked, page, limit) in [
        ("", 1, 10),
        ("&limit=0&page=0", 1, 1),
        ("&limit=1000&page=-3", 1, 100),
        ("&limit=ten&page=two", 1, 10),
        ("&page=99999999999999999999&limit=5", 1, 5),
        ("&page=9223372036854775807", 1_u64 << 40, 10),
    ] {
        let path = format!("/conversations?whatsappNumber={NUMBER}{asked}");
        let answer = acme.get(&path).await;
        assert_eq!(answer.status, 200, "{asked}: {}", answer.text());
        let pages = &answer.json()["pagination"];
        assert_eq!(pages["currentPage"], json!(page), "{asked}");
        assert_eq!(pages["messagesPerPage"], json!(limit), "{asked}");
    }
    let contacts = acme.get("/conversations?action=contacts").await.json();
    assert_eq!(contacts["pagination"]["contactsPerPage"], 50);
}

#[tokio::test]
async fn every_error_says_that_there_was_no_success() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    server.tenant("globex").await;
    create(&acme, NUMBER).await;
    let contact = create(&acme, "+27829990001").await.json();
    let message = contact["contact"]["id"]
        .as_str()
        .unwrap()
        .replace("8002", "8003");
    for (path, status, body) in [
        (
            "/conversations?action=all".to_owned(),
            400,
            r#"{"success":false,"error":"Invalid action","message":"Use: conversation-messages, contacts, or find-by-phone"}"#,
        ),
        (
            "/conversations".to_owned(),
            400,
            r#"{"success":false,"error":"Missing required field","message":"whatsappNumber or contactId is required"}"#,
        ),
        (
            "/conversations?action=find-by-phone".to_owned(),
            400,
            r#"{"success":false,"error":"Missing required field","message":"whatsappNumber is required"}"#,
        ),
        (
            "/conversations?whatsappNumber=abc".to_owned(),
            400,
            r#"{"success":false,"error":"Invalid phone number","message":"Phone number must include country code and be at least 10 digits"}"#,
        ),
        (
            "/conversations?whatsappNumber=27820000000".to_owned(),
            404,
            r#"{"success":false,"error":"Contact not found for the provided phone number","normalized_phone":"27820000000"}"#,
        ),
        (
            format!("/conversations?contactId={message}"),
            404,
            r#"{"success":false,"error":"Contact not found","message":"No contact found with this contactId"}"#,
        ),
        (
            format!("/conversations?whatsappNumber={NUMBER}&orderId=99"),
            404,
            r#"{"success":false,"error":"Shopify order not found","orderId":"99"}"#,
        ),
        (
            "/conversations?tenantId=nobody".to_owned(),
            404,
            r#"{"success":false,"error":"Organization not found","message":"No organization found with tenantId: nobody"}"#,
        ),
        (
            "/conversations?tenantId=globex".to_owned(),
            401,
            r#"{"success":false,"error":"Authentication mismatch","message":"Bearer token does not match the provided tenantId"}"#,
        ),
    ] {
        acme.get(&path).await.assert(status, body);
    }
}

#[tokio::test]
async fn errors_before_the_handler_say_so_too() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    let request = http::Request::get("/conversations").body(bytes::Bytes::new());
    server.stranger().send(request.unwrap()).await.assert(
        401,
        r#"{"success":false,"error":"Authorization required","message":"Please provide Authorization bearer token"}"#,
    );
    acme.with_key("nonsense").get("/conversations").await.assert(
        401,
        r#"{"success":false,"error":"Invalid token format","message":"Bearer token must be an API key (fiq_...)"}"#,
    );
}

async fn another_tenants_contact_is_as_not_existing(server: TestServer) {
    let (acme, globex) = (server.tenant("acme").await, server.tenant("globex").await);
    let actor = acme.flowiq().await;
    create(&actor, NUMBER).await;
    sent(&server, &actor, "Hello").await;
    let id = acme.contact(NUMBER).await.id.to_uuid();
    let theirs = globex.flowiq().await;
    for query in [
        format!("contactId={id}"),
        format!("whatsappNumber={NUMBER}"),
        format!("action=find-by-phone&whatsappNumber={NUMBER}"),
    ] {
        let answer = theirs.get(&format!("/conversations?{query}")).await;
        assert_eq!(answer.status, 404, "{query}: {}", answer.text());
    }
    let all = theirs.get("/conversations?action=contacts").await.json();
    assert_eq!(all["pagination"]["totalContacts"], 0);
    server.settle().await;
}

on_both_engines!(another_tenants_contact_is_as_not_existing);
