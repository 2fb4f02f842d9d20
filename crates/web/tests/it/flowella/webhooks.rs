//! What is told in Flowella's words.

use std::io::Write;
use std::process::{Command, Stdio};

use domain::key::Api;
use operations::{CreateWebhook, WebhookMade};
use serde_json::{Value, json};
use test_support::meta::{SECONDS, contact, text};
use test_support::{Heard, Meta, Receiver, TestServer, TestTenant};

const ANA: &str = "27825550101";

/// An organization that hears of everything.
struct Listening {
    server: TestServer,
    acme: TestTenant,
    meta: Meta,
    receiver: Receiver,
    secret: String,
    webhook: domain::ids::WebhookId,
}

impl Listening {
    async fn to(events: &[&str]) -> Self {
        let server = TestServer::start().await;
        let acme = server.tenant("acme").await;
        let meta = acme.meta("1001").await;
        let receiver = Receiver::start().await;
        let create = CreateWebhook {
            api: Api::Flowella,
            url: receiver.url.clone(),
            events: events.iter().map(|it| (*it).to_owned()).collect(),
            platform: "whatsapp".to_owned(),
            is_signed: false,
        };
        let operator = acme.operator();
        let made = server.operations.create_webhook(&operator, create).await;
        let WebhookMade::Made(made) = made.unwrap() else {
            panic!("the webhook was refused");
        };
        Self {
            server,
            acme,
            meta,
            receiver,
            secret: made.secret.unwrap(),
            webhook: made.webhook.id,
        }
    }

    async fn say(&self, parts: Value) {
        self.meta.say(&self.meta.payload(&parts)).await;
    }

    async fn hear(&self, body: &str, wamid: &str) {
        let said = json!({"contacts": [contact(ANA, "Ana Lima")],
            "messages": [text(ANA, wamid, body)]});
        self.say(said).await;
    }

    async fn told(&self) -> Vec<Heard> {
        assert!(self.server.operations.tell_events().await.unwrap());
        self.server.settle().await;
        self.receiver.take()
    }
}

fn events(told: &[Heard]) -> Vec<String> {
    let event = |it: &Heard| it.json()["event"].as_str().unwrap().to_owned();
    told.iter().map(event).collect()
}

/// Returns the signature as Python's own library makes it.
fn python_signature(secret: &str, body: &str) -> String {
    let script = "import hmac, sys; print(hmac.new(sys.argv[1].encode(), \
         sys.stdin.buffer.read(), 'sha256').hexdigest(), end='')";
    let mut python = Command::new("python3")
        .args(["-c", script, secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    input.write_all(body.as_bytes()).unwrap();
    drop(input);
    String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap()
}

#[tokio::test]
async fn a_message_is_told_and_signed() {
    let here = Listening::to(&["message.received"]).await;
    here.hear("Olá 😀", "wamid.1").await;
    let told = here.told().await;
    assert_eq!(told.len(), 1);
    told[0].assert(
        r#"{"event":"message.received","timestamp":"2026-03-10T08:14:00.000Z",
        "organizationId":"<cuid>","data":{"id":"<cuid>","conversationId":"<cuid>",
        "contactId":"<cuid>","whatsappChannelId":"<cuid>","metaMessageId":"wamid.1",
        "direction":"INBOUND","type":"text","status":"RECEIVED","text":"Olá 😀","media":null,
        "replyToMetaMessageId":null,"contact":{"id":"<cuid>","phone":"+27825550101",
        "name":"Ana Lima","waId":null},"error":null,
        "createdAt":"2026-03-10T08:14:00.000Z"}}"#,
    );
    let organization = here.acme.tenant.id.to_cuid();
    assert_eq!(told[0].json()["organizationId"], json!(organization));
    assert_eq!(told[0].header("content-type"), "application/json");
    assert_eq!(told[0].header("user-agent"), "Flowella-Webhooks/1");
    assert_eq!(told[0].header("x-flowella-event"), "message.received");
    let now = here.server.clock.now().as_second().to_string();
    assert_eq!(told[0].header("x-flowella-timestamp"), now);
    assert_eq!(told[0].header("x-flowella-delivery").len(), 25);
    let signature = python_signature(&here.secret, &told[0].body);
    assert_eq!(signature.len(), 64);
    assert_eq!(told[0].header("x-flowella-signature"), signature);
}

#[tokio::test]
async fn a_new_secret_signs_from_then_on() {
    let here = Listening::to(&["all"]).await;
    let operations = &here.server.operations;
    let operator = here.acme.operator();
    let secret = operations
        .renew_webhook_secret(&operator, here.webhook)
        .await
        .unwrap()
        .unwrap();
    assert!(secret.starts_with("whsec_"));
    assert_ne!(secret, here.secret);
    let tested = operations.test_webhook(&operator, here.webhook).await;
    assert!(tested.unwrap().is_some());
    let test = here.receiver.take().remove(0);
    test.assert(
        r#"{"event":"webhook.test","timestamp":"2026-03-10T08:15:00.000Z",
        "organizationId":"<cuid>","data":{"id":"test","message":"This is a test"}}"#,
    );
    assert_eq!(test.header("x-flowella-event"), "webhook.test");
    let signature = python_signature(&secret, &test.body);
    assert_eq!(test.header("x-flowella-signature"), signature);
    // It is sealed where it is kept.
    let kept = here
        .acme
        .store
        .webhook(here.webhook)
        .await
        .unwrap()
        .unwrap();
    let sealed = String::from_utf8_lossy(&kept.secret_sealed.unwrap()).into_owned();
    assert!(!sealed.contains(&secret));
}

#[tokio::test]
async fn a_conversation_its_messages_and_an_opt_out_are_told_in_their_order() {
    let here = Listening::to(&["all"]).await;
    here.hear("Hello", "wamid.1").await;
    here.hear("STOP", "wamid.2").await;
    let told = here.told().await;
    let expected = [
        "conversation.opened",
        "message.received",
        "message.received",
        "optout.created",
    ];
    assert_eq!(events(&told), expected);
    told[0].assert(
        r#"{"event":"conversation.opened","timestamp":"2026-03-10T08:14:00.000Z",
        "organizationId":"<cuid>","data":{"id":"<cuid>","status":"OPEN",
        "createdAt":"2026-03-10T08:14:00.000Z","whatsappChannelId":"<cuid>",
        "contact":{"id":"<cuid>","phone":"+27825550101","name":"Ana Lima",
        "waId":null},"lastMessageAt":"2026-03-10T08:14:00.000Z"}}"#,
    );
    told[3].assert(
        r#"{"event":"optout.created","timestamp":"2026-03-10T08:14:00.000Z",
        "organizationId":"<cuid>","data":{"id":"<cuid>","active":true,"topic":"all",
        "source":"keyword","reason":null,"whatsappChannelId":"<cuid>",
        "contact":{"id":"<cuid>","phone":"+27825550101","name":"Ana Lima",
        "waId":null},"createdAt":"2026-03-10T08:14:00.000Z"}}"#,
    );
}

#[tokio::test]
async fn a_message_that_fails_says_why() {
    let here = Listening::to(&["message.sent", "message.failed"]).await;
    here.hear("Hello", "wamid.1").await;
    let body = json!({"phone_number": format!("+{ANA}"), "message_type": "text", "text": "Hi"});
    let reply = here.acme.flowiq().await.post("/send-whatsapp", body).await;
    let wamid = reply.json()["data"]["message_id"].clone();
    let report = |status: &str, errors: Value| {
        json!({"id": wamid, "status": status, "timestamp": SECONDS.to_string(),
            "recipient_id": ANA, "errors": errors})
    };
    let error = json!([{"code": 131_026, "title": "Message undeliverable",
        "error_data": {"details": "Not on WhatsApp"}}]);
    here.say(json!({"statuses": [report("sent", json!([])), report("failed", error)]}))
        .await;
    let told = here.told().await;
    assert_eq!(events(&told), ["message.sent", "message.failed"]);
    let (sent, failed) = (told[0].json(), told[1].json());
    assert_eq!(sent["data"]["status"], "SENT");
    assert_eq!(sent["data"]["direction"], "OUTBOUND");
    assert_eq!(sent["data"]["error"], json!(null));
    assert_eq!(failed["data"]["id"], sent["data"]["id"]);
    assert_eq!(failed["data"]["status"], "FAILED");
    let error = json!({"code": 131_026, "title": "Message undeliverable",
        "details": "Not on WhatsApp"});
    assert_eq!(failed["data"]["error"], error);
}
