//! `POST /send-whatsapp`.

use domain::message::{Direction, Status};
use serde_json::{Value, json};
use test_support::{Actor, Reply, Setup, TestServer, TestTenant};

pub(super) const PHONE: &str = "+27821112233";

/// A tenant that knows one person.
pub(super) async fn shop(server: &TestServer) -> (TestTenant, Actor) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    let body = json!({"phone_number": PHONE, "name": "Thandi Nkosi"});
    assert_eq!(acme.post("/contact", body).await.status, 201);
    (tenant, acme)
}

pub(super) async fn send(actor: &Actor, body: Value) -> Reply {
    actor.post("/send-whatsapp", body).await
}

pub(super) fn text() -> Value {
    json!({"phone_number": PHONE, "message_type": "text", "text": "Hello"})
}

pub(super) const SENT: &str = r#"{"success":true,"message":"Message sent successfully",
    "data":{"message_id":"<wamid>","recipient":"27821112233","message_type":"text"}}"#;

async fn a_text_is_sent_and_its_row_says_so(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let reply = send(&acme, text()).await;
    reply.assert(200, SENT);
    let sent = server.simulator().sent();
    assert_eq!((sent.len(), server.simulator().requests()), (1, 1));
    assert_eq!(reply.json()["data"]["message_id"], sent[0].wamid);
    let messages = tenant.messages(PHONE).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].status, Status::Accepted);
    assert_eq!(messages[0].direction, Direction::Outbound);
    assert_eq!(messages[0].wamid.as_deref(), Some(sent[0].wamid.as_str()));
    let opaque = messages[0].id.to_cuid();
    assert_eq!(
        sent[0].body,
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+27821112233",
            "type": "text", "text": {"body": "Hello", "preview_url": false},
            "biz_opaque_callback_data": opaque,
        })
    );
}

on_both_engines!(a_text_is_sent_and_its_row_says_so);

#[tokio::test]
async fn a_text_has_4096_characters_at_most() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let with = |text: String| json!({"phone_number": PHONE, "message_type": "text", "text": text});
    send(&acme, with("é".repeat(4096))).await.assert(200, SENT);
    send(&acme, with("é".repeat(4097))).await.assert(
        400,
        r#"{"error":"Invalid text message","message":"text may have 4096 characters at most"}"#,
    );
    send(&acme, with(" \n".to_owned())).await.assert(
        400,
        r#"{"error":"Missing required field","message":"text is required for text messages"}"#,
    );
}

#[tokio::test]
async fn a_reply_names_the_message_it_answers() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let mut body = text();
    body["context_message_id"] = json!("wamid.HBgLMjc4MjExMTIyMzMVAgARGBI5QUY0");
    send(&acme, body).await.assert(200, SENT);
    let sent = server.simulator().sent();
    let context = json!({"message_id": "wamid.HBgLMjc4MjExMTIyMzMVAgARGBI5QUY0"});
    assert_eq!(sent[0].body["context"], context);
    let kept = tenant.messages(PHONE).await.remove(0).context_wamid;
    assert_eq!(kept.as_deref(), context["message_id"].as_str());
}

#[tokio::test]
async fn a_message_reaches_its_contact_however_the_number_is_written() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    for spelling in ["27821112233", "+27 (82) 111-2233", "0821112233"] {
        let body = json!({"phone_number": spelling, "message_type": "text", "text": "Hello"});
        send(&acme, body).await.assert(200, SENT);
    }
    assert!(
        server
            .simulator()
            .sent()
            .iter()
            .all(|sent| sent.to == "27821112233")
    );
    assert_eq!(tenant.messages(PHONE).await.len(), 3);
}

#[tokio::test]
async fn whatsapps_answer_teaches_us_its_id_of_a_number() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let phone = json!({"phone": "+5541996910256"});
    tenant
        .flowella()
        .await
        .post("/api/v1/contacts", phone)
        .await;
    assert_eq!(tenant.contact("+5541996910256").await.wa_id, None);
    let body = json!({"phone_number": "+5541996910256", "message_type": "text", "text": "Oi"});
    assert_eq!(send(&tenant.flowiq().await, body).await.status, 200);
    let learned = tenant.contact("+5541996910256").await.wa_id;
    assert_eq!(learned.as_deref(), Some("554196910256"));
}

#[tokio::test]
async fn only_a_contact_is_written_to() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let body = json!({"phone_number": "0829990001", "message_type": "text", "text": "Hello"});
    send(&acme, body).await.assert(
        404,
        r#"{"error":"Contact not found","message":"No contact exists with WhatsApp number 27829990001. Please create the contact first using the /api/contact endpoint.","whatsapp_id":"27829990001"}"#,
    );
    assert_eq!(server.simulator().requests(), 0);
}

#[tokio::test]
async fn what_a_request_says_is_checked_before_what_the_tenant_has() {
    let setup = Setup {
        has_simulator: false,
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let acme = server.tenant("acme").await.flowiq().await;
    let missing =
        |message: &str| format!(r#"{{"error":"Missing required field","message":"{message}"}}"#);
    for (body, expected) in [
        (
            json!({"message_type": "fax"}),
            missing("phone_number is required"),
        ),
        (
            json!({"phone_number": "x"}),
            missing("message_type is required"),
        ),
        (
            json!({"phone_number": "x", "message_type": "text"}),
            missing("text is required for text messages"),
        ),
        (
            json!({"phone_number": "x", "message_type": "text", "text": "Hello"}),
            r#"{"error":"Invalid phone number",
            "message":"Phone number must include country code and be at least 10 digits"}"#
                .to_owned(),
        ),
        // Whether there is a number to send from comes before whether there is a contact.
        (
            text(),
            r#"{"error":"Meta not configured",
            "message":"Organization Meta WhatsApp credentials are not configured"}"#
                .to_owned(),
        ),
    ] {
        send(&acme, body).await.assert(400, &expected);
    }
}

#[tokio::test]
async fn a_closed_window_is_no_reason_to_refuse() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    server.clock.advance_seconds(48 * 3600);
    send(&acme, text()).await.assert(200, SENT);
}
