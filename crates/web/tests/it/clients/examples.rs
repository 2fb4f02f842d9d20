//! The vendors' integration examples, run by Node and curl; only address and key are ours.

use std::process::{Command, Output};

use serde_json::{Value, json};
use test_support::{Actor, TestServer};

/// Runs an example as `program` takes it.
async fn run(server: &TestServer, key: &Actor, program: [&str; 2], example: &str) -> Output {
    let output = super::beside(server, |url| {
        let example = example
            .replace("https://api.flowiq.live", url)
            .replace("fiq_YOUR_API_KEY", key.key())
            .replace("your-org", "acme");
        let [program, option] = program;
        let mut command = Command::new(program);
        if program == "node" {
            command.arg("--input-type=module");
        }
        command.arg(option).arg(example);
        command
    });
    output.await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn javascript_of_a_flowiq_client_runs_unchanged() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    let example = include_str!("../../third_party/flowiq.mjs");
    let output = run(&server, &acme, ["node", "--eval"], example).await;
    let said: Value = serde_json::from_str(&super::said(&output)).unwrap();
    assert_eq!(
        said["unknown"],
        "No contact found with phone number 27123456789"
    );
    assert!(
        said["early"]
            .as_str()
            .unwrap()
            .starts_with("No contact exists with")
    );
    assert_eq!(said["made"]["message"], "Contact created successfully");
    assert_eq!(
        said["again"],
        "A contact with this phone number already exists"
    );
    assert_eq!(said["found"]["id"], said["made"]["contact"]["id"]);
    assert_eq!(said["found"]["tags"], json!(["customer", "premium"]));
    let sent = server.simulator().sent();
    assert_eq!(sent.len(), 3);
    assert_eq!(said["sent"]["data"]["message_id"], sent[0].wamid);
    assert_eq!(said["sent"]["data"]["message_type"], "contacts");
    assert_eq!(
        said["empty"],
        "contacts array is required for contact messages"
    );
    let result = &said["template"]["results"][0];
    assert_eq!(result["contactId"], said["made"]["contact"]["id"]);
    assert_eq!(result["messageId"], sent[1].wamid);
    let made = &said["newcomer"]["results"][0];
    assert_eq!(
        (&made["contactName"], &made["success"]),
        (&json!("Thandi Nkosi"), &json!(true))
    );
    assert!(
        said["nameless"]
            .as_str()
            .unwrap()
            .contains("bodyParameters.name")
    );
    let messages = said["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(said["who"]["id"], made["contactId"]);
    assert_eq!(
        said["nobody"],
        "Contact not found for the provided phone number"
    );
    assert_eq!(said["webhook"]["webhook"]["platform"], "whatsapp");
    assert!(said["plain"].as_str().unwrap().contains("https://"));
    assert_eq!(said["stranger"], "API key not found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_as_flowiq_documents_it_runs_unchanged() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    let body = json!({"phone_number": "+27123456789", "name": "John Doe"});
    assert_eq!(acme.post("/contact", body).await.status, 201);
    let example = include_str!("../../third_party/flowiq.sh");
    let output = run(&server, &acme, ["sh", "-c"], example).await;
    let said = super::said(&output);
    let said: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(said[0]["data"]["message_type"], "text");
    assert_eq!(said[1]["data"]["message_type"], "contacts");
    assert_eq!(said[2]["contact"]["whatsapp_id"], "27123456789");
    let kinds: Vec<String> = server
        .simulator()
        .sent()
        .into_iter()
        .map(|it| it.kind)
        .collect();
    assert_eq!(kinds, ["text", "contacts", "template"]);
    assert_eq!(said[3]["summary"]["successful"], 1);
    assert_eq!(said[4]["messages"].as_array().unwrap().len(), 3);
    assert_eq!(said[5]["webhook"]["type"], "message_received");
}
