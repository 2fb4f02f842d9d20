//! `GET /api/v1/ping` and `GET /api/v1/contacts`.

use serde_json::{Value, json};
use test_support::{Actor, TestServer};

const PATH: &str = "/api/v1/contacts";

fn invalid(message: &str) -> String {
    format!(r#"{{"error":{{"code":"VALIDATION_ERROR","message":"{message}"}}}}"#)
}

const UNKNOWN: &str = "cursor: is not one of this list; begin again without it";

async fn make(actor: &Actor, person: usize) -> Value {
    let body = json!({"phone": format!("+346001{person:05}")});
    let made = actor.post(PATH, body).await;
    assert_eq!(made.status, 200);
    made.json()
}

/// Reads a list to its end, page by page.
async fn all(actor: &Actor, limit: usize) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = actor
            .get(&format!("{PATH}?limit={limit}&cursor={cursor}"))
            .await
            .json();
        let items = page["items"].as_array().unwrap();
        assert!(!items.is_empty() && items.len() <= limit);
        rows.extend(items.iter().cloned());
        match page.get("nextCursor") {
            Some(next) => {
                assert_eq!(Some(next), rows.last().map(|row| &row["id"]));
                next.as_str().unwrap().clone_into(&mut cursor);
            }
            None => return rows,
        }
    }
}

#[tokio::test]
async fn a_ping_says_whose_key_it_is() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let id = tenant.tenant.id.to_cuid();
    let expected = format!(r#"{{"ok":true,"organizationId":"{id}"}}"#);
    let acme = tenant.flowella().await;
    acme.get("/api/v1/ping").await.assert(200, &expected);
}

#[tokio::test]
async fn a_list_of_nobody_has_no_items_and_no_cursor() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    acme.get(PATH).await.assert(200, r#"{"items":[]}"#);
}

async fn pages_meet_everybody_once_newest_first(server: TestServer) {
    let acme = server.tenant("acme").await.flowella().await;
    let mut made = Vec::new();
    // Some in one moment, where the id decides.
    for person in 0..11 {
        if person % 3 == 0 {
            server.clock.advance_seconds(1);
        }
        made.push(make(&acme, person).await);
    }
    made.reverse();
    for limit in [1, 4, 10, 11, 100] {
        assert_eq!(all(&acme, limit).await, made, "{limit}");
    }
    let page = acme.get(PATH).await.json();
    assert_eq!(
        (&page["items"], page.get("nextCursor")),
        (&json!(made), None)
    );
}

async fn who_comes_meanwhile_shifts_nothing(server: TestServer) {
    let acme = server.tenant("acme").await.flowella().await;
    for person in 0..6 {
        make(&acme, person).await;
    }
    let first = acme.get(&format!("{PATH}?limit=3")).await.json();
    let cursor = first["nextCursor"].as_str().unwrap();
    server.clock.advance_seconds(1);
    make(&acme, 99).await;
    let second = acme
        .get(&format!("{PATH}?limit=3&cursor={cursor}"))
        .await
        .json();
    let phones = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        let phone = |item: &Value| item["phone"].as_str().unwrap().to_owned();
        items.iter().map(phone).collect()
    };
    assert_eq!(
        [phones(&first), phones(&second)].concat(),
        [5, 4, 3, 2, 1, 0].map(|person| format!("+346001{person:05}"))
    );
}

on_both_engines!(
    pages_meet_everybody_once_newest_first,
    who_comes_meanwhile_shifts_nothing,
);

#[tokio::test]
async fn twenty_five_are_shown_unless_more_are_asked_for() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    for person in 0..26 {
        make(&acme, person).await;
    }
    let page = acme.get(PATH).await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 25);
    assert!(page["nextCursor"].is_string());
}

#[tokio::test]
async fn a_limit_is_a_whole_number_from_1_to_100() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    for limit in ["0", "101", "-1", "1.5", "ten", "99999999999999999999"] {
        acme.get(&format!("{PATH}?limit={limit}"))
            .await
            .assert(400, &invalid("limit: must be a whole number from 1 to 100"));
    }
    assert_eq!(acme.get(&format!("{PATH}?limit=")).await.status, 200);
}

#[tokio::test]
async fn a_cursor_is_the_id_of_a_contact_that_is_there() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    let globex = server.tenant("globex").await.flowella().await;
    let theirs = make(&globex, 0).await;
    let (kept, gone) = (make(&acme, 1).await, make(&acme, 2).await);
    let (keep, merged) = (
        tenant.contact("+34600100001").await,
        tenant.contact("+34600100002").await,
    );
    let merge = operations::MergeContacts {
        keep: keep.id,
        gone: merged.id,
        made_by: None,
    };
    let operator = tenant.operator();
    let merged = server.operations.merge_contacts(&operator, merge).await;
    merged.unwrap();
    let organization = tenant.tenant.id.to_cuid();
    for cursor in [
        "x",
        "1",
        "c00000000000000000000000a",
        &organization,
        theirs["id"].as_str().unwrap(),
        gone["id"].as_str().unwrap(),
    ] {
        acme.get(&format!("{PATH}?cursor={cursor}"))
            .await
            .assert(400, &invalid(UNKNOWN));
    }
    let cursor = kept["id"].as_str().unwrap();
    let page = acme.get(&format!("{PATH}?cursor={cursor}")).await;
    page.assert(200, r#"{"items":[]}"#);
}

#[tokio::test]
async fn nobody_elses_contacts_are_listed() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    let globex = server.tenant("globex").await.flowella().await;
    make(&globex, 0).await;
    acme.get(PATH).await.assert(200, r#"{"items":[]}"#);
}
