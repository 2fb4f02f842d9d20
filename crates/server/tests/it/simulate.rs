//! `switchboard simulate`: a Cloud API in a process of its own.

use std::process::Child;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::Program;
use crate::server::{Stream, signal};

/// A running simulator, killed when the test ends.
struct Simulator {
    child: Child,
    url: String,
    http: reqwest::Client,
}

impl Simulator {
    fn start(folder: &std::path::Path, words: &[&str]) -> Self {
        let program = Program::new(folder, &["simulate", "--listen=127.0.0.1:0"]).args(words);
        let mut child = program.start();
        let output = Stream::read(child.stdout.take().unwrap());
        let greeting = output.wait_for("A simulated WhatsApp Cloud API at ");
        let Some(greeting) = greeting else {
            child.kill().unwrap();
            panic!("{}", output.text());
        };
        let url = greeting.split([' ', ';']).find(|it| it.starts_with("http"));
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(20));
        Self {
            child,
            url: url.unwrap().to_owned(),
            http: http.build().unwrap(),
        }
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.url));
        let answer = request.bearer_auth("any").json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test]
async fn it_takes_messages_by_the_rules_it_was_given_and_keeps_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let setup = json!({"people": [{"number": "+27821112233", "wa_id": "27999"}]});
    std::fs::write(folder.path().join("setup.json"), setup.to_string()).unwrap();
    let words = [
        "--line=123456",
        "--tier=2",
        "--journal=journal.jsonl",
        "--setup=setup.json",
    ];
    let mut simulator = Simulator::start(folder.path(), &words);
    let message = json!({
        "messaging_product": "whatsapp", "to": "+27821112233", "text": {"body": "b"},
        "biz_opaque_callback_data": "17",
    });
    let mut taken = Vec::new();
    for _ in 0..10 {
        let (status, answer) = simulator.post("/v25.0/123456/messages", &message).await;
        if status == 200 {
            assert_eq!(answer["contacts"][0]["wa_id"], "27999");
            taken.push(answer["messages"][0]["id"].clone());
        } else {
            assert_eq!(answer["error"]["code"], 130_429);
        }
    }
    assert!((2..10).contains(&taken.len()), "{}", taken.len());
    let template = json!({
        "messaging_product": "whatsapp", "to": "+27821112233", "type": "template",
        "template": {"name": "nothing", "language": {"code": "en_US"}},
    });
    let (status, answer) = simulator.post("/v25.0/999999/messages", &template).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!(132_001)));

    // What was acknowledged is in the file even if nobody says goodbye.
    simulator.child.kill().unwrap();
    let journal = std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap();
    let lines: Vec<Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids: Vec<Value> = lines.iter().map(|it| it["wamid"].clone()).collect();
    assert_eq!(ids, taken);
    assert_eq!(
        (&lines[0]["opaque"], &lines[0]["to"]),
        (&json!("17"), &json!("27821112233"))
    );
}

#[tokio::test]
async fn it_stops_in_good_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut simulator = Simulator::start(folder.path(), &[]);
    signal(&simulator.child, "TERM");
    assert_eq!(simulator.child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_cannot_be_set_up_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for (setup, complaint) in [
        (r#"{"people":[{"number":"1"}]}"#, "7 to 15 digits"),
        (r#"{"peple":[]}"#, "unknown field `peple`"),
        ("", "is not a setup"),
    ] {
        std::fs::write(folder.path().join("setup.json"), setup).unwrap();
        let words = ["simulate", "--listen=127.0.0.1:0", "--setup=setup.json"];
        let outcome = Program::new(folder.path(), &words).run();
        assert!(
            outcome.complaint().contains(complaint),
            "{}",
            outcome.stderr
        );
    }
}
