//! Channels: connected, shown and stopped from the command line.

use serde_json::{Value, json};

use crate::place::Place;
use crate::shop::Shop;

on_both_engines![
    a_number_is_connected_shown_paused_and_deleted,
    channels_with_the_same_secrets_share_a_webhook_path,
];

/// Connects a number whose id ends in these digits.
fn connect(place: &Place, digits: &str, more: &[&str]) -> crate::program::Outcome {
    let id = format!("1065403522{digits}");
    let mut words = vec!["channel", "create", "--tenant", "acme"];
    words.extend(["--phone-number-id", &id, "--waba-id", "102290129340398"]);
    words.extend(["--number", "+27110000000", "--token", "EAAhush"]);
    words.extend(["--verify-token", "a-word", "--json"]);
    words.extend(more);
    place.run(&words)
}

async fn a_number_is_connected_shown_paused_and_deleted(place: Place) {
    Shop::open(&place, "acme");
    let created = connect(&place, "42922", &["--app-secret", "hush-secret"]).json();
    let id = created["channel"]["id"].as_i64().unwrap().to_string();
    let path = created["webhook_path"].as_str().unwrap();
    assert!(path.starts_with("/webhooks/meta/"), "{path}");
    let again = connect(&place, "42922", &["--app-secret", "hush-secret"]);
    assert_eq!(again.code, Some(1));
    assert!(
        again.stderr.contains("connected already"),
        "{}",
        again.stderr
    );

    let of = ["--tenant", "acme", "--id", id.as_str(), "--json"];
    let run = |verb: &str| place.run(&[&["channel", verb][..], &of].concat()).json();
    let shown = run("show");
    assert_eq!(shown["number"], "27110000000");
    assert_eq!(shown["tier_per_second"], 80);
    assert_eq!(shown["is_default"], true);
    assert_eq!(shown["webhook_path"], path);
    let paused = ["channel", "pause", "--why", "unpaid"];
    place.run(&[&paused[..], &of].concat()).json();
    assert_eq!(run("show")["paused_why"], "unpaid");
    run("resume");
    assert_eq!(run("show")["paused_why"], Value::Null);
    assert_eq!(
        run("delete"),
        json!({"id": id.parse::<i64>().unwrap(), "done": "deleted"})
    );
    let missing = place.run(&[&["channel", "show"][..], &of].concat());
    assert_eq!(missing.code, Some(1));
    assert!(
        missing.stderr.contains("channel list"),
        "{}",
        missing.stderr
    );
    let listed = place.run(&["channel", "list", "--tenant", "acme", "--json"]);
    assert_eq!(listed.json(), json!({"channels": []}));
}

async fn channels_with_the_same_secrets_share_a_webhook_path(place: Place) {
    Shop::open(&place, "acme");
    let path = |digits: &str, secret: &str| {
        let created = connect(&place, digits, &["--app-secret", secret]).json();
        created["webhook_path"].as_str().unwrap().to_owned()
    };
    let first = path("1", "hush-one");
    assert_eq!(path("2", "hush-one"), first);
    assert_ne!(path("3", "hush-two"), first);
    for file in std::fs::read_dir(place.data_dir()).unwrap() {
        let kept = std::fs::read(file.unwrap().path()).unwrap();
        let has = |secret: &&str| kept.windows(secret.len()).any(|it| it == secret.as_bytes());
        let secrets = ["EAAhush", "hush-one", "hush-two"];
        assert_eq!(secrets.iter().find(|it| has(it)), None);
    }
}
