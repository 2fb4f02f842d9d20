//! What is told in Flowella's words.

use std::io::Write;
use std::process::{Command, Stdio};

use domain::conversation::ConversationStatus;
use domain::ids::ConversationId;
use domain::key::Api;
use operations::{CreateWebhook, WebhookMade};
use serde_json::{Value, json};
use test_support::meta::{SECONDS, contact, text};
use test_support::{Actor, Heard, Meta, Receiver, TestServer, TestTenant};

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

/// A conversation that others hear of, open since its first message.
struct Talk {
    here: Listening,
    flowella: Actor,
    id: ConversationId,
}

impl Talk {
    async fn begin() -> Self {
        let here = Listening::to(&["conversation.opened", "conversation.closed"]).await;
        here.hear("Hello", "wamid.1").await;
        assert_eq!(events(&here.told().await), ["conversation.opened"]);
        let flowella = here.acme.flowella().await;
        let page = flowella.get("/api/v1/conversations?status=OPEN").await;
        let id = page.json()["items"][0]["id"].as_str().map(str::to_owned);
        let id = ConversationId::from_cuid(&id.unwrap()).unwrap();
        here.server.clock.advance_seconds(60);
        Self { here, flowella, id }
    }

    async fn set(&self, status: ConversationStatus) {
        let operations = &self.here.server.operations;
        let operator = self.here.acme.operator();
        let set = operations.set_conversation_status(&operator, self.id, status);
        assert_eq!(set.await.unwrap().unwrap().status, status);
        self.here.server.clock.advance_seconds(1);
    }

    /// Counts the conversations that are listed as open, and as closed.
    async fn listed(&self) -> [usize; 2] {
        let mut counts = [0; 2];
        for (count, status) in counts.iter_mut().zip(["OPEN", "CLOSED"]) {
            let path = format!("/api/v1/conversations?status={status}");
            let page = self.flowella.get(&path).await.json();
            *count = page["items"].as_array().unwrap().len();
        }
        counts
    }
}

#[tokio::test]
async fn a_conversation_that_is_closed_is_told_and_opened_by_the_next_message() {
    let talk = Talk::begin().await;
    talk.set(ConversationStatus::Closed).await;
    talk.set(ConversationStatus::Closed).await;
    assert_eq!(talk.listed().await, [0, 1]);
    // What we write leaves it closed.
    let body = json!({"to": ANA, "text": "Thank you"});
    let sent = talk.flowella.post("/api/v1/messages", body).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    assert_eq!(talk.listed().await, [0, 1]);
    // One more, written before it was closed and repeated, as Meta may; then it is open already.
    for (said, wamid) in [("One more", "2"), ("One more", "2"), ("Another", "3")] {
        talk.here.hear(said, &format!("wamid.{wamid}")).await;
    }
    assert_eq!(talk.listed().await, [1, 0]);
    let told = talk.here.told().await;
    assert_eq!(
        events(&told),
        ["conversation.closed", "conversation.opened"]
    );
    told[0].assert(
        r#"{"event":"conversation.closed","timestamp":"2026-03-10T08:16:00.000Z",
        "organizationId":"<cuid>","data":{"id":"<cuid>","status":"CLOSED",
        "createdAt":"2026-03-10T08:14:00.000Z","whatsappChannelId":"<cuid>",
        "contact":{"id":"<cuid>","phone":"+27825550101","name":"Ana Lima",
        "waId":null},"lastMessageAt":"2026-03-10T08:16:02.000Z"}}"#,
    );
    let opened = &told[1].json()["data"];
    assert_eq!(opened["id"], json!(talk.id.to_cuid()));
    assert_eq!(opened["status"], "OPEN");
}

#[tokio::test]
async fn what_was_put_off_was_not_closed() {
    let talk = Talk::begin().await;
    talk.set(ConversationStatus::Snoozed).await;
    assert_eq!(talk.listed().await, [0, 0]);
    talk.set(ConversationStatus::Open).await;
    talk.set(ConversationStatus::Pending).await;
    talk.here.hear("Well?", "wamid.2").await;
    assert_eq!(talk.listed().await, [1, 0]);
    talk.set(ConversationStatus::Closed).await;
    talk.set(ConversationStatus::Open).await;
    let told = talk.here.told().await;
    assert_eq!(
        events(&told),
        ["conversation.closed", "conversation.opened"]
    );
}

#[tokio::test]
async fn nobody_closes_the_conversation_of_another() {
    let here = Listening::to(&["all"]).await;
    here.hear("Hello", "wamid.1").await;
    let flowella = here.acme.flowella().await;
    let page = flowella.get("/api/v1/conversations").await.json();
    let id = page["items"][0]["id"].as_str().unwrap().to_owned();
    let id = ConversationId::from_cuid(&id).unwrap();
    let other = here.server.tenant("globex").await.operator();
    let operations = &here.server.operations;
    let closed = ConversationStatus::Closed;
    let set = operations.set_conversation_status(&other, id, closed).await;
    assert_eq!(set.unwrap(), None);
    assert!(operations.conversation(&other, id).await.unwrap().is_none());
    let shown = operations.conversation(&here.acme.operator(), id).await;
    assert_eq!(shown.unwrap().unwrap().0.status, ConversationStatus::Open);
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
