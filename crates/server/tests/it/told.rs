//! Webhooks of the real server: managed from the command line, and told whatever dies in between.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_support::{Heard, Receiver};

use crate::place::Place;
use crate::server::Server;
use crate::shop::Shop;

on_both_engines![what_happens_is_told_and_managed_from_the_command_line];

mod nodes {
    use super::two_nodes_tell_each_thing_once_and_one_takes_over;

    on_postgres![two_nodes_tell_each_thing_once_and_one_takes_over];
}

mod kills {
    use super::a_delivery_that_a_kill_cuts_off_is_made_again_under_its_id;

    on_sqlite![a_delivery_that_a_kill_cuts_off_is_made_again_under_its_id];
}

/// Lets webhooks lead to this machine.
fn allow_this_machine(place: &Place) {
    let settings = place.folder().join("switchboard.toml");
    std::fs::write(settings, "allow_private_addresses = [\"127.0.0.1\"]\n").unwrap();
}

/// Lets webhooks lead to this machine, and nodes open each other's secrets.
fn as_one_of_several(place: &Place) {
    allow_this_machine(place);
    let settings = place.folder().join("switchboard.toml");
    let said = std::fs::read_to_string(&settings).unwrap();
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    std::fs::write(&settings, format!("{said}master_key = \"{key}\"\n")).unwrap();
}

/// Makes a webhook and returns its id and its secret.
fn create(place: &Place, api: &str, url: &str) -> (String, Value) {
    let words = ["webhook", "create", "--tenant", "acme", "--api", api];
    let more = ["--url", url, "--json"];
    let made = place.run(&[&words[..], &more].concat()).json();
    let id = made["webhook"]["id"].as_i64().unwrap().to_string();
    (id, made["secret"].clone())
}

/// Returns what a receiver was told once it is so much.
async fn heard(receiver: &Receiver, count: usize) -> Vec<Heard> {
    let started = Instant::now();
    loop {
        let heard = receiver.heard();
        if heard.len() >= count {
            return heard;
        }
        let told = heard.len();
        assert!(started.elapsed() < Duration::from_secs(60), "only {told}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn list(place: &Place, state: &str) -> Vec<Value> {
    let words = [
        "deliveries",
        "list",
        "--tenant",
        "acme",
        "--json",
        "--state",
    ];
    let listed = place.run(&[&words[..], &[state]].concat()).json();
    listed["deliveries"].as_array().unwrap().clone()
}

/// Waits until so many deliveries are in a state.
async fn until(place: &Place, state: &str, count: usize) {
    let started = Instant::now();
    while list(place, state).len() != count {
        let why = format!("{:?}", list(place, state));
        assert!(started.elapsed() < Duration::from_secs(60), "{why}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Makes a contact and sends it a message, which the sandbox reports as delivered.
async fn send(shop: &Shop, server: &Server) {
    assert_eq!(shop.create(server, "+27821112233").await.status, 201);
    assert_eq!(shop.send(server, "+27821112233").await.status, 200);
}

async fn what_happens_is_told_and_managed_from_the_command_line(place: Place) {
    allow_this_machine(&place);
    let shop = Shop::open(&place, "acme");
    let receiver = Receiver::start().await;
    let (id, secret) = create(&place, "flowella", &receiver.url);
    assert!(secret.as_str().unwrap().starts_with("whsec_"));
    let server = place.sandbox().await;
    send(&shop, &server).await;
    let told = heard(&receiver, 3).await;
    // Meta's clock knows seconds alone, so that what happened in one may be told in any order.
    let mut events: Vec<String> = told
        .iter()
        .map(|it| it.json()["event"].as_str().unwrap().to_owned())
        .collect();
    events.sort();
    let expected = ["conversation.opened", "message.delivered", "message.sent"];
    assert_eq!(events, expected);
    until(&place, "delivered", 3).await;
    let delivered = list(&place, "delivered");
    let shown = delivered[0]["id"].as_i64().unwrap().to_string();
    let one = ["deliveries", "show", "--tenant", "acme", &shown];
    let shown = place.run(&one).json();
    assert_eq!(
        (&shown["answer"], &shown["attempts"]),
        (&json!(200), &json!(1))
    );
    let event = &shown["body"]["event"];
    assert!(told.iter().any(|it| it.json() == shown["body"]), "{event}");

    let run = |verb: &str| {
        let words = ["webhook", verb, "--tenant", "acme", &id, "--json"];
        place.run(&words).json()
    };
    assert_eq!(run("test")["state"], "delivered");
    assert_eq!(run("show")["is_signed"], true);
    assert_ne!(run("secret")["secret"], secret);
    assert_eq!(run("disable")["done"], "turned off");
    assert_eq!(run("show")["disabled_why"], "turned off by hand");
    run("enable");
    let listed = place.run(&["webhook", "list", "--tenant", "acme", "--json"]);
    assert_eq!(listed.json()["webhooks"][0]["disabled_at"], Value::Null);
    let replay = ["deliveries", "replay", "--tenant", "acme", "--json"];
    let ids: Vec<String> = delivered.iter().map(|it| it["id"].to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let replayed = place.run(&[&replay[..], &ids].concat()).json();
    assert_eq!(replayed, json!({"replayed": 3}));
    let again = heard(&receiver, 3 + 1 + 3).await;
    let delivery = |it: &Heard| it.header("x-flowella-delivery").to_owned();
    let first: std::collections::BTreeSet<_> = again[..3].iter().map(delivery).collect();
    let second = again[4..].iter().map(delivery).collect();
    assert_eq!(first, second);
    run("delete");
    mistakes_are_answered_with_what_to_do(&place, &id);
    server.stop();
}

fn mistakes_are_answered_with_what_to_do(place: &Place, deleted: &str) {
    let missing = place.run(&["webhook", "show", "--tenant", "acme", deleted]);
    assert_eq!(missing.code, Some(1));
    assert!(
        missing.stderr.contains("webhook list"),
        "{}",
        missing.stderr
    );
    let bad = ["webhook", "create", "--tenant", "acme", "--api", "flowiq"];
    let bad = place.run(&[&bad[..], &["--url", "http://10.0.0.1/"]].concat());
    assert!(
        bad.stderr.contains("allow_private_addresses"),
        "{}",
        bad.stderr
    );
}

async fn a_delivery_that_a_kill_cuts_off_is_made_again_under_its_id(place: Place) {
    allow_this_machine(&place);
    let shop = Shop::open(&place, "acme");
    let receiver = Receiver::start().await;
    create(&place, "flowiq", &receiver.url);
    receiver.keep_silent();
    let server = place.sandbox().await;
    send(&shop, &server).await;
    let cut_off = heard(&receiver, 1).await.remove(0);
    server.kill();

    receiver.answer(200);
    let server = place.sandbox().await;
    until(&place, "delivered", 3).await;
    let again = receiver.heard();
    let id = |it: &Heard| it.header("x-flowiq-delivery").to_owned();
    let repeated = again[1..].iter().find(|it| id(it) == id(&cut_off)).unwrap();
    assert_eq!(repeated.body, cut_off.body);
    let mut types: Vec<_> = again[1..]
        .iter()
        .map(|it| it.json()["event_type"].to_string())
        .collect();
    types.sort();
    types.dedup();
    assert_eq!(types.len(), 3, "{types:?}");
    assert!(list(&place, "failed").is_empty());
    server.stop();
}

async fn two_nodes_tell_each_thing_once_and_one_takes_over(place: Place) {
    let other_place = place.another_node();
    as_one_of_several(&place);
    as_one_of_several(&other_place);
    let shop = Shop::open(&place, "acme");
    let receiver = Receiver::start().await;
    create(&place, "flowiq", &receiver.url);
    let one = place.sandbox().await;
    let other = other_place.sandbox().await;
    for person in 0..20 {
        let phone = format!("+2782555{:04}", 101 + person);
        assert_eq!(shop.create(&one, &phone).await.status, 201);
        assert_eq!(shop.send(&one, &phone).await.status, 200);
    }
    heard(&receiver, 60).await;
    until(&place, "delivered", 60).await;
    // Whichever of them it is that tells, it is gone in the one case or the other.
    one.kill();
    let phone = "+27821112233";
    assert_eq!(shop.create(&other, phone).await.status, 201);
    assert_eq!(shop.send(&other, phone).await.status, 200);
    heard(&receiver, 63).await;
    until(&other_place, "delivered", 63).await;
    let id = |it: &Heard| it.header("x-flowiq-delivery").to_owned();
    let heard = receiver.heard();
    let ids: std::collections::BTreeSet<_> = heard.iter().map(id).collect();
    assert_eq!((heard.len(), ids.len()), (63, 63));
    other.stop();
}
