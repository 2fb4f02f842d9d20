//! `GET /api/v1/conversations`.

use domain::Phone;
use domain::ids::ConversationId;
use domain::message::Content;
use domain::message::content::Text;
use operations::ReceiveMessage;
use serde_json::{Value, json};
use test_support::{Actor, TestServer, TestTenant};

const PATH: &str = "/api/v1/conversations";

/// Lets a person write, a second after whatever was before.
async fn wrote(server: &TestServer, tenant: &TestTenant, person: usize) {
    server.clock.advance_seconds(1);
    let from = format!("+3460011{person:04}");
    let message = ReceiveMessage {
        from: Phone::parse(&from, tenant.tenant.country).unwrap(),
        profile_name: format!("Person {person}"),
        content: Content::Text(Text {
            body: "Hola".to_owned(),
            preview_url: false,
        }),
        wamid: format!("wamid.{}", server.clock.now()),
    };
    let operator = tenant.operator();
    let received = server.operations.receive_message(&operator, message);
    received.await.unwrap();
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|it| it["contact"]["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn page(actor: &Actor, limit: usize, cursor: &str) -> (Vec<String>, Option<String>) {
    let page = actor
        .get(&format!("{PATH}?limit={limit}&cursor={cursor}"))
        .await;
    assert_eq!(page.status, 200, "{}", page.text());
    let page = page.json();
    let next = page
        .get("nextCursor")
        .map(|it| it.as_str().unwrap().to_owned());
    (names(&page), next)
}

#[tokio::test]
async fn a_conversation_names_its_contact_and_its_channel() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    acme.get(PATH).await.assert(200, r#"{"items":[]}"#);
    wrote(&server, &tenant, 1).await;
    acme.get(PATH).await.assert(
        200,
        r#"{"items":[{"id":"<cuid>","status":"OPEN","createdAt":"2026-03-10T08:15:01.000Z","whatsappChannelId":"<cuid>","contact":{"id":"<cuid>","phone":"+34600110001","name":"Person 1","waId":null},"lastMessageAt":"2026-03-10T08:15:01.000Z"}]}"#,
    );
    for (status, count) in [("OPEN", 1), ("CLOSED", 0), ("SNOOZED", 0)] {
        let page = acme.get(&format!("{PATH}?status={status}")).await.json();
        assert_eq!(names(&page).len(), count, "{status}");
    }
}

async fn pages_meet_every_conversation_once_though_some_go_on(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    for person in 0..7 {
        wrote(&server, &tenant, person).await;
    }
    let (first, cursor) = page(&acme, 3, "").await;
    assert_eq!(first, ["Person 6", "Person 5", "Person 4"]);
    // The very row of the cursor, and one that was not met yet, go to the top.
    wrote(&server, &tenant, 4).await;
    wrote(&server, &tenant, 2).await;
    let (second, cursor) = page(&acme, 3, &cursor.unwrap()).await;
    assert_eq!(second, ["Person 3", "Person 1", "Person 0"]);
    assert_eq!(cursor, None);
    let (top, _) = page(&acme, 2, "").await;
    assert_eq!(top, ["Person 2", "Person 4"]);
}

on_both_engines!(pages_meet_every_conversation_once_though_some_go_on);

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused() {
    let server = TestServer::start().await;
    let (acme, globex) = (server.tenant("acme").await, server.tenant("globex").await);
    wrote(&server, &acme, 1).await;
    wrote(&server, &globex, 2).await;
    wrote(&server, &globex, 3).await;
    let actor = acme.flowella().await;
    let theirs = globex.flowella().await;
    let (_, foreign) = page(&theirs, 1, "").await;
    let own = actor.get(PATH).await.json()["items"][0]["id"].clone();
    let nobodys = ConversationId::new(9_999_999).unwrap();
    for (query, message) in [
        (
            "limit=0".to_owned(),
            "limit: must be a whole number from 1 to 100",
        ),
        (
            "limit=101".to_owned(),
            "limit: must be a whole number from 1 to 100",
        ),
        (
            "limit=ten".to_owned(),
            "limit: must be a whole number from 1 to 100",
        ),
        (
            "status=DONE".to_owned(),
            "status: must be one of OPEN, CLOSED, PENDING, ARCHIVED, SNOOZED",
        ),
        (format!("cursor={}", foreign.unwrap()), UNKNOWN),
        (format!("cursor={}", own.as_str().unwrap()), UNKNOWN),
        (
            format!("cursor={}", nobodys.to_place_cuid(server.clock.now())),
            UNKNOWN,
        ),
        ("cursor=x".to_owned(), UNKNOWN),
    ] {
        let body = json!({"error": {"code": "VALIDATION_ERROR", "message": message}});
        let answer = actor.get(&format!("{PATH}?{query}")).await;
        answer.assert(400, &body.to_string());
    }
    assert_eq!(page(&actor, 25, "").await.0, ["Person 1"]);
    actor.with_key("flo_nobody").get(PATH).await.assert(
        401,
        r#"{"error":{"code":"UNAUTHORIZED","message":"Invalid API key"}}"#,
    );
}

const UNKNOWN: &str = "cursor: is not one of this list; begin again without it";
