//! `GET /api/v1/templates`.

use serde_json::Value;
use test_support::{Setup, TestServer};

const PATH: &str = "/api/v1/templates";

fn names(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|it| it["name"].as_str().unwrap()).collect()
}

async fn templates_are_listed_page_by_page(server: TestServer) {
    let acme = server.tenant("acme").await.flowella().await;
    let whole = acme.get(PATH).await.json();
    let all = names(&whole);
    assert_eq!(all.len(), 5);
    assert!(all.contains(&"hello_world"));
    assert_eq!(whole.get("nextCursor"), None);
    let mut met = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = acme.get(&format!("{PATH}?limit=2&cursor={cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.json();
        met.extend(names(&page).into_iter().map(str::to_owned));
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(met, all);
}

on_both_engines!(templates_are_listed_page_by_page);

#[tokio::test]
async fn a_template_says_what_it_is() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    acme.get(&format!("{PATH}?limit=1")).await.assert(
        200,
        r#"{"items":[{"id":"<cuid last>","name":"verification_code","language":"en_US","category":"AUTHENTICATION","status":"APPROVED","wabaId":"200000000000001","createdAt":"2026-03-10T08:15:00.000Z","updatedAt":"2026-03-10T08:15:00.000Z"}],"nextCursor":"<cuid last>"}"#,
    );
}

#[tokio::test]
async fn a_channel_names_its_account() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    let (one, two) = (tenant.meta("1001").await, tenant.meta("1002").await);
    let of = async |channel: &operations::Channel| {
        let path = format!("{PATH}?whatsappChannelId={}", channel.id.to_cuid());
        acme.get(&path).await.json()
    };
    for channel in [&one.channel, &two.channel] {
        let page = of(channel).await;
        assert_eq!(names(&page).len(), 5);
        let items = page["items"].as_array().unwrap();
        assert!(items.iter().all(|it| it["wabaId"] == *channel.waba_id));
    }
    assert_eq!(names(&acme.get(PATH).await.json()).len(), 10);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused() {
    let server = TestServer::start().await;
    let (acme, globex) = (server.tenant("acme").await, server.tenant("globex").await);
    let theirs = globex.flowella().await.get(PATH).await.json();
    let foreign = theirs["items"][0]["id"].as_str().unwrap();
    let channel = globex.store.default_channel().await.unwrap().unwrap().id;
    let actor = acme.flowella().await;
    let limit = "limit: must be a whole number from 1 to 100";
    let unknown = "cursor: is not one of this list; begin again without it";
    for (query, status, code, message) in [
        ("limit=0".to_owned(), 400, "VALIDATION_ERROR", limit),
        (
            format!("cursor={foreign}"),
            400,
            "VALIDATION_ERROR",
            unknown,
        ),
        ("cursor=x".to_owned(), 400, "VALIDATION_ERROR", unknown),
        (
            format!("whatsappChannelId={}", channel.to_cuid()),
            404,
            "NOT_FOUND",
            "Channel not found",
        ),
        (
            "whatsappChannelId=x".to_owned(),
            404,
            "NOT_FOUND",
            "Channel not found",
        ),
    ] {
        let expected = format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#);
        let reply = actor.get(&format!("{PATH}?{query}")).await;
        reply.assert(status, &expected);
    }
}

#[tokio::test]
async fn a_tenant_without_a_line_has_none() {
    let setup = Setup {
        has_simulator: false,
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let acme = server.tenant("acme").await.flowella().await;
    acme.get(PATH).await.assert(200, r#"{"items":[]}"#);
}
