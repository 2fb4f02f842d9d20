//! Contacts: shown, merged and taken apart from the command line.

use serde_json::Value;

use crate::place::Place;
use crate::shop::Shop;

on_both_engines![
    two_contacts_are_merged_shown_and_taken_apart,
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
