//! The simulator's own addresses.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use simulator::Config;

use crate::business::{Business, LINE, read, to_somebody};

#[tokio::test]
async fn what_was_set_up_is_listed() {
    let business = Business::start().await;
    for (path, key, given) in [
        (
            "apps",
            "app",
            json!({"id": "1", "secret": "s", "verify_token": "w", "callback_url": null}),
        ),
        (
            "people",
            "person",
            json!({"number": "27821112233", "wa_id": "2799", "user_id": null,
            "name": "Ada", "username": null, "hides_number": false, "on_whatsapp": true,
            "fails_with": null}),
        ),
        (
            "lines",
            "line",
            json!({"phone_number_id": LINE, "display_phone_number": null,
            "verified_name": null, "waba_id": null, "tier_per_second": 80, "limits_pairs": true,
            "window": "reported", "statuses": "read"}),
        ),
    ] {
        let path = format!("/simulator/{path}");
        let (status, answer) = business.control(&path, &given).await;
        assert_eq!((status, &answer[key]), (200, &given));
        let (_, listed) = business.get(&path).await;
        let listed = listed.as_object().unwrap().values().next().unwrap();
        assert_eq!(listed, &json!([given]));
    }
    let (_, number) = business.get("/simulator/numbers/27821112233").await;
    assert_eq!(number["wa_id"], "2799");
    let (_, answer) = business
        .send(&{
            let mut message = to_somebody("text", json!({"body": "b"}));
            message["to"] = json!("+27 82 111 2233");
            message
        })
        .await;
    assert_eq!(answer["contacts"][0]["wa_id"], "2799");
    let gone = business.ask(Method::DELETE, "/simulator/people/27821112233");
    assert_eq!(gone.send().await.unwrap().status(), 200);
    let gone = business.ask(Method::DELETE, "/simulator/people/27821112233");
    assert_eq!(gone.send().await.unwrap().status(), 404);
    let (_, number) = business.get("/simulator/numbers/27821112233").await;
    assert_eq!(number["wa_id"], "27821112233");
}

#[tokio::test]
async fn a_person_may_be_on_whatsapp_or_not_whatever_the_number() {
    let business = Business::start().await;
    for (number, on_whatsapp) in [("27821110000", true), ("27821112233", false)] {
        let given = json!({"number": number, "on_whatsapp": on_whatsapp});
        business.control("/simulator/people", &given).await;
        let (_, shown) = business.get(&format!("/simulator/numbers/{number}")).await;
        assert_eq!(shown["on_whatsapp"], on_whatsapp);
    }
}

#[tokio::test]
async fn what_cannot_be_set_up_is_refused_with_a_reason() {
    let business = Business::start().await;
    for (path, given) in [
        ("apps", json!({"id": "x", "secret": "s"})),
        ("apps", json!({"id": "1", "secret": ""})),
        ("apps", json!({"id": "1"})),
        ("accounts", json!({"id": ""})),
        ("lines", json!({"phone_number_id": "x"})),
        ("lines", json!({"phone_number_id": "1", "waba_id": "x"})),
        (
            "lines",
            json!({"phone_number_id": "1", "display_phone_number": "1"}),
        ),
        ("lines", json!({"phone_number_id": "1", "window": "shut"})),
        ("people", json!({"number": "1"})),
        ("people", json!({"number": "27821112233", "wa_id": "x"})),
        ("people", json!({"number": "27821112233", "user_id": "x"})),
        (
            "people",
            json!({"number": "27821112233", "hides_number": true}),
        ),
        ("rules", json!({"statuses": "all"})),
        ("setup", json!({"people": [{"number": "1"}]})),
        ("setup", json!("x")),
        ("faults", json!({"kind": "refuse"})),
        ("faults", json!({"kind": "slow"})),
        ("faults", json!({"kind": "silent", "percent": 101})),
        ("faults", json!([{"kind": "silent"}, {"kind": "x"}])),
    ] {
        let (status, answer) = business
            .control(&format!("/simulator/{path}"), &given)
            .await;
        assert_eq!(status, 400, "{path} {given} {answer}");
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
    }
    let (_, faults) = business.get("/simulator/faults").await;
    assert_eq!(faults, json!({"faults": []}));
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_told() {
    let business = Business::start().await;
    assert_eq!(business.get("/simulator").await.0, 404);
    assert_eq!(business.get("/simulator/apps/1/2").await.0, 404);
    let (status, answer) = business.get("/simulator/messages").await;
    assert_eq!(
        (status, &answer["error"]["message"]),
        (405, &json!("use POST"))
    );
}

#[tokio::test]
async fn rules_for_all_are_shown_and_changed() {
    let business = Business::start().await;
    let (_, shown) = business.get("/simulator/rules").await;
    let rules = json!({"tier_per_second": 0, "limits_pairs": false, "window": "ignored",
        "statuses": "none"});
    assert_eq!(shown, json!({"rules": rules}));
    let given = json!({"tier_per_second": 1});
    assert_eq!(business.control("/simulator/rules", &given).await.0, 200);
    let (_, shown) = business.get("/simulator/rules").await;
    assert_eq!(shown["rules"]["tier_per_second"], 1);
}

async fn send(business: &Business, to: &str) -> (u16, Value) {
    let mut message = to_somebody("text", json!({"body": "b"}));
    message["to"] = json!(to);
    business.send(&message).await
}

#[tokio::test]
async fn faults_may_be_for_some_for_all_or_for_somebody() {
    let business = Business::start().await;
    let faults = json!([
        {"kind": "refuse", "code": 131_056, "count": 2, "to": "+27821112233"},
        {"kind": "refuse", "code": 190, "phone_number_id": "1", "count": 0},
        {"kind": "refuse", "code": 131_000, "percent": 0, "count": 0},
        {"kind": "refuse", "code": 7, "http_status": 418, "message": "(#7) Teapot", "details": "d"},
    ]);
    let (status, listed) = business.control("/simulator/faults", &faults).await;
    assert_eq!(
        (status, listed["faults"].as_array().unwrap().len()),
        (200, 4)
    );
    let (status, answer) = send(&business, "16505551234").await;
    assert_eq!(
        (status, &answer["error"]["error_data"]["details"]),
        (418, &json!("d"))
    );
    assert_eq!(send(&business, "16505551234").await.0, 200);
    for expected in [400, 400, 200] {
        assert_eq!(send(&business, "27821112233").await.0, expected);
    }
    let (_, listed) = business.get("/simulator/faults").await;
    assert_eq!(listed["faults"].as_array().unwrap().len(), 2);
    for _ in 0..3 {
        let path = "/v25.0/1/messages";
        let message = to_somebody("text", json!({"body": "b"}));
        let answer = business
            .ask(Method::POST, path)
            .json(&message)
            .send()
            .await
            .unwrap();
        assert_eq!(read(answer).await.1["error"]["code"], 190);
    }
    let clear = business.ask(Method::DELETE, "/simulator/faults");
    assert_eq!(clear.send().await.unwrap().status(), 200);
    let (_, listed) = business.get("/simulator/faults").await;
    assert_eq!(listed, json!({"faults": []}));
}

#[tokio::test]
async fn a_percentage_is_about_that_many() {
    let business = Business::start().await;
    let fault = json!({"kind": "refuse", "code": 131_000, "percent": 50, "count": 0});
    business.control("/simulator/faults", &fault).await;
    let mut refused = 0;
    for _ in 0..200 {
        refused += usize::from(send(&business, "16505551234").await.0 != 200);
    }
    // Beyond this once in more than a million million runs.
    assert!((50..=150).contains(&refused), "{refused}");
}

#[tokio::test]
async fn an_answer_may_be_late() {
    let business = Business::start().await;
    let fault = json!({"kind": "slow", "milliseconds": 200});
    business.control("/simulator/faults", &fault).await;
    let started = Instant::now();
    assert_eq!(send(&business, "16505551234").await.0, 200);
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn what_was_sent_is_read_from_where_one_stopped() {
    let business = Business::start().await;
    for _ in 0..5 {
        send(&business, "16505551234").await;
    }
    send(&business, "x").await;
    let (_, first) = business.get("/simulator/sent?limit=2").await;
    assert_eq!(
        (&first["requests"], &first["taken"]),
        (&json!(6), &json!(5))
    );
    assert_eq!(first["messages"][1]["number"], 2);
    let (_, rest) = business.get("/simulator/sent?after=2").await;
    let rest = rest["messages"].as_array().unwrap();
    assert_eq!((rest.len(), &rest[0]["number"]), (3, &json!(3)));
    assert_eq!(rest[0]["to"], "16505551234");
    assert_eq!(rest[0]["body"]["text"]["body"], "b");
    let (_, none) = business
        .get("/simulator/sent?after=18446744073709551615")
        .await;
    assert_eq!(none["messages"], json!([]));
    assert_eq!(business.get("/simulator/sent?after=-1").await.0, 400);
}

#[tokio::test]
async fn the_journal_has_a_line_for_every_message_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let business = Business::start_with(Config {
        journal: Some(path.clone()),
        ..Config::default()
    })
    .await;
    let mut message = to_somebody("text", json!({"body": "b"}));
    message["biz_opaque_callback_data"] = json!("17");
    let (_, answer) = business.send(&message).await;
    let line: Value = serde_json::from_str(std::fs::read_to_string(&path).unwrap().trim()).unwrap();
    assert_eq!(
        (
            &line["wamid"],
            &line["opaque"],
            &line["to"],
            &line["phone_number_id"]
        ),
        (
            &answer["messages"][0]["id"],
            &json!("17"),
            &json!("16505551234"),
            &json!(LINE)
        ),
    );
    assert!(line["at_microseconds"].as_i64().unwrap() > 1_700_000_000_000_000);
    // What was taken counts, heard or not; what was refused does not.
    business.simulator.fault_next(simulator::Fault::HangUp);
    business.begin(&message).send().await.unwrap_err();
    send(&business, "x").await;
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
}
