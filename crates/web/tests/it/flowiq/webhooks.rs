//! `POST /set-webhooks`, and what is told.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use test_support::meta::{SECONDS, contact, message, text};
use test_support::{
    Actor, FileHost, Heard, Meta, PICTURE, PUBLIC_URL, Receiver, TestServer, TestTenant,
};
use tokio_util::sync::CancellationToken;

const ANA: &str = "27825550101";

async fn shop() -> (TestServer, TestTenant, Actor) {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let actor = acme.flowiq().await;
    (server, acme, actor)
}

async fn set_with_the_documented_answer(server: TestServer) {
    let acme = server.tenant("acme").await.flowiq().await;
    let body = json!({"url": "https://hooks.acme.test/fiq", "type": "all"});
    let reply = acme.post("/set-webhooks", body.clone()).await;
    reply.assert(
        201,
        r#"{"success":true,"message":"Webhook created successfully","webhook":{"id":"<uuid>",
        "url":"https://hooks.acme.test/fiq","type":"all","platform":"whatsapp",
        "created_at":"2026-03-10T10:15:00.000+02:00"}}"#,
    );
    // The same again is the same one; it is told once.
    let again = acme.post("/set-webhooks?tenantId=acme", body).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.json()["webhook"]["id"], reply.json()["webhook"]["id"]);
    // Another type is another one.
    let body = json!({"url": "https://hooks.acme.test/fiq", "type": "message_read",
        "platform": "web"});
    let other = acme.post("/set-webhooks", body).await;
    assert_eq!(other.json()["webhook"]["platform"], "web");
    assert_ne!(other.json()["webhook"]["id"], reply.json()["webhook"]["id"]);
}

on_both_engines!(set_with_the_documented_answer);

#[tokio::test]
async fn what_is_wrong_with_a_webhook_is_said() {
    let (_server, _, acme) = shop().await;
    let (url, missing) = ("https://hooks.acme.test/fiq", "Missing required field");
    for (body, error, message) in [
        (json!({"type": "all"}), missing, "url is required"),
        (json!({"url": url}), missing, "type is required"),
        (
            json!({"url": url, "type": " "}),
            missing,
            "type is required",
        ),
        (
            json!({"url": 7, "type": "all"}),
            "Invalid request body",
            "url must be a string",
        ),
        (
            json!({"url": url, "type": "fax"}),
            "Invalid webhook type",
            "Unsupported type: fax. Supported types: message_received, message_sent, \
             sent_message, message_delivered, message_read, message_failed, call, all",
        ),
        (
            json!({"url": url, "type": "all", "platform": "fax"}),
            "Invalid platform",
            "Unsupported platform: fax. Supported platforms: whatsapp, web",
        ),
        (
            json!({"url": "http://hooks.acme.test/fiq", "type": "all"}),
            "Invalid webhook URL",
            "url must be a public HTTPS address: it must begin with https://",
        ),
        (
            json!({"url": "hooks", "type": "all"}),
            "Invalid webhook URL",
            "url must be a public HTTPS address: it is no address of the web, or has more than \
             2000 characters",
        ),
        (
            json!({"url": "https://10.0.0.1/fiq", "type": "all"}),
            "Invalid webhook URL",
            "url must be a public HTTPS address: it leads into a private network",
        ),
    ] {
        let expected = json!({"error": error, "message": message}).to_string();
        acme.post("/set-webhooks", body)
            .await
            .assert(400, &expected);
    }
    let mismatch = acme
        .post(
            "/set-webhooks?tenantId=nobody",
            json!({"url": url, "type": "all"}),
        )
        .await;
    assert_eq!(mismatch.status, 404);
}

#[tokio::test]
async fn an_organization_has_25_webhooks_at_most() {
    let (_server, _, acme) = shop().await;
    for n in 0..25 {
        let body = json!({"url": format!("https://hooks.acme.test/{n}"), "type": "all"});
        assert_eq!(acme.post("/set-webhooks", body).await.status, 201);
    }
    let body = json!({"url": "https://hooks.acme.test/25", "type": "all"});
    acme.post("/set-webhooks", body).await.assert(
        403,
        r#"{"error":"Webhook limit reached",
        "message":"An organization may have 25 webhooks at most"}"#,
    );
}

/// A tenant whose client listens to everything.
struct Listening {
    server: TestServer,
    acme: TestTenant,
    actor: Actor,
    meta: Meta,
    receiver: Receiver,
}

impl Listening {
    async fn to(kind: &str) -> Self {
        let (server, acme, actor) = shop().await;
        let meta = acme.meta("1001").await;
        let receiver = Receiver::start().await;
        let this = Self {
            server,
            acme,
            actor,
            meta,
            receiver,
        };
        this.set(kind, "whatsapp").await;
        this
    }

    async fn set(&self, kind: &str, platform: &str) {
        let body = json!({"url": self.receiver.url, "type": kind, "platform": platform});
        let reply = self.actor.post("/set-webhooks", body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }

    async fn say(&self, parts: Value) {
        self.meta.say(&self.meta.payload(&parts)).await;
    }

    /// Returns what is told now.
    async fn told(&self) -> Vec<Heard> {
        assert!(self.server.operations.tell_events().await.unwrap());
        self.server.settle().await;
        self.receiver.take()
    }

    /// Sends a text that Meta takes, and returns its wamid.
    async fn send(&self) -> String {
        self.say(
            json!({"contacts": [contact(ANA, "Ana")], "messages": [text(ANA, "wamid.in", "Hi")]}),
        )
        .await;
        let body = json!({"phone_number": format!("+{ANA}"), "message_type": "text",
            "text": "Hello", "context_message_id": "wamid.in"});
        let reply = self.actor.post("/send-whatsapp", body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["data"]["message_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn report(&self, wamid: &str, status: &str) {
        let status = json!({"id": wamid, "status": status, "timestamp": SECONDS.to_string(),
            "recipient_id": ANA});
        self.say(json!({"statuses": [status]})).await;
    }
}

fn types(told: &[Heard]) -> Vec<String> {
    let kind = |it: &Heard| it.json()["event_type"].as_str().unwrap().to_owned();
    told.iter().map(kind).collect()
}

#[tokio::test]
async fn a_message_that_comes_in_is_told_with_all_its_keys() {
    let here = Listening::to("all").await;
    let place = message(
        ANA,
        "wamid.2",
        &json!({"type": "location", "location": {"latitude": -33.9, "longitude": 18.4,
            "name": "The shop"}, "context": {"id": "wamid.1", "from": ANA}}),
    );
    here.say(json!({"contacts": [contact(ANA, "Ana Lima")],
        "messages": [text(ANA, "wamid.1", "Olá 😀"), place]}))
        .await;
    let told = here.told().await;
    assert_eq!(told.len(), 2);
    told[0].assert(
        r#"{"event_type":"message_received","organization_id":"<uuid>",
        "timestamp":"2026-03-10T08:14:00.000Z","whatsapp_message_id":"wamid.1",
        "message_type":"text","message":"Olá 😀","media_type":null,"media_url":null,
        "file_name":null,"whatsapp_id":"27825550101","contact_id":"<uuid>",
        "reply_context_id":null,"location_data":null}"#,
    );
    told[1].assert(
        r#"{"event_type":"message_received","organization_id":"<uuid>",
        "timestamp":"2026-03-10T08:14:00.000Z","whatsapp_message_id":"wamid.2",
        "message_type":"location","message":"The shop","media_type":null,"media_url":null,
        "file_name":null,"whatsapp_id":"27825550101","contact_id":"<uuid>",
        "reply_context_id":"wamid.1","location_data":{"latitude":-33.9,"longitude":18.4,
        "name":"The shop","address":null}}"#,
    );
    let ana = here.acme.contact(ANA).await.id.to_uuid().to_string();
    assert_eq!(told[0].json()["contact_id"], json!(ana));
    // Nothing is signed unless the operator wants it.
    assert_eq!(told[0].header("content-type"), "application/json");
    assert_eq!(told[0].header("x-flowiq-event"), "message_received");
    assert_eq!(told[0].header("x-flowiq-signature"), "");
}

#[tokio::test]
async fn a_message_is_told_of_from_stage_to_stage() {
    let here = Listening::to("all").await;
    let wamid = here.send().await;
    assert_eq!(types(&here.told().await), ["message_received"]);
    here.report(&wamid, "sent").await;
    let told = here.told().await;
    assert_eq!(types(&told), ["message_sent", "sent_message"]);
    told[0].assert(&format!(
        r#"{{"event_type":"message_sent","whatsapp_message_id":"{wamid}",
        "organization_id":"<uuid>","status":"sent","timestamp":"2026-03-10T08:14:00.000Z",
        "whatsapp_id":"27825550101"}}"#
    ));
    told[1].assert(&format!(
        r#"{{"event_type":"sent_message","id":"<uuid>","organization_id":"<uuid>",
        "message":"Hello","sender_type":"bot-whatsapp","created_at":"2026-03-10T08:15:00Z",
        "contact_id":"<uuid>","message_status":"sent","media_type":null,"media_url":null,
        "media_file_name":null,"member_id":null,"whatsapp_message_id":"{wamid}",
        "reply_context_id":"wamid.in","broadcast_id":null,"sent_receipt_received":true,
        "delivered_receipt_received":false,"read_receipt_received":false,
        "timestamp":"2026-03-10T08:14:00.000Z","whatsapp_id":"27825550101"}}"#
    ));
    here.report(&wamid, "delivered").await;
    here.report(&wamid, "read").await;
    here.report(&wamid, "delivered").await;
    let told = here.told().await;
    assert_eq!(types(&told), ["message_delivered", "message_read"]);
    assert_eq!(told[1].json()["status"], "read");
}

#[tokio::test]
async fn a_message_that_fails_is_told_of() {
    let here = Listening::to("message_failed").await;
    let wamid = here.send().await;
    assert_eq!(here.told().await.len(), 0);
    let failed = json!({"id": wamid, "status": "failed", "timestamp": SECONDS.to_string(),
        "recipient_id": ANA, "errors": [{"code": 131_026, "title": "Message undeliverable"}]});
    here.say(json!({"statuses": [failed]})).await;
    let told = here.told().await;
    assert_eq!(told.len(), 1);
    told[0].assert(&format!(
        r#"{{"event_type":"message_failed","whatsapp_message_id":"{wamid}",
        "organization_id":"<uuid>","status":"failed","timestamp":"2026-03-10T08:14:00.000Z",
        "whatsapp_id":"27825550101"}}"#
    ));
}

#[tokio::test]
async fn a_webhook_hears_of_its_own_type_and_platform_alone() {
    let here = Listening::to("sent_message").await;
    here.set("message_read", "whatsapp").await;
    here.set("all", "web").await;
    let wamid = here.send().await;
    for status in ["sent", "delivered", "read"] {
        here.report(&wamid, status).await;
    }
    let told = here.told().await;
    let mut types = types(&told);
    types.sort();
    assert_eq!(types, ["message_read", "sent_message"]);
}

/// Returns the path of an address of the server's.
fn path(url: &Value) -> String {
    let path = url.as_str().unwrap().strip_prefix(PUBLIC_URL);
    path.unwrap_or_else(|| panic!("{url}")).to_owned()
}

#[tokio::test]
async fn a_picture_that_comes_in_can_be_read_at_its_address() {
    let here = Listening::to("message_received").await;
    let host = FileHost::start().await;
    here.send().await;
    here.told().await;
    // To the simulator a file is a file, whoever sent it.
    let body = json!({"phone_number": format!("+{ANA}"), "message_type": "image",
        "media_url": host.url("picture.png")});
    assert_eq!(here.actor.post("/send-whatsapp", body).await.status, 200);
    let id = here.server.simulator().sent().pop().unwrap().body["image"]["id"].clone();
    let image = json!({"type": "image", "image": {"id": id, "mime_type": "image/png",
        "caption": "This one?"}});
    here.say(
        json!({"contacts": [contact(ANA, "Ana")], "messages": [message(ANA, "wamid.3", &image)]}),
    )
    .await;
    let told = here.told().await.remove(0).json();
    assert_eq!(
        (&told["media_type"], &told["message"]),
        (&json!("image"), &json!("This one?"))
    );
    let path = path(&told["media_url"]);
    let stranger = here.server.stranger();
    let waiting = stranger.get(&path).await;
    assert_eq!(
        (waiting.status.as_u16(), waiting.header("retry-after")),
        (503, "5")
    );

    let stopping = CancellationToken::new();
    let downloaded = async {
        while stranger.get(&path).await.status == 503 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stopping.cancel();
    };
    tokio::join!(here.server.operations.work(&stopping), downloaded);
    here.server.settle().await;
    let read = stranger.get(&path).await;
    assert_eq!((read.status.as_u16(), &*read.body), (200, PICTURE));
    read.assert_header("content-type", "image/png");
    read.assert_header("content-disposition", "inline");
    read.assert_header("x-content-type-options", "nosniff");
    let head = stranger.request(Method::HEAD, &path, "").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));

    // Nobody makes an address up, and none is good for ever.
    let changed = format!("{}A{}", &path[..20], &path[21..]);
    for wrong in [
        changed.as_str(),
        "/media/",
        "/media/AAAA",
        "/media/%00",
        "/media/a/b",
    ] {
        assert_eq!(stranger.get(wrong).await.status, 404, "{wrong}");
    }
    here.server.clock.advance_seconds(365 * 24 * 3600);
    assert_eq!(stranger.get(&path).await.status, 404);
}
