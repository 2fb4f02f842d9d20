//! `GET /api/v1/analytics`.

use serde_json::{Value, json};
use simulator::Fault;
use test_support::meta::{SECONDS, text};
use test_support::{Actor, Meta, TestServer, TestTenant};

const PATH: &str = "/api/v1/analytics";
const TODAY: &str = "startDate=2026-03-10T00:00:00Z&endDate=2026-03-11T00:00:00Z";

async fn shop(server: &TestServer) -> (TestTenant, Actor, Meta) {
    let tenant = server.tenant("acme").await;
    let (acme, meta) = (tenant.flowella().await, tenant.meta("1001").await);
    (tenant, acme, meta)
}

/// Writes to somebody who just wrote, and returns WhatsApp's id of it.
async fn send(acme: &Actor, meta: &Meta, person: usize) -> Value {
    let number = format!("346001{person:05}");
    let message = text(&number, &format!("wamid.in.{person}"), "Hola");
    meta.say(&meta.payload(&json!({"messages": [message]})))
        .await;
    let body = json!({"to": number, "text": "Hola!"});
    let sent = acme.post("/api/v1/messages", body).await.json();
    sent["metaMessageId"].clone()
}

async fn report(meta: &Meta, wamid: &Value, word: &str) {
    let status = json!({
        "id": wamid, "status": word, "timestamp": SECONDS.to_string(), "recipient_id": "346",
    });
    meta.say(&meta.payload(&json!({"statuses": [status]})))
        .await;
}

async fn counts_are_of_how_far_each_message_got(server: TestServer) {
    let (_, acme, meta) = shop(&server).await;
    let mut wamids = Vec::new();
    for person in 0..6 {
        wamids.push(send(&acme, &meta, person).await);
    }
    server.simulator().fault_next(Fault::refuse(131_026));
    send(&acme, &meta, 6).await;
    for (wamid, words) in wamids.iter().zip([
        &["sent"][..],
        &["delivered", "sent"],
        &["delivered"],
        &["read", "delivered", "read"],
        &["failed"],
    ]) {
        for word in words {
            report(&meta, wamid, word).await;
        }
    }
    let expected = r#"{"period":{"start":"2026-03-10T00:00:00.000Z",
        "end":"2026-03-11T00:00:00.000Z"},"outboundMessages":{"total":7,
        "counts":{"PENDING":0,"SENT":2,"DELIVERED":2,"READ":1,"FAILED":2},
        "deliveryRate":0.43,"readRate":0.33,"failureRate":0.29}}"#;
    acme.get(&format!("{PATH}?{TODAY}"))
        .await
        .assert(200, expected);
    // What came after a failure after all, and what is summed up.
    report(&meta, &wamids[4], "delivered").await;
    while server.database.system().fold_tallies().await.unwrap() {}
    let body = acme.get(&format!("{PATH}?{TODAY}")).await.json();
    let counts = json!({"PENDING": 0, "SENT": 2, "DELIVERED": 3, "READ": 1, "FAILED": 1});
    assert_eq!(body["outboundMessages"]["counts"], counts);
}

on_both_engines!(counts_are_of_how_far_each_message_got);

#[tokio::test]
async fn nothing_sent_is_nothing_by_nothing() {
    let server = TestServer::start().await;
    let (_, acme, _) = shop(&server).await;
    let expected = r#"{"period":{"start":"2026-02-08T08:15:00.000Z",
        "end":"2026-03-10T08:15:00.000Z"},"outboundMessages":{"total":0,
        "counts":{"PENDING":0,"SENT":0,"DELIVERED":0,"READ":0,"FAILED":0},
        "deliveryRate":0.0,"readRate":0.0,"failureRate":0.0}}"#;
    acme.get(PATH).await.assert(200, expected);
}

#[tokio::test]
async fn a_period_reaches_to_the_full_minutes_around_it() {
    let server = TestServer::start().await;
    let (_, acme, meta) = shop(&server).await;
    send(&acme, &meta, 0).await;
    for (query, start, end, total) in [
        (
            "startDate=2026-03-10T08:15:00Z&endDate=2026-03-10T08:16:00Z",
            "2026-03-10T08:15:00.000Z",
            "2026-03-10T08:16:00.000Z",
            1,
        ),
        (
            "startDate=2026-03-10T08:15:59.999Z&endDate=2026-03-10T08:15:59.999Z",
            "2026-03-10T08:15:00.000Z",
            "2026-03-10T08:16:00.000Z",
            1,
        ),
        (
            "startDate=2026-03-10T07:00:00Z&endDate=2026-03-10T08:15:00Z",
            "2026-03-10T07:00:00.000Z",
            "2026-03-10T08:15:00.000Z",
            0,
        ),
        (
            "startDate=2026-03-10T10:16:00%2B02:00&endDate=2026-03-12T00:00:00+02:00",
            "2026-03-10T08:16:00.000Z",
            "2026-03-11T22:00:00.000Z",
            0,
        ),
    ] {
        let body = acme.get(&format!("{PATH}?{query}")).await.json();
        assert_eq!(
            body["period"],
            json!({"start": start, "end": end}),
            "{query}"
        );
        assert_eq!(body["outboundMessages"]["total"], total, "{query}");
    }
    // Until now, which is a minute that is not over.
    server.clock.advance_seconds(30);
    let body = acme.get(PATH).await.json();
    assert_eq!(body["outboundMessages"]["total"], 1);
}

#[tokio::test]
async fn dates_are_dates_in_their_order() {
    let server = TestServer::start().await;
    let (_, acme, _) = shop(&server).await;
    let rule = "must be a date and a time with its offset, such as 2026-03-01T00:00:00Z";
    let invalid = |message: &str| {
        format!(r#"{{"error":{{"code":"VALIDATION_ERROR","message":"{message}"}}}}"#)
    };
    for name in ["startDate", "endDate"] {
        for text in [
            "yesterday",
            "2026-03-01",
            "2026-03-01T00:00:00",
            "2026-13-01T00:00:00Z",
        ] {
            let reply = acme.get(&format!("{PATH}?{name}={text}")).await;
            reply.assert(400, &invalid(&format!("{name}: {rule}")));
        }
    }
    acme.get(&format!("{PATH}?startDate=2026-03-11T00:00:00Z"))
        .await
        .assert(400, &invalid("startDate: must not be after endDate"));
}

#[tokio::test]
async fn nobody_counts_what_others_sent() {
    let server = TestServer::start().await;
    let (_, acme, meta) = shop(&server).await;
    send(&acme, &meta, 0).await;
    let globex = server.tenant("globex").await.flowella().await;
    let body = globex.get(&format!("{PATH}?{TODAY}")).await.json();
    assert_eq!(body["outboundMessages"]["total"], 0);
}
