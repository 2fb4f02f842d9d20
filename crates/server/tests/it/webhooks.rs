//! What Meta posts to the real server: written down before the 200, applied by itself, and still
//! there after a kill.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::place::Place;
use crate::server::Server;
use crate::shop::Shop;

on_both_engines![
    what_was_acknowledged_is_applied_after_a_kill,
    the_ledger_is_shown_and_replayed_from,
];

const SECRET: &str = "hush-secret";
const NUMBER: &str = "106540352242922";

/// Connects a number and returns the path of its webhook.
fn connect(place: &Place) -> String {
    let mut words = vec!["channel", "create", "--tenant", "acme"];
    words.extend(["--phone-number-id", NUMBER, "--waba-id", "102290129340398"]);
    words.extend(["--number", "+27110000000", "--token", "EAAhush"]);
    words.extend(["--app-secret", SECRET, "--verify-token", "a-word", "--json"]);
    let made = place.run(&words).json();
    made["webhook_path"].as_str().unwrap().to_owned()
}

fn payload(from: &str, wamid: &str) -> String {
    json!({"object": "whatsapp_business_account", "entry": [{
        "id": "102290129340398", "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "27110000000", "phone_number_id": NUMBER},
            "contacts": [{"profile": {"name": "Ana"}, "wa_id": from}],
            "messages": [{"from": from, "id": wamid, "timestamp": "1749416383",
                "type": "text", "text": {"body": "Hello"}}],
        }}],
    }]})
    .to_string()
}

async fn post(server: &Server, path: &str, body: String) -> bool {
    let signature = cloud_api::signature::sign(SECRET, body.as_bytes());
    let asked = server.post_signed(path, &signature, body).await;
    asked.is_ok_and(|status| status == 200)
}

/// Waits until nothing is in a state any more.
async fn until_none(place: &Place, state: &str) {
    let started = Instant::now();
    loop {
        let listed = place.run(&["inbound", "list", "--state", state, "--json"]);
        if listed.json()["events"] == json!([]) {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "still {state}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn what_was_acknowledged_is_applied_after_a_kill(place: Place) {
    let shop = Shop::open(&place, "acme");
    let path = connect(&place);
    let server = Arc::new(place.serve().await);
    let count = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for client in 0..16 {
        let (server, path) = (Arc::clone(&server), path.clone());
        let count = Arc::clone(&count);
        clients.spawn(async move {
            let mut acknowledged = vec![];
            for n in 0..2000 {
                let from = format!("2782{client:02}{n:05}");
                if !post(&server, &path, payload(&from, &format!("wamid.{from}"))).await {
                    break;
                }
                acknowledged.push(from);
                count.fetch_add(1, Ordering::Relaxed);
            }
            acknowledged
        });
    }
    while count.load(Ordering::Relaxed) < 1000 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.signal("KILL");
    let acknowledged: Vec<String> = clients.join_all().await.into_iter().flatten().collect();
    Arc::into_inner(server).unwrap().kill();
    assert!(acknowledged.len() >= 1000);

    let server = place.serve().await;
    until_none(&place, "received").await;
    let database = place.open().await;
    let id = domain::ids::TenantId::new(shop.tenant_id).unwrap();
    let store = database.store_for(id);
    for from in &acknowledged {
        let phone = domain::Phone::parse_loosely(&format!("+{from}"), None).unwrap();
        let contact = store.contact_by_number(&phone.match_key()).await.unwrap();
        let contact = contact.expect("whoever was acknowledged is here").id;
        let messages = store.messages_of_contact(contact, 10).await.unwrap();
        assert_eq!(messages.len(), 1, "{from}");
    }
    database.close().await;
    until_none(&place, "failed").await;
    server.stop();
}

async fn the_ledger_is_shown_and_replayed_from(place: Place) {
    let shop = Shop::open(&place, "acme");
    let path = connect(&place);
    let server = place.serve().await;
    let elsewhere = payload("27821110001", "wamid.1").replace(NUMBER, "106540352242923");
    assert!(post(&server, &path, elsewhere).await);
    until_none(&place, "received").await;
    let listed = |state: &str| {
        let listed = ["inbound", "list", "--state", state, "--json"];
        let listed = place.run(&listed).json();
        listed["events"].as_array().unwrap().clone()
    };
    let failed = listed("failed");
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["reason"], "nobody has this number");
    assert_eq!(failed[0]["kind"], "message");
    let id = failed[0]["id"].as_i64().unwrap().to_string();
    let shown: Value = place.run(&["inbound", "show", &id]).json();
    let said = &shown["body"]["entry"][0]["changes"][0]["value"]["messages"][0];
    assert_eq!(said["id"], "wamid.1");
    // It is of nobody's number, so it is nobody's event.
    let of_acme = ["inbound", "list", "--tenant", "acme", "--json"];
    assert_eq!(place.run(&of_acme).json(), json!({"events": []}));
    let replayed = place.run(&["inbound", "replay", "--failed", "--json"]);
    assert_eq!(replayed.json(), json!({"replayed": 1}));
    until_none(&place, "received").await;
    assert_eq!(listed("failed").len(), 1);
    let missing = place.run(&["inbound", "replay", "1"]);
    assert_eq!(missing.code, Some(1));

    assert!(post(&server, &path, payload("27821110001", "wamid.1")).await);
    until_none(&place, "received").await;
    assert_eq!(shop.find(&server, "27821110001").await.status, 200);
    assert_eq!(place.run(&of_acme).json()["events"][0]["state"], "applied");
    server.stop();
}
