//! Contacts: shown, merged and taken apart from the command line.

use serde_json::Value;

use crate::place::Place;
use crate::shop::Shop;

on_both_engines![
    two_contacts_are_merged_shown_and_taken_apart,
    a_consent_is_changed_and_its_log_shown,
    what_is_not_there_is_said,
];

async fn two_contacts_are_merged_shown_and_taken_apart(place: Place) {
    let shop = Shop::open(&place, "acme");
    let server = place.serve().await;
    let kept = shop.upsert(&server, "+5541996910256").await.body;
    let gone = shop.create(&server, "+27821112233").await.body;
    let run = |words: &[&str]| {
        let all = [&["contact"], words, &["--tenant", "acme", "--json"]].concat();
        place.run(&all).json()
    };
    // By the spellings of two APIs, and by numbers in other ways of writing.
    let cuid = kept["data"]["id"].as_str().or(kept["id"].as_str()).unwrap();
    let uuid = gone["contact"]["id"]
        .as_str()
        .or(gone["id"].as_str())
        .unwrap();
    let kept_id = run(&["show", "554196910256"])["id"].as_i64().unwrap();
    let gone_id = run(&["show", "082 111 2233"])["id"].as_i64().unwrap();
    assert_eq!(run(&["show", cuid])["id"], kept_id);
    let merged = run(&["merge", cuid, uuid]);
    assert_eq!(merged["contact"], kept_id);
    let shown = run(&["show", &gone_id.to_string()]);
    assert_eq!(shown["id"], kept_id);
    let keys = shown["identities"].as_array().unwrap().iter();
    let keys: Vec<&Value> = keys.map(|it| &it["key"]).collect();
    assert_eq!(keys, ["27821112233", "554196910256"]);
    assert_eq!(shown["merges"][0]["reason"], "asked");
    // The server beside it knows at once.
    let found = shop.find(&server, "+27821112233").await.body;
    assert!(found.to_string().contains("5541996910256"), "{found}");
    let merge = merged["merge"].as_i64().unwrap().to_string();
    assert_eq!(run(&["unmerge", &merge])["contact"], gone_id);
    assert_eq!(run(&["show", uuid])["id"], gone_id);
    let shown = place.run(&["contact", "show", "--tenant", "acme", cuid]);
    assert!(shown.stdout.contains(", undone "), "{}", shown.stdout);
    server.stop();
}

async fn what_is_not_there_is_said(place: Place) {
    Shop::open(&place, "acme");
    let refused = |words: &[&str], says: &str| {
        let all = [&["contact"], words, &["--tenant", "acme"]].concat();
        let outcome = place.run(&all);
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(says), "{}", outcome.stderr);
    };
    refused(&["show", "42"], "no contact `42`");
    refused(&["show", "nobody"], "no contact `nobody`");
    refused(&["merge", "42", "43"], "no contact `42`");
    refused(&["unmerge", "42"], "there is no merge 42");
}

async fn a_consent_is_changed_and_its_log_shown(place: Place) {
    let shop = Shop::open(&place, "acme");
    let server = place.serve().await;
    shop.upsert(&server, "+27821112233").await;
    let run = |words: &[&str]| {
        let all = [
            &["contact", "consent"],
            words,
            &["--tenant", "acme", "--json"],
        ]
        .concat();
        place.run(&all).json()
    };
    let out = run(&[
        "opt-out",
        "+27821112233",
        "--reason",
        "asked",
        "--by",
        "thandi",
    ]);
    assert_eq!(out["is_opted_out"], true);
    // Twice is once.
    run(&["opt-out", "+27821112233"]);
    assert_eq!(run(&["opt-in", "+27821112233"])["is_opted_out"], false);
    let shown = run(&["show", "+27821112233"]);
    assert_eq!(shown["is_opted_out"], false);
    let log = shown["log"].as_array().unwrap();
    assert_eq!(log.len(), 2);
    let first = &log[0];
    assert_eq!(
        (&first["origin"], &first["made_by"]),
        (&"console".into(), &"thandi".into())
    );
    assert_eq!(
        (&first["reason"], &first["channel_id"]),
        (&"asked".into(), &Value::Null)
    );
    assert_eq!(log[1]["made_by"], "command line");
    consents_are_told(&place);
    server.stop();
}

fn consents_are_told(place: &Place) {
    let words = [
        "contact",
        "consent",
        "show",
        "--tenant",
        "acme",
        "+27821112233",
    ];
    let told = place.run(&words).stdout;
    assert!(
        told.contains("opted out of all, every channel, by console, thandi, asked"),
        "{told}"
    );
    let words = [
        "contact",
        "consent",
        "opt-out",
        "--tenant",
        "acme",
        "+27821112233",
    ];
    let refused = place.run(&[&words[..], &["--channel", "77"]].concat());
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("there is no such channel"),
        "{}",
        refused.stderr
    );
}
