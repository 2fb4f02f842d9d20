//! The product's own client, against the simulator.

use std::time::Duration;

use cloud_api::{
    Accepted, Class, Client, DEFAULT_VERSION, Line, Outgoing, Recipient, SendError, Timeouts, Token,
};
use domain::message::Content;
use serde_json::{Value, json};
use simulator::{Config, Fault, Simulator};

struct Sender {
    simulator: Simulator,
    graph_url: String,
    client: Client,
}

impl Sender {
    async fn start() -> Self {
        let simulator = Simulator::start(Config::default()).await.unwrap();
        let timeouts = Timeouts {
            connect: Duration::from_millis(500),
            answer: Duration::from_millis(500),
        };
        let graph_url = simulator.graph_url();
        Self {
            simulator,
            graph_url,
            client: Client::new(timeouts).unwrap(),
        }
    }

    /// Sends content, given as the database keeps it.
    async fn send(&self, content: Value) -> Result<Accepted, SendError> {
        let content: Content = serde_json::from_value(content).unwrap();
        let line = Line {
            graph_url: self.graph_url.clone(),
            version: DEFAULT_VERSION.into(),
            phone_number_id: "106540352242922".into(),
            token: Token::new("token".into()),
        };
        let outgoing = Outgoing {
            to: Recipient::Phone("5541996910256"),
            content: &content,
            context_wamid: Some("wamid.1"),
            opaque: Some("17"),
        };
        self.client.send(&line, &outgoing).await
    }

    async fn send_text(&self) -> Result<Accepted, SendError> {
        self.send(json!({"kind": "text", "body": "b"})).await
    }
}

/// Returns one of every kind, with everything each can have.
fn every_kind() -> Vec<Value> {
    let media =
        |kind: &str| json!({"kind": kind, "url": "https://x/y", "caption": "c", "filename": "f"});
    vec![
        json!({"kind": "text", "body": "b", "preview_url": true}),
        media("image"),
        media("video"),
        media("audio"),
        media("document"),
        json!({"kind": "location", "latitude": -33.9, "longitude": 18.4,
            "name": "n", "address": "a"}),
        json!({"kind": "contacts", "cards": [
            {"formatted_name": "Ana", "phones": [{"phone": "+5511999998888", "type": "CELL"}]},
        ]}),
        json!({"kind": "interactive", "header": media("document"), "body": "b", "footer": "f",
            "action": {"kind": "buttons", "buttons": [{"id": "1", "title": "Yes"}]}}),
        json!({"kind": "interactive", "header": {"kind": "text", "text": "h"}, "body": "b",
        "action": {"kind": "list", "button": "Open", "sections": [
            {"title": "s", "rows": [{"id": "1", "title": "One", "description": "d"}]},
            {"title": "t", "rows": [{"id": "2", "title": "Two"}]},
        ]}}),
        json!({"kind": "reaction", "message_id": "wamid.1", "emoji": "👍"}),
    ]
}

#[tokio::test]
async fn every_kind_of_message_is_taken() {
    let sender = Sender::start().await;
    for content in every_kind() {
        let accepted = sender.send(content.clone()).await.unwrap();
        assert_eq!(accepted.wa_id.as_deref(), Some("554196910256"));
        let sent = sender.simulator.sent().pop().unwrap();
        assert_eq!(sent.wamid, accepted.wamid);
        assert_eq!(sent.to, "5541996910256");
        assert_eq!(content["kind"], sent.kind);
        assert_eq!(sent.body["biz_opaque_callback_data"], "17");
    }
}

#[tokio::test]
async fn a_refusal_arrives_with_its_class() {
    let sender = Sender::start().await;
    for (code, class) in [
        (131_056, Class::Retry),
        (131_048, Class::WaitUntil),
        (131_047, Class::StopMessage),
        (190, Class::StopChannel),
        (131_050, Class::OptOut),
    ] {
        sender.simulator.fault_next(Fault::refuse(code));
        let sent = sender.send_text().await;
        let Err(SendError::Refused(error)) = sent else {
            panic!("{sent:?}")
        };
        assert_eq!((error.code, error.class()), (code, class));
        assert!(!error.title.starts_with("(#"), "{}", error.title);
        assert!(error.fbtrace_id.is_some());
    }
}

#[tokio::test]
async fn what_the_simulator_leaves_open_is_unconfirmed_and_sent_once() {
    let sender = Sender::start().await;
    for (fault, taken) in [
        (Fault::Silent, 1),
        (Fault::HangUp, 2),
        (Fault::ServerError, 2),
    ] {
        // A connection that is in use already is the one that could be tried again by itself.
        sender
            .send(json!({"kind": "text", "body": ""}))
            .await
            .unwrap_err();
        sender.simulator.fault_next(fault);
        let sent = sender.send_text().await;
        assert!(
            matches!(sent, Err(SendError::Unconfirmed { .. })),
            "{sent:?}"
        );
        assert_eq!(sender.simulator.sent().len(), taken);
    }
    assert_eq!(sender.simulator.requests(), 6);
}

#[tokio::test]
async fn a_stopped_simulator_is_not_reached() {
    let mut sender = Sender::start().await;
    let other = Sender::start().await.simulator;
    std::mem::replace(&mut sender.simulator, other).stop().await;
    let sent = sender.send_text().await;
    assert!(matches!(sent, Err(SendError::NotSent { .. })), "{sent:?}");
}
