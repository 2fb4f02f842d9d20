//! What becomes of messages that were sent, in whichever order Meta tells.

use domain::message::{Message, Status};
use serde_json::{Value, json};
use test_support::meta::{SECONDS, text};
use test_support::{Meta, TestServer, TestTenant};

const ANA: &str = "27825550101";

/// A message to Ana that Meta took.
struct Sent {
    server: TestServer,
    acme: TestTenant,
    meta: Meta,
    message: Message,
}

impl Sent {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let acme = server.tenant("acme").await;
        let meta = acme.meta("1001").await;
        meta.say(&meta.payload(&json!({"messages": [text(ANA, "wamid.in", "Hi")]})))
            .await;
        let body =
            json!({"phone_number": format!("+{ANA}"), "message_type": "text", "text": "Hello"});
        let reply = acme.flowiq().await.post("/send-whatsapp", body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let message = acme.messages(ANA).await.remove(0);
        assert_eq!(message.status, Status::Accepted);
        Self {
            server,
            acme,
            meta,
            message,
        }
    }

    fn status(&self, word: &str, parts: &Value) -> Value {
        let mut status = json!({
            "id": self.message.wamid, "status": word, "timestamp": SECONDS.to_string(),
            "recipient_id": ANA,
        });
        for (key, value) in parts.as_object().unwrap() {
            status[key] = value.clone();
        }
        status
    }

    async fn say(&self, statuses: Value) {
        let payload = self.meta.payload(&json!({"statuses": statuses}));
        self.meta.say(&payload).await;
    }

    async fn now(&self) -> Message {
        let found = self.acme.store.message(self.message.id).await;
        found.unwrap().unwrap()
    }
}

fn failure(code: i64) -> Value {
    json!({"errors": [{"code": code, "title": "Title", "message": "Title",
        "error_data": {"details": "Details"}}]})
}

#[tokio::test]
async fn statuses_rise_in_every_order_and_never_fall() {
    use Status::{Delivered, Failed, Read, Sent as WasSent};
    for (words, end) in [
        (&["sent", "delivered", "read"][..], Read),
        (&["read", "delivered", "sent"], Read),
        (&["delivered", "sent", "sent", "delivered"], Delivered),
        (&["sent", "failed"], Failed),
        (&["failed", "sent"], Failed),
        (&["failed", "delivered"], Delivered),
        (&["delivered", "failed"], Delivered),
        (&["sent"], WasSent),
    ] {
        for together in [true, false] {
            let sent = Sent::start().await;
            let statuses: Vec<Value> = words
                .iter()
                .map(|word| {
                    let parts = if *word == "failed" {
                        failure(131_026)
                    } else {
                        json!({})
                    };
                    sent.status(word, &parts)
                })
                .collect();
            if together {
                sent.say(json!(statuses)).await;
            } else {
                for status in statuses {
                    sent.say(json!([status])).await;
                }
            }
            let now = sent.now().await;
            assert_eq!(now.status, end, "{words:?}, together: {together}");
            assert_eq!(now.failure.is_some(), end == Failed, "{words:?}");
        }
    }
}

#[tokio::test]
async fn a_failure_is_kept_as_meta_said_it() {
    let sent = Sent::start().await;
    sent.say(json!([sent.status("failed", &failure(131_047))]))
        .await;
    let failure = sent.now().await.failure.unwrap();
    assert_eq!(failure.code, Some(131_047));
    assert_eq!(failure.title, "Title");
    assert_eq!(failure.details.as_deref(), Some("Details"));
}

#[tokio::test]
async fn our_own_id_settles_a_message_whatever_its_wamid_is() {
    let sent = Sent::start().await;
    let parts = json!({
        "id": "wamid.another", "biz_opaque_callback_data": sent.message.id.to_cuid(),
    });
    sent.say(json!([sent.status("delivered", &parts)])).await;
    let now = sent.now().await;
    assert_eq!(now.status, Status::Delivered);
    // A wamid that is known stays.
    assert_eq!(now.wamid, sent.message.wamid);
}

#[tokio::test]
async fn nobody_settles_another_tenants_message() {
    let sent = Sent::start().await;
    let globex = sent.server.tenant("globex").await.meta("1002").await;
    let opaque = json!({"biz_opaque_callback_data": sent.message.id.to_cuid()});
    let forged = json!({"statuses": [sent.status("read", &opaque)]});
    globex.say(&globex.payload(&forged)).await;
    assert_eq!(sent.now().await.status, Status::Accepted);
}

#[tokio::test]
async fn a_status_of_an_unknown_message_is_applied_with_a_note() {
    let sent = Sent::start().await;
    sent.say(json!([sent.status("read", &json!({"id": "wamid.nobody"}))]))
        .await;
    let filter = operations::EventFilter {
        limit: 1,
        ..operations::EventFilter::default()
    };
    let kept = sent.server.operations.kept_events(filter).await.unwrap();
    assert_eq!(kept[0].reason.as_deref(), Some("we sent no such message"));
    assert_eq!(kept[0].state, operations::EventState::Applied);
}

#[tokio::test]
async fn an_upgraded_number_may_send_a_thousand_a_second() {
    let sent = Sent::start().await;
    let display = format!("+{}", sent.meta.channel.number);
    let value = json!({"display_phone_number": display, "event": "THROUGHPUT_UPGRADE"});
    let payload = sent
        .meta
        .account_payload("phone_number_quality_update", &value);
    sent.meta.say(&payload).await;
    let channel = sent.acme.store.channel(sent.meta.channel.id).await;
    assert_eq!(channel.unwrap().unwrap().tier_per_second, 1000);
}
