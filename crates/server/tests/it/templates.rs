//! Templates, listed and asked for on the command line.

use serde_json::{Value, json};
use simulator::{Config, Simulator};

use crate::place::Place;
use crate::shop::Shop;

on_both_engines![templates_are_asked_for_and_listed];

async fn submit(simulator: &Simulator, name: &str) {
    let url = format!("{}/v25.0/10229/message_templates", simulator.graph_url());
    let template = json!({
        "name": name, "language": "en_US", "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Your order is on its way."}],
    });
    let client = reqwest::ClientBuilder::new().build().unwrap();
    let asked = client.post(url).bearer_auth("EAAhush").json(&template);
    let answer = asked.send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}

async fn templates_are_asked_for_and_listed(place: Place) {
    Shop::open(&place, "acme");
    let none = place.run(&["template", "list", "--tenant", "acme"]);
    assert_eq!(none.stdout, "There are no templates.\n");
    let without = place.run(&["template", "sync", "--tenant", "acme"]);
    assert!(
        without.complaint().contains("no channel"),
        "{}",
        without.stderr
    );

    let simulator = Simulator::start(Config::default()).await.unwrap();
    let url = simulator.graph_url();
    let mut words = vec!["channel", "create", "--tenant", "acme", "--graph-url", &url];
    words.extend(["--phone-number-id", "106540352242922", "--waba-id", "10229"]);
    words.extend(["--number", "+27110000000", "--token", "EAAhush"]);
    words.extend(["--app-secret", "hush", "--verify-token", "word"]);
    assert_eq!(place.run(&words).code, Some(0));
    submit(&simulator, "first_order").await;
    let run = |words: &[&str]| {
        let all = [&["template"], words, &["--tenant", "acme", "--json"]].concat();
        place.run(&all).json()
    };
    run(&["sync"]);
    submit(&simulator, "second_order").await;
    let synced = run(&["sync"]);
    assert_eq!(
        (&synced["created"], &synced["deleted"]),
        (&json!(1), &json!(0))
    );
    let listed = run(&["list"]);
    let named = |name: &str| {
        let mut all = listed["templates"].as_array().unwrap().iter();
        all.find(|it| it["name"] == name)
            .cloned()
            .unwrap_or(Value::Null)
    };
    assert_eq!(named("first_order")["waba_id"], "10229");
    assert_eq!(named("second_order")["language"], "en_US");
    assert_eq!(
        json!(listed["templates"].as_array().unwrap().len()),
        synced["total"]
    );
    let told = place.run(&["template", "list", "--tenant", "acme"]).stdout;
    let line = told.lines().find(|it| it.contains(" second_order "));
    assert!(line.unwrap().ends_with("  10229"), "{told}");
}
