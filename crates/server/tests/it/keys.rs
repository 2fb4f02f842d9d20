//! Keys: what they open, and when they stop.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;

use crate::place::Place;
use crate::server::Server;
use crate::shop::{MadeKey, Shop, make_key};

on_both_engines![
    a_revoked_key_stops_within_five_seconds_on_a_running_server,
    a_key_may_expire_have_few_requests_and_few_rights,
    what_is_not_there_is_told,
];

async fn a_revoked_key_stops_within_five_seconds_on_a_running_server(place: Place) {
    let server = place.serve().await;
    let shop = Shop::open(&place, "acme");
    let key = |api| make_key(&place, "acme", api, &["--rate-per-minute", "0"]);
    let keys = [
        ("flowiq", key("flowiq")),
        ("flowella", key("flowella")),
        ("wacr", key("wacr")),
    ];
    for (api, key) in &keys {
        assert_ne!(ask(&server, &shop, api, &key.secret).await, 401);
    }
    for (_, MadeKey { id, .. }) in &keys {
        let id = id.to_string();
        let revoked = place.run(&["key", "revoke", "--tenant", "acme", "--id", &id, "--json"]);
        assert_eq!(revoked.json()["revoked"], true);
    }
    let revoked_at = Instant::now();
    for (api, key) in &keys {
        loop {
            let asked_after = revoked_at.elapsed();
            if ask(&server, &shop, api, &key.secret).await == 401 {
                break;
            }
            assert!(asked_after < Duration::from_secs(5), "{api}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    // The others go on.
    assert_eq!(ask(&server, &shop, "flowiq", &shop.flowiq).await, 404);
    let listed = place
        .run(&["key", "list", "--tenant", "acme", "--json"])
        .json();
    let listed = listed["keys"].as_array().unwrap();
    let states: Vec<_> = listed
        .iter()
        .map(|key| key["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        states,
        [
            "active", "active", "active", "revoked", "revoked", "revoked"
        ]
    );
}

/// Asks for something harmless and returns the status.
async fn ask(server: &Server, shop: &Shop, api: &str, key: &str) -> u16 {
    let answer = match api {
        "flowiq" => {
            let path = format!("/contact?tenantId={}&phone_number=27820009999", shop.slug);
            server.get(&path, key).await
        }
        "flowella" => server.post("/api/v1/contacts", key, json!({})).await,
        _ => server.post("/api/v2/contacts", key, json!({})).await,
    };
    answer.status.as_u16()
}

async fn a_key_may_expire_have_few_requests_and_few_rights(place: Place) {
    let server = place.serve().await;
    let shop = Shop::open(&place, "acme");
    let expired = make_key(
        &place,
        "acme",
        "flowiq",
        &["--expires", "2020-01-01T00:00:00Z"],
    );
    assert_eq!(ask(&server, &shop, "flowiq", &expired.secret).await, 401);
    let later = make_key(
        &place,
        "acme",
        "flowiq",
        &["--expires", "2120-01-01T00:00:00+02:00"],
    );
    assert_eq!(ask(&server, &shop, "flowiq", &later.secret).await, 404);

    let reader = make_key(&place, "acme", "wacr", &["--scopes", "contacts:read"]);
    let row = shop.new_row("+27820000201");
    let refused = server.post("/api/v2/contacts", &reader.secret, row).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(
        refused.body.to_string().contains("contacts:write"),
        "{refused:?}"
    );

    // Counted by the minute of the clock: once more where it turned meanwhile.
    loop {
        let slow = make_key(&place, "acme", "flowiq", &["--rate-per-minute", "2"]);
        let minute = minute();
        let mut statuses = vec![];
        for _ in 0..3 {
            statuses.push(ask(&server, &shop, "flowiq", &slow.secret).await);
        }
        if minute == self::minute() {
            assert_eq!(statuses, [404, 404, 429]);
            break;
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server goes by the real clock, too"
)]
fn minute() -> i64 {
    Timestamp::now().as_second() / 60
}

async fn what_is_not_there_is_told(place: Place) {
    let _server = place.serve().await;
    let nobody = place.run(&["key", "create", "--tenant", "nobody", "--api", "flowiq"]);
    let complaint = nobody.complaint();
    assert!(complaint.contains("no tenant `nobody`"), "{complaint}");
    assert!(
        complaint.contains("tenant create --slug nobody"),
        "{complaint}"
    );
    let shop = Shop::open(&place, "acme");
    for json in [&[][..], &["--json"]] {
        let words = ["key", "revoke", "--tenant", &shop.slug, "--id", "987654321"];
        let unknown = place.run(&[&words[..], json].concat());
        let complaint = unknown.complaint();
        assert!(complaint.contains("no key 987654321"), "{complaint}");
        assert!(complaint.contains("key list --tenant acme"), "{complaint}");
    }
    let scoped = [
        "key", "create", "--tenant", "acme", "--api", "flowiq", "--scopes",
    ];
    let scoped = place.run(&[&scoped[..], &["contacts:read"]].concat());
    assert!(scoped.complaint().contains("only WA.cr has scopes"));
    let unknown = [
        "key", "create", "--tenant", "acme", "--api", "wacr", "--scopes",
    ];
    let unknown = place.run(&[&unknown[..], &["contacts:fly"]].concat());
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("contacts:fly") && unknown.stderr.contains("contacts:read"));
}
