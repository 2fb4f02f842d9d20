//! What happens is told: to everybody who wants to hear of it, once it happened, and again where it
//! was not heard.

use std::collections::HashMap;
use std::time::Duration;

use domain::ids::{DeliveryId, WebhookId};
use domain::key::Api;
use operations::{
    BadUrl, Caller, CreateWebhook, Delivery, DeliveryState, WebhookMade, WebhookRefused,
    WhichDeliveries,
};
use serde_json::json;
use storage::{MadeWebhook, NewTemplate, NewWebhook, TemplateSync};
use test_support::meta::{contact, text};
use test_support::{Engine, Meta, Receiver, Setup, TestServer, TestTenant};
use tokio_util::sync::CancellationToken;

on_both_engines! {
    what_people_say_is_told_once_and_each_persons_in_order,
    a_receiver_that_fails_is_tried_three_times_and_hears_it_again_on_demand,
    flowella_is_switched_off_after_ten_failures_in_a_row,
    a_slow_receiver_does_not_delay_another,
    what_could_not_be_told_for_a_day_is_given_up,
    a_tenant_reaches_nothing_of_another,
}

struct Line {
    server: TestServer,
    tenant: TestTenant,
    meta: Meta,
    caller: Caller,
}

impl Line {
    async fn open(engine: Engine) -> Self {
        Self::open_with(Setup {
            engine,
            ..Setup::default()
        })
        .await
    }

    async fn open_with(setup: Setup) -> Self {
        let server = TestServer::start_with(setup).await;
        let tenant = server.tenant("acme").await;
        let meta = tenant.meta("1001").await;
        let caller = tenant.operator();
        Self {
            server,
            tenant,
            meta,
            caller,
        }
    }

    async fn create(&self, api: Api, url: &str, event: &str) -> WebhookMade {
        let create = CreateWebhook {
            api,
            url: url.to_owned(),
            events: vec![event.to_owned()],
            platform: "whatsapp".to_owned(),
            is_signed: false,
        };
        let made = self.server.operations.create_webhook(&self.caller, create);
        made.await.unwrap()
    }

    async fn webhook(&self, api: Api, receiver: &Receiver, event: &str) -> WebhookId {
        match self.create(api, &receiver.url, event).await {
            WebhookMade::Made(made) => made.webhook.id,
            WebhookMade::Refused(why) => panic!("{why:?}"),
        }
    }

    /// Has people write so many messages each, one after the other.
    async fn write(&self, people: usize, messages: usize) {
        for n in 0..messages {
            let people: Vec<String> = (0..people).map(|it| format!("2782555{it:04}")).collect();
            let contacts: Vec<_> = people.iter().map(|it| contact(it, "Ana")).collect();
            let texts: Vec<_> = people
                .iter()
                .map(|it| text(it, &format!("wamid.{it}.{n}"), &format!("{n}")))
                .collect();
            let said = json!({"contacts": contacts, "messages": texts});
            self.meta.say(&self.meta.payload(&said)).await;
        }
    }

    async fn tell(&self) {
        assert!(self.server.operations.tell_events().await.unwrap());
        self.server.settle().await;
    }

    async fn log(&self) -> Vec<Delivery> {
        let which = WhichDeliveries {
            limit: 1000,
            ..WhichDeliveries::default()
        };
        let log = self.server.operations.deliveries(&self.caller, which).await;
        log.unwrap()
    }

    async fn count(&self, state: DeliveryState) -> usize {
        let log = self.log().await;
        log.iter().filter(|it| it.state == state).count()
    }
}

async fn what_people_say_is_told_once_and_each_persons_in_order(engine: Engine) {
    let line = Line::open(engine).await;
    let (one, other) = (Receiver::start().await, Receiver::start().await);
    line.webhook(Api::FlowIq, &one, "all").await;
    line.webhook(Api::FlowIq, &other, "message_read").await;
    line.write(12, 10).await;
    line.tell().await;
    line.tell().await;
    let mut said: HashMap<String, String> = HashMap::new();
    for heard in one.heard() {
        let heard = heard.json();
        let who = heard["whatsapp_id"].as_str().unwrap().to_owned();
        let words = said.entry(who).or_default();
        words.push_str(heard["message"].as_str().unwrap());
    }
    assert_eq!(said.len(), 12);
    assert!(said.values().all(|it| it == "0123456789"), "{said:?}");
    assert_eq!(other.heard().len(), 0);
    assert_eq!(line.count(DeliveryState::Delivered).await, 120);
    assert_eq!(line.log().await.len(), 120);
}

async fn a_receiver_that_fails_is_tried_three_times_and_hears_it_again_on_demand(engine: Engine) {
    let line = Line::open(engine).await;
    let receiver = Receiver::start().await;
    line.webhook(Api::FlowIq, &receiver, "message_received")
        .await;
    receiver.answer(302);
    line.write(1, 1).await;
    line.tell().await;
    assert_eq!(receiver.heard().len(), 1);
    for (seconds, heard) in [(29, 1), (1, 2), (119, 2), (1, 3), (3600, 3)] {
        line.server.clock.advance_seconds(seconds);
        line.tell().await;
        assert_eq!(
            receiver.heard().len(),
            heard,
            "after {seconds} more seconds"
        );
    }
    let failed = line.log().await.remove(0);
    assert_eq!((failed.state, failed.attempts), (DeliveryState::Failed, 3));
    let why = "it answered with status 302; redirects are not followed";
    assert_eq!(failed.reason.as_deref(), Some(why));
    assert_eq!(failed.answer, Some(302));
    // FlowIQ's webhooks stay on.
    receiver.answer(204);
    let replay = line
        .server
        .operations
        .replay_failed_deliveries(&line.caller, None);
    assert_eq!(replay.await.unwrap(), 1);
    line.tell().await;
    let heard = receiver.heard();
    assert_eq!(heard.len(), 4);
    // It is the same delivery each time.
    let id = failed.id.to_uuid().to_string();
    for heard in &heard {
        assert_eq!(heard.header("x-flowiq-delivery"), id);
        assert_eq!(heard.body, receiver.heard()[0].body);
    }
    let taken = line.log().await.remove(0);
    assert_eq!(taken.state, DeliveryState::Delivered);
    assert_eq!((taken.answer, taken.reason), (Some(204), None));
}

async fn flowella_is_switched_off_after_ten_failures_in_a_row(engine: Engine) {
    let line = Line::open(engine).await;
    let receiver = Receiver::start().await;
    let webhook = line
        .webhook(Api::Flowella, &receiver, "message.received")
        .await;
    receiver.answer(500);
    line.write(12, 1).await;
    for seconds in [0, 30, 120] {
        line.server.clock.advance_seconds(seconds);
        line.tell().await;
    }
    assert_eq!(receiver.take().len(), 12 + 12 + 10);
    let operations = &line.server.operations;
    let shown = operations.webhook(&line.caller, webhook).await.unwrap();
    let off = shown.unwrap().disabled.unwrap();
    assert_eq!(off.why, "10 deliveries failed one after the other");
    assert_eq!(line.count(DeliveryState::Failed).await, 10);
    // What happens meanwhile is not kept for it; what waited is.
    receiver.answer(200);
    line.write(1, 2).await;
    line.server.clock.advance_seconds(3600);
    line.tell().await;
    assert_eq!(receiver.take().len(), 0);
    assert!(
        operations
            .enable_webhook(&line.caller, webhook)
            .await
            .unwrap()
    );
    line.tell().await;
    assert_eq!(receiver.take().len(), 2);
    let shown = operations.webhook(&line.caller, webhook).await.unwrap();
    assert_eq!(shown.unwrap().failures, 0);
}

async fn a_slow_receiver_does_not_delay_another(engine: Engine) {
    let answer = Duration::from_secs(6);
    let line = Line::open_with(Setup {
        engine,
        answer,
        ..Setup::default()
    })
    .await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.keep_silent();
    line.webhook(Api::FlowIq, &slow, "all").await;
    line.webhook(Api::FlowIq, &quick, "all").await;
    line.write(40, 1).await;
    let stopping = CancellationToken::new();
    let watching = async {
        while quick.heard().len() < 40 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // The slow one has kept the first ones waiting all the while, and few of them.
        let heard = slow.heard().len();
        assert!((1..=16).contains(&heard), "{heard}");
        let waiting = line.log().await;
        let waiting = waiting.iter().filter(|it| it.attempts == 0);
        let waiting = waiting.filter(|it| it.state == DeliveryState::Waiting);
        assert!(waiting.count() >= 40);
        stopping.cancel();
    };
    let work = line.server.operations.work(&stopping);
    let both = async { tokio::join!(work, watching) };
    let in_time = tokio::time::timeout(Duration::from_secs(60), both).await;
    assert!(in_time.is_ok(), "the quick one was not told in time");
    line.server.settle().await;
}

async fn what_could_not_be_told_for_a_day_is_given_up(engine: Engine) {
    let line = Line::open(engine).await;
    let receiver = Receiver::start().await;
    let webhook = line.webhook(Api::FlowIq, &receiver, "all").await;
    receiver.answer(503);
    line.write(1, 1).await;
    line.tell().await;
    receiver.answer(200);
    let operations = &line.server.operations;
    let off = operations.disable_webhook(&line.caller, webhook, "a holiday");
    assert!(off.await.unwrap());
    line.server.clock.advance_seconds(24 * 3600);
    assert!(
        operations
            .enable_webhook(&line.caller, webhook)
            .await
            .unwrap()
    );
    line.tell().await;
    assert_eq!(receiver.heard().len(), 1);
    let given_up = line.log().await.remove(0);
    assert_eq!(given_up.state, DeliveryState::Failed);
    let why = "it could not be told for a day";
    assert_eq!(given_up.reason.as_deref(), Some(why));
    // Whoever deletes a webhook gives up what waits for it.
    receiver.answer(503);
    line.write(1, 2).await;
    line.tell().await;
    assert!(line.count(DeliveryState::Waiting).await > 0);
    assert!(
        operations
            .delete_webhook(&line.caller, webhook)
            .await
            .unwrap()
    );
    assert_eq!(line.count(DeliveryState::Waiting).await, 0);
}

async fn a_tenant_reaches_nothing_of_another(engine: Engine) {
    let line = Line::open(engine).await;
    let receiver = Receiver::start().await;
    let webhook = line.webhook(Api::Flowella, &receiver, "all").await;
    line.write(1, 1).await;
    line.tell().await;
    let delivery = line.log().await.remove(0).id;
    let globex = line.server.tenant("globex").await.operator();
    let operations = &line.server.operations;
    assert!(
        operations
            .webhook(&globex, webhook)
            .await
            .unwrap()
            .is_none()
    );
    assert!(operations.webhooks(&globex).await.unwrap().is_empty());
    assert!(!operations.enable_webhook(&globex, webhook).await.unwrap());
    let off = operations.disable_webhook(&globex, webhook, "no");
    assert!(!off.await.unwrap());
    assert!(!operations.delete_webhook(&globex, webhook).await.unwrap());
    let test = operations.test_webhook(&globex, webhook).await;
    assert!(test.unwrap().is_none());
    let renewed = operations.renew_webhook_secret(&globex, webhook).await;
    assert!(renewed.unwrap().is_none());
    let shown = operations.show_delivery(&globex, delivery).await;
    assert!(shown.unwrap().is_none());
    assert!(!operations.replay_delivery(&globex, delivery).await.unwrap());
    let failed = operations.replay_failed_deliveries(&globex, Some(webhook));
    assert_eq!(failed.await.unwrap(), 0);
    let nobodys = DeliveryId::new(1).unwrap();
    let shown = operations.show_delivery(&line.caller, nobodys).await;
    assert!(shown.unwrap().is_none());
    assert_eq!(line.tenant.store.webhooks().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_address_that_nobody_may_be_told_at_is_refused_each_time() {
    let line = Line::open(Engine::Sqlite).await;
    for (url, bad) in [
        ("https://10.0.0.1/hook", BadUrl::Private),
        ("https://169.254.169.254/latest", BadUrl::Private),
        ("http://hooks.acme.test/hook", BadUrl::NotHttps),
        ("https://u:p@hooks.acme.test/hook", BadUrl::Credentials),
        ("hooks", BadUrl::NoUrl),
    ] {
        let WebhookMade::Refused(why) = line.create(Api::FlowIq, url, "all").await else {
            panic!("{url}");
        };
        assert_eq!(why, WebhookRefused::Url(bad), "{url}");
    }
    let unknown = line.create(Api::FlowIq, "https://a.test", "fax").await;
    assert!(matches!(unknown, WebhookMade::Refused(WebhookRefused::Event(it)) if it == "fax"));
    let none = line.create(Api::WaCr, "https://a.test", "all").await;
    assert!(matches!(none, WebhookMade::Refused(WebhookRefused::Api)));
    // One that was allowed when it was made.
    let store = &line.tenant.store;
    let new = NewWebhook {
        id: store.take_webhook_id().await.unwrap(),
        api: Api::FlowIq,
        url: "https://192.168.0.1/hook".into(),
        events: vec!["all".into()],
        platform: "whatsapp".into(),
        secret_sealed: None,
        at: line.server.clock.now(),
    };
    let made = store.create_webhook(new, 10).await.unwrap();
    assert!(matches!(made, MadeWebhook::Created(_)));
    line.write(1, 1).await;
    line.tell().await;
    let refused = line.log().await.remove(0);
    assert_eq!(
        (refused.state, refused.attempts),
        (DeliveryState::Waiting, 1)
    );
    let why = "it leads into a private network";
    assert_eq!(refused.reason.as_deref(), Some(why));
}

#[tokio::test]
async fn a_test_is_told_at_once_and_kept_in_the_log() {
    let line = Line::open(Engine::Sqlite).await;
    let receiver = Receiver::start().await;
    let webhook = line.webhook(Api::FlowIq, &receiver, "call").await;
    let operations = &line.server.operations;
    let test = async || {
        let tested = operations.test_webhook(&line.caller, webhook).await;
        tested.unwrap().unwrap()
    };
    assert_eq!(test().await.state, DeliveryState::Delivered);
    receiver.answer(401);
    let refused = test().await;
    assert_eq!(refused.state, DeliveryState::Failed);
    let why = "it answered with status 401";
    assert_eq!(refused.reason.as_deref(), Some(why));
    assert_eq!(receiver.heard().len(), 2);
    assert_eq!(line.log().await.len(), 2);
    receiver.heard()[0].assert(
        r#"{"event_type":"webhook_test","organization_id":"<uuid>",
        "timestamp":"2026-03-10T08:15:00.000Z"}"#,
    );
    // It is no failure of the webhook's.
    let shown = operations.webhook(&line.caller, webhook).await.unwrap();
    assert_eq!(shown.unwrap().failures, 0);
}

#[tokio::test]
async fn the_log_goes_back_as_far_as_it_is_kept() {
    let line = Line::open(Engine::Sqlite).await;
    let receiver = Receiver::start().await;
    line.webhook(Api::FlowIq, &receiver, "all").await;
    line.write(2, 1).await;
    line.tell().await;
    line.server.clock.advance_seconds(30 * 24 * 3600);
    line.server.operations.maintain().await.unwrap();
    assert_eq!(line.log().await.len(), 2);
    line.server.clock.advance_seconds(1);
    line.server.operations.maintain().await.unwrap();
    assert_eq!(line.log().await.len(), 0);
}

#[tokio::test]
async fn a_template_that_whatsapp_thinks_otherwise_of_is_told() {
    let line = Line::open(Engine::Sqlite).await;
    let receiver = Receiver::start().await;
    line.webhook(Api::Flowella, &receiver, "template.status_updated")
        .await;
    let template = NewTemplate {
        meta_id: "594425479261596".into(),
        name: "order_update".into(),
        language: "en".into(),
        category: "UTILITY".into(),
        status: "APPROVED".into(),
        parameter_format: "POSITIONAL".into(),
        quality: None,
        rejected_reason: None,
        send_ttl_seconds: None,
        components: "[]".into(),
    };
    let now = line.server.clock.now();
    let list = TemplateSync {
        waba_id: line.meta.channel.waba_id.clone(),
        templates: vec![template],
        asked_at: now,
        was_due_at: None,
        due_at: now,
    };
    line.tenant.store.sync_templates(list).await.unwrap();
    let news = json!({"event": "PAUSED", "message_template_id": 594_425_479_261_596_i64,
        "message_template_name": "order_update", "message_template_language": "en",
        "reason": "NONE"});
    let payload = line
        .meta
        .account_payload("message_template_status_update", &news);
    line.meta.say(&payload).await;
    line.tell().await;
    let told = receiver.heard();
    assert_eq!(told.len(), 1);
    told[0].assert(&format!(
        r#"{{"event":"template.status_updated","timestamp":"2026-03-10T08:14:00.000Z",
        "organizationId":"<cuid>","data":{{"id":"<cuid>","metaTemplateId":"594425479261596",
        "name":"order_update","language":"en","category":"UTILITY","status":"PAUSED",
        "rejectedReason":null,"wabaId":"{}","createdAt":"2026-03-10T08:15:00.000Z",
        "updatedAt":"2026-03-10T08:14:00.000Z"}}}}"#,
        line.meta.channel.waba_id
    ));
}
