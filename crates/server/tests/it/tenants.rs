//! `tenant create` beside a running server, and the five calls that it makes possible.

use serde_json::json;

use crate::place::Place;
use crate::shop::Shop;

on_both_engines![
    a_production_server_answers_the_five_calls_and_says_that_no_number_is_connected,
    with_a_sandbox_a_send_gets_the_id_of_its_message,
    a_taken_slug_is_refused,
    who_is_past_due_sends_nothing_until_it_has_paid,
    tenants_are_made_with_a_plan_listed_and_shown,
];

async fn a_production_server_answers_the_five_calls_and_says_that_no_number_is_connected(
    place: Place,
) {
    let server = place.serve().await;
    let shop = Shop::open(&place, "acme");
    for (phone, made) in [
        ("+27820000101", shop.create(&server, "+27820000101").await),
        ("+27820000102", shop.upsert(&server, "27820000102").await),
        ("+27820000103", shop.add(&server, "+27 82 000 0103").await),
    ] {
        assert!(made.status.is_success(), "{made:?}");
        let found = shop.find(&server, phone).await;
        assert_eq!(found.status, 200, "{found:?}");
        assert_eq!(found.body["contact"]["phone_number"], phone);
        let sent = shop.send(&server, phone).await;
        assert!(sent.status.is_client_error(), "{sent:?}");
        let told = sent.body.to_string();
        assert!(told.contains("not configured"), "{told}");
    }
    server.stop();
}

async fn with_a_sandbox_a_send_gets_the_id_of_its_message(place: Place) {
    let server = place.sandbox().await;
    let shop = Shop::open(&place, "acme");
    let made = shop.upsert(&server, "+27820000104").await;
    assert!(made.status.is_success(), "{made:?}");
    let sent = shop.send(&server, "+27820000104").await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let wamid = sent.body["data"]["message_id"].as_str().unwrap();
    assert!(wamid.starts_with("wamid."), "{wamid}");
    server.stop();
    // The simulated number does not outlive the sandbox.
    let server = place.serve().await;
    let sent = shop.send(&server, "+27820000104").await;
    assert!(sent.body.to_string().contains("not configured"), "{sent:?}");
}

async fn a_taken_slug_is_refused(place: Place) {
    let _server = place.serve().await;
    let words = [
        "tenant", "create", "--slug", "acme", "--name", "Acme", "--json",
    ];
    let made = place.run(&words).json();
    let expected = json!({
        "tenant": {"id": made["tenant"]["id"], "slug": "acme", "name": "Acme"},
        "source_id": made["source_id"], "status_id": made["status_id"],
    });
    assert_eq!(made, expected);
    assert!(made["source_id"].is_i64() && made["status_id"].is_i64());
    let again = place.run(&words);
    let complaint = again.complaint();
    assert!(complaint.contains("`acme` already"), "{complaint}");
    assert!(complaint.contains("--slug"), "{complaint}");
}

async fn who_is_past_due_sends_nothing_until_it_has_paid(place: Place) {
    let shop = Shop::open(&place, "acme");
    let set = |word: &str| {
        let words = ["tenant", "set", "--slug", "acme", "--subscription", word];
        place.run(&[&words[..], &["--json"]].concat()).json()
    };
    let changed = set("past-due");
    assert_eq!(changed["tenant"], "acme");
    assert_eq!(changed["subscription"], "past_due");
    let server = place.sandbox().await;
    let made = shop.upsert(&server, "+27820000105").await;
    assert!(made.status.is_success(), "{made:?}");
    let sent = shop.send(&server, "+27820000105").await;
    assert_eq!(sent.status, 403, "{sent:?}");
    assert_eq!(sent.body["error"], "Subscription required");
    set("active");
    // A key of which the server has not heard yet.
    let key = crate::shop::make_key(&place, "acme", "flowiq", &[]).secret;
    let paid = Shop {
        flowiq: key,
        ..shop
    };
    let sent = paid.send(&server, "+27820000105").await;
    assert_eq!(sent.status, 200, "{sent:?}");
    server.stop();
}

async fn tenants_are_made_with_a_plan_listed_and_shown(place: Place) {
    let mut create = vec!["tenant", "create", "--slug", "small", "--name", "Small"];
    create.extend(["--contact-limit", "2", "--conversation-limit", "7"]);
    create.extend([
        "--plan-name",
        "Starter",
        "--plan-expires",
        "2027-01-31T00:00:00Z",
    ]);
    create.extend(["--feature", "chatbot=off", "--subscription", "past-due"]);
    assert_eq!(place.run(&create).code, Some(0));
    let shop = Shop::open(&place, "acme");
    let server = place.serve().await;
    shop.upsert(&server, "+27820000107").await;
    let shown = |slug: &str| {
        let words = ["tenant", "show", "--slug", slug, "--json"];
        place.run(&words).json()
    };
    let small = shown("small");
    assert_eq!(
        (&small["contact_limit"], &small["contacts"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(small["subscription"], "past_due");
    let plan = &small["plan"];
    assert_eq!(
        (&plan["name"], &plan["conversation_limit"]),
        (&json!("Starter"), &json!(7))
    );
    assert_eq!(plan["lacks"], json!(["chatbot"]));
    let acme = shown("acme");
    assert_eq!(
        (&acme["contact_limit"], &acme["contacts"]),
        (&json!(null), &json!(1))
    );
    assert_eq!(
        (&acme["plan"]["lacks"], &acme["country"]),
        (&json!([]), &json!("ZA"))
    );
    assert_eq!(acme["default_source_id"], shop.source_id);
    let listed = place.run(&["tenant", "list", "--json"]).json();
    assert_eq!(listed["tenants"], json!([acme, small]));
    let told = place.run(&["tenant", "show", "--slug", "small"]).stdout;
    assert!(
        told.contains("Contacts                  0, limit 2"),
        "{told}"
    );
    assert!(told.contains("Lacks                     chatbot"), "{told}");
    let told = place.run(&["tenant", "list"]).stdout;
    assert!(told.lines().nth(1).unwrap().starts_with("acme "), "{told}");
    let nobody = place.run(&["tenant", "show", "--slug", "nobody"]);
    assert!(nobody.complaint().contains("there is no tenant `nobody`"));
    server.stop();
}
