//! What jobs do.

use std::time::Duration;

use domain::ids::JobId;
use domain::message::Status;
use domain::tenant::{Plan, Subscription};
use operations::{JobReport, JobState, RecipientState};
use serde_json::json;
use simulator::Fault;
use test_support::TestServer;
use tokio_util::sync::CancellationToken;

use super::{Shop, error};

fn states(report: &JobReport) -> Vec<(RecipientState, Option<&str>, i64)> {
    let states = report.progress.recipients.iter();
    states.map(|it| (it.0, it.1.as_deref(), it.2)).collect()
}

async fn everybody_gets_the_template_once(server: TestServer) {
    let shop = Shop::open(server).await;
    let known = json!({"phone": "+34600111222"});
    let known = shop.acme.post("/api/v1/contacts", known).await.json();
    let body = json!({
        "templateId": shop.template("order_confirmation").await.id.to_cuid(),
        "whatsappChannelId": shop.meta.channel.id.to_cuid(),
        "recipients": [
            {"contactId": known["id"], "bodyParameters": ["Lucia", "1"],
             "buttonParameters": [{"index": 0, "text": "1"}]},
            {"phone": "+34600333444", "bodyParameters": ["Ana", "2"],
             "buttonParameters": [{"text": "2"}]},
            // The same ones again, in other words.
            {"phone": "34 600 333 444", "bodyParameters": ["Ana", "3"],
             "buttonParameters": [{"text": "3"}]},
            {"phone": "34600111222", "bodyParameters": ["Lucia", "4"],
             "buttonParameters": [{"text": "4"}]},
        ],
    });
    let reply = shop.send(body).await;
    let template = shop.template("order_confirmation").await.id.to_cuid();
    let expected = format!(
        r#"{{"id":"<cuid>","status":"PENDING","templateId":"{template}","scheduledFor":null}}"#
    );
    reply.assert(201, &expected);
    shop.work().await;
    let sent = shop.server.simulator().sent();
    let mut sent: Vec<_> = sent.iter().map(|it| &it.body).collect();
    sent.sort_by_key(|body| body["to"].to_string());
    assert_eq!(sent.len(), 2);
    for (body, (to, words)) in sent.iter().zip([
        ("+34600111222", ["Lucia", "1", "1"]),
        ("+34600333444", ["Ana", "2", "2"]),
    ]) {
        assert_eq!(
            (&body["to"], &body["type"]),
            (&json!(to), &json!("template"))
        );
        assert_eq!(body["template"]["name"], "order_confirmation");
        let text = body["template"].to_string();
        for word in words {
            assert!(text.contains(&format!(r#""text":"{word}""#)), "{text}");
        }
    }
    let id = JobId::from_cuid(reply.json()["id"].as_str().unwrap()).unwrap();
    let report = shop.report(id).await;
    let job = &report.job;
    assert_eq!((job.state, job.recipients), (JobState::Completed, 4));
    assert_eq!((job.queued, job.duplicates), (2, 2));
    assert_eq!(report.progress.messages, [(Status::Accepted, 2)]);
    let messages = shop.tenant.messages("+34600333444").await;
    assert_eq!(messages[0].author.job_id, Some(id));
}

async fn whoever_wants_nothing_is_skipped_and_counted(server: TestServer) {
    let shop = Shop::open(server).await;
    for phone in ["+34600111222", "+34600333444", "+34600555666"] {
        shop.acme
            .post("/api/v1/contacts", json!({"phone": phone}))
            .await;
    }
    shop.tenant.opt_out("+34600111222").await;
    shop.tenant.block("+34600333444").await;
    let gone = shop.server.tenant("globex").await.flowella().await;
    let gone = gone
        .post("/api/v1/contacts", json!({"phone": "+34600777888"}))
        .await;
    let recipients = json!([
        {"phone": "+34600111222"}, {"phone": "+34600333444"}, {"phone": "+34600555666"},
        {"contactId": gone.json()["id"]},
    ]);
    let id = shop.job(shop.hello(recipients).await).await;
    shop.work().await;
    let report = shop.report(id).await;
    assert_eq!(
        states(&report),
        [
            (RecipientState::Failed, Some("There is no such contact"), 1),
            (RecipientState::Queued, None, 1),
            (RecipientState::Skipped, Some("The contact is blocked"), 1),
            (RecipientState::Skipped, Some("The contact opted out"), 1),
        ]
    );
    assert_eq!(report.job.state, JobState::Completed);
    assert_eq!(shop.server.simulator().sent().len(), 1);
}

async fn a_job_waits_for_its_time(server: TestServer) {
    let shop = Shop::open(server).await;
    let mut body = shop.hello(json!([{"phone": "+34600111222"}])).await;
    body["scheduledAt"] = json!("2026-03-10T10:20:00+02:00");
    let reply = shop.send(body).await;
    assert_eq!(reply.json()["scheduledFor"], "2026-03-10T08:20:00.000Z");
    shop.work().await;
    assert_eq!(shop.server.simulator().sent().len(), 0);
    shop.server.clock.advance_seconds(300);
    shop.work().await;
    assert_eq!(shop.server.simulator().sent().len(), 1);
}

on_both_engines!(
    everybody_gets_the_template_once,
    whoever_wants_nothing_is_skipped_and_counted,
    a_job_waits_for_its_time,
);

#[tokio::test]
async fn a_throttled_job_keeps_its_pace() {
    let shop = Shop::open(TestServer::start().await).await;
    let people = (0..10).map(|it| json!({"phone": format!("+3460011122{it}")}));
    let mut body = shop.hello(people.collect()).await;
    // One in ten seconds.
    body["throttlePerHour"] = json!(360);
    shop.job(body).await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        shop.work().await;
        sent.push(shop.server.simulator().sent().len());
    }
    // Twenty seconds each.
    assert_eq!(sent, [2, 4, 6]);
}

#[tokio::test]
async fn a_job_can_be_stopped_and_goes_on_where_it_was() {
    let shop = Shop::open(TestServer::start().await).await;
    let people = (0..300).map(|it| json!({"phone": format!("+34600111{it:03}")}));
    let id = shop.job(shop.hello(people.collect()).await).await;
    let operations = &shop.server.operations;
    assert!(
        operations
            .pause_job(&shop.operator, id, "wait")
            .await
            .unwrap()
    );
    shop.work().await;
    assert_eq!(shop.server.simulator().sent().len(), 0);
    assert!(operations.resume_job(&shop.operator, id).await.unwrap());
    shop.work().await;
    let sent = shop.server.simulator().sent().len();
    assert!(sent > 0);
    while shop.report(id).await.job.state == JobState::Processing {
        shop.work().await;
    }
    let report = shop.report(id).await;
    assert_eq!(report.progress.messages, [(Status::Accepted, 300)]);
    assert_eq!(shop.server.simulator().sent().len(), 300);
}

#[tokio::test]
async fn what_failed_is_tried_again_when_asked() {
    let shop = Shop::open(TestServer::start().await).await;
    let recipients = json!([{"phone": "+34600111222"}]);
    let id = shop.job(shop.hello(recipients).await).await;
    shop.server.simulator().fault_next(Fault::refuse(131_026));
    shop.work().await;
    let report = shop.report(id).await;
    assert_eq!(report.job.state, JobState::Completed);
    assert_eq!(report.progress.messages, [(Status::Failed, 1)]);
    let operations = &shop.server.operations;
    let again = operations.retry_job(&shop.operator, id).await.unwrap();
    assert_eq!(again, Some(1));
    shop.work().await;
    let report = shop.report(id).await;
    assert_eq!(report.progress.messages, [(Status::Accepted, 1)]);
    assert_eq!(
        operations.retry_job(&shop.operator, id).await.unwrap(),
        Some(0)
    );
}

#[tokio::test]
async fn what_meta_slows_down_fails_nobody() {
    let shop = Shop::open(TestServer::start().await).await;
    let people = (0..5).map(|it| json!({"phone": format!("+3460011122{it}")}));
    let id = shop.job(shop.hello(people.collect()).await).await;
    for _ in 0..3 {
        shop.server.simulator().fault_next(Fault::refuse(130_429));
    }
    // What is tried again later is looked for by the server's own workers.
    let stopping = CancellationToken::new();
    let wait = async {
        for _ in 0..200 {
            shop.server.clock.advance_seconds(1);
            tokio::time::sleep(Duration::from_millis(100)).await;
            if shop.report(id).await.job.state == JobState::Completed {
                break;
            }
        }
        stopping.cancel();
    };
    tokio::join!(shop.server.operations.work(&stopping), wait);
    shop.server.settle().await;
    let report = shop.report(id).await;
    assert_eq!(report.progress.messages, [(Status::Accepted, 5)]);
    assert_eq!(report.job.state, JobState::Completed);
}

#[tokio::test]
async fn marketing_does_not_reach_who_wants_none() {
    let shop = Shop::open(TestServer::start().await).await;
    shop.acme
        .post("/api/v1/contacts", json!({"phone": "+34600111222"}))
        .await;
    let wish = json!({"user_preferences": [{
        "wa_id": "34600111222", "category": "marketing_messages", "value": "stop",
        "timestamp": test_support::meta::SECONDS,
    }]});
    shop.meta.say(&shop.meta.payload(&wish)).await;
    let person = json!({"phone": "+34600111222", "bodyParameters": ["Lucia", "20 %"],
        "buttonParameters": [{"index": 2, "text": "SUMMER20"}]});
    let sale = json!({
        "templateId": shop.template("summer_sale").await.id.to_cuid(),
        "whatsappChannelId": shop.meta.channel.id.to_cuid(),
        "recipients": [person],
        "headerMedia": {"type": "image", "id": "1234567890"},
    });
    let sale = shop.job(sale).await;
    let hello = shop
        .job(shop.hello(json!([{"phone": "+34600111222"}])).await)
        .await;
    shop.work().await;
    assert_eq!(shop.report(sale).await.job.skipped, 1);
    assert_eq!(shop.report(hello).await.job.queued, 1);
}

#[tokio::test]
async fn a_channel_that_is_gone_ends_the_job_and_a_paused_one_holds_it() {
    let shop = Shop::open(TestServer::start().await).await;
    let id = shop
        .job(shop.hello(json!([{"phone": "+34600111222"}])).await)
        .await;
    let (operations, channel) = (&shop.server.operations, shop.meta.channel.id);
    let paused = operations
        .pause_channel(&shop.operator, channel, "wait")
        .await;
    assert!(paused.unwrap());
    shop.work().await;
    assert_eq!(shop.report(id).await.job.state, JobState::Processing);
    assert!(
        operations
            .delete_channel(&shop.operator, channel)
            .await
            .unwrap()
    );
    shop.server.clock.advance_seconds(60);
    shop.work().await;
    let job = shop.report(id).await.job;
    assert_eq!(
        (job.state, job.why.as_deref()),
        (JobState::Failed, Some("The channel is gone"))
    );
}

#[tokio::test]
async fn who_is_past_due_makes_no_job_and_one_that_is_there_waits() {
    let shop = Shop::open(TestServer::start().await).await;
    let body = shop.hello(json!([{"phone": "+34600111222"}])).await;
    let id = shop.job(body.clone()).await;
    let operations = &shop.server.operations;
    let set = async |is| {
        operations
            .set_subscription(&shop.tenant.tenant, is)
            .await
            .unwrap()
    };
    assert!(set(Subscription::PastDue).await);
    shop.server.clock.advance_seconds(5);
    let unpaid = error("PAYMENT_REQUIRED", "Subscription required");
    shop.send(body).await.assert(402, &unpaid);
    shop.work().await;
    assert_eq!(shop.server.simulator().sent().len(), 0);
    assert!(set(Subscription::Active).await);
    shop.server.clock.advance_seconds(60);
    shop.work().await;
    assert_eq!(shop.report(id).await.job.state, JobState::Completed);
}

#[tokio::test]
async fn a_full_plan_begins_no_more_conversations_and_says_so() {
    let shop = Shop::open(TestServer::start().await).await;
    let plan = Plan {
        conversation_limit: Some(2),
        ..Plan::default()
    };
    shop.tenant.set_plan(None, plan).await;
    let recipients = (0..5).map(|person| json!({"phone": format!("+3460011100{person}")}));
    let recipients = recipients.collect::<Vec<_>>().into();
    let id = shop.job(shop.hello(recipients).await).await;
    shop.work().await;
    let full = "The plan has no room for a new conversation";
    assert_eq!(
        states(&shop.report(id).await),
        [
            (RecipientState::Failed, Some(full), 3),
            (RecipientState::Queued, None, 2),
        ]
    );
    assert_eq!(shop.server.simulator().sent().len(), 2);
}
