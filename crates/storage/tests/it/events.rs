//! What happens, as far as somebody wants to hear of it.

use domain::event::EventKind::{self, *};
use domain::ids::{ConsentId, ConversationId, WebhookId};
use domain::key::Api;
use domain::message::{Direction, Failure, Status};
use storage::{
    Change, Lease, LeaseName, MadeWebhook, NewDelivery, NewWebhook, Outcome, Report, Wish,
    WishOrigin,
};

use crate::consents::{opt_in, opt_out};
use crate::inbound::{ANA, Line, ana, message, said};
use crate::place::Place;
use crate::shop::{Shop, at, number};

on_both_engines! {
    where_nobody_listens_nothing_is_written,
    a_webhook_that_is_off_does_not_listen,
    a_status_that_rises_is_told_stage_by_stage_and_once,
    reports_in_one_batch_are_told_in_their_order,
    a_message_of_the_business_own_phone_is_told_as_sent,
    a_send_that_fails_is_told,
    a_conversation_is_opened_once,
    an_opt_out_is_told_when_it_is_news,
    what_is_told_is_gone_from_the_outbox_and_waits_for_its_webhook,
    whoever_lost_the_lease_tells_nothing,
    a_webhook_is_made_once_and_no_more_than_allowed,
}

pub(crate) fn new_webhook(id: WebhookId) -> NewWebhook {
    NewWebhook {
        id,
        api: Api::FlowIq,
        url: "https://hooks.acme.test/fiq".into(),
        events: vec!["all".into()],
        platform: "whatsapp".into(),
        secret_sealed: None,
        at: at(0),
    }
}

impl Shop {
    /// Makes a webhook of which there is none like it.
    pub(crate) async fn webhook(&self) -> WebhookId {
        let id = self.store.take_webhook_id().await.unwrap();
        let made = self.store.create_webhook(new_webhook(id), 100).await;
        match made.unwrap() {
            MadeWebhook::Created(webhook) => webhook.id,
            other => panic!("expected a new webhook, found {other:?}"),
        }
    }

    pub(crate) async fn happened(&self) -> Vec<EventKind> {
        let events = self.store.untold(100).await.unwrap();
        events.into_iter().map(|event| event.kind).collect()
    }

    pub(crate) async fn lease(&self, holder: &str) -> Lease {
        let name = LeaseName {
            tenant: 0,
            name: "events".into(),
        };
        let lease = self.database.system().take_lease(&name, holder, 60).await;
        lease.unwrap().unwrap()
    }

    /// Forgets what happened so far.
    pub(crate) async fn forget(&self) {
        let events = self.store.untold(100).await.unwrap();
        let lease = self.lease("forgetful").await;
        self.store.tell(&lease, events, vec![]).await.unwrap();
    }
}

fn reported(wamid: &str, status: Status) -> Change {
    Change::Reported(Box::new(Report {
        wamid: wamid.into(),
        message_id: None,
        status,
        failure: (status == Status::Failed).then(failure),
        recipient: ana(),
        wish: None,
    }))
}

fn failure() -> Failure {
    Failure {
        code: Some(131_026),
        title: "Message undeliverable".into(),
        details: None,
    }
}

/// Sends a message that Meta takes as `wamid`.
async fn accepted(line: &Line, wamid: &str) {
    let shop = &line.shop;
    let contact = match shop.by_number(ANA).await {
        Some(contact) => contact.id,
        None => shop.made(ANA).await,
    };
    let message = shop.sent(contact, line.channel.id).await;
    shop.store
        .record_outcome(Outcome {
            message_id: message.id,
            status: Status::Accepted,
            wamid: Some(wamid.into()),
            failure: None,
            due_at: None,
            at: at(11),
        })
        .await
        .unwrap();
}

async fn where_nobody_listens_nothing_is_written(place: &Place) {
    let line = Line::open(place).await;
    let other = Shop::in_database(&line.shop.database, "other").await;
    other.webhook().await;
    line.apply("a", &[said("w1", "Hello")]).await;
    accepted(&line, "w2").await;
    line.apply("b", &[reported("w2", Status::Delivered)]).await;
    assert_eq!(line.shop.happened().await, []);
    assert_eq!(other.happened().await, []);
    let system = line.shop.database.system();
    assert_eq!(system.tenants_with_events().await.unwrap(), []);
}

async fn a_webhook_that_is_off_does_not_listen(place: &Place) {
    let line = Line::open(place).await;
    let webhook = line.shop.webhook().await;
    let off = storage::Disabled {
        at: at(1),
        why: "as the test wants it".into(),
    };
    assert!(line.shop.store.disable_webhook(webhook, off).await.unwrap());
    line.apply("a", &[said("w1", "Hello")]).await;
    assert_eq!(line.shop.happened().await, []);
    assert!(line.shop.store.enable_webhook(webhook).await.unwrap());
    line.apply("b", &[said("w2", "Hello?")]).await;
    assert_eq!(line.shop.happened().await, [MessageReceived]);
}

async fn a_status_that_rises_is_told_stage_by_stage_and_once(place: &Place) {
    let line = Line::open(place).await;
    line.shop.webhook().await;
    accepted(&line, "w1").await;
    line.shop.forget().await;
    line.apply("a", &[reported("w1", Status::Sent)]).await;
    assert_eq!(line.shop.happened().await, [MessageSent]);
    line.shop.forget().await;
    // What is read was delivered.
    line.apply("b", &[reported("w1", Status::Read)]).await;
    let told = [MessageDelivered, MessageRead];
    assert_eq!(line.shop.happened().await, told);
    line.shop.forget().await;
    // Late, and again.
    line.apply("c", &[reported("w1", Status::Delivered)]).await;
    line.apply("d", &[reported("w1", Status::Read)]).await;
    line.apply("e", &[reported("w1", Status::Failed)]).await;
    assert_eq!(line.shop.happened().await, []);
}

async fn reports_in_one_batch_are_told_in_their_order(place: &Place) {
    let line = Line::open(place).await;
    line.shop.webhook().await;
    accepted(&line, "w1").await;
    accepted(&line, "w2").await;
    line.shop.forget().await;
    let reports = [
        reported("w1", Status::Delivered),
        reported("w2", Status::Failed),
        reported("w1", Status::Sent),
        reported("w2", Status::Sent),
        reported("w1", Status::Sent),
    ];
    line.apply("a", &reports).await;
    let told = [MessageSent, MessageSent, MessageDelivered, MessageFailed];
    assert_eq!(line.shop.happened().await, told);
}

async fn a_message_of_the_business_own_phone_is_told_as_sent(place: &Place) {
    let line = Line::open(place).await;
    line.shop.webhook().await;
    let mut echo = message("w1", "From the shop's phone");
    echo.direction = Direction::Outbound;
    line.apply("a", &[Change::Said(Box::new(echo))]).await;
    let told = [ConversationOpened, MessageSent];
    assert_eq!(line.shop.happened().await, told);
}

async fn a_send_that_fails_is_told(place: &Place) {
    let shop = Shop::open(place).await;
    shop.webhook().await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let message = shop.sent(contact, channel).await;
    shop.forget().await;
    let outcome = |status, failure| Outcome {
        message_id: message.id,
        status,
        wamid: None,
        failure,
        due_at: None,
        at: at(12),
    };
    let failed = outcome(Status::Failed, Some(failure()));
    shop.store.record_outcome(failed.clone()).await.unwrap();
    assert_eq!(shop.happened().await, [MessageFailed]);
    let events = shop.store.untold(10).await.unwrap();
    assert_eq!(
        (events[0].subject_id, events[0].at),
        (message.id.get(), at(12))
    );
    shop.forget().await;
    // What is settled changes no more.
    shop.store.record_outcome(failed).await.unwrap();
    assert_eq!(shop.happened().await, []);
}

async fn a_conversation_is_opened_once(place: &Place) {
    let line = Line::open(place).await;
    line.shop.webhook().await;
    accepted(&line, "w1").await;
    accepted(&line, "w2").await;
    assert_eq!(line.shop.happened().await, [ConversationOpened]);
    let events = line.shop.store.untold(10).await.unwrap();
    let id = ConversationId::new(events[0].subject_id).unwrap();
    let opened = line.shop.store.conversation(id).await.unwrap().unwrap();
    assert_eq!(
        opened.contact_id,
        line.shop.by_number(ANA).await.unwrap().id
    );
    line.apply("a", &[said("w3", "One"), said("w4", "Two")])
        .await;
    let told = [ConversationOpened, MessageReceived, MessageReceived];
    assert_eq!(line.shop.happened().await, told);
    // Another tenant's id is nobody's.
    let other = Shop::in_database(&line.shop.database, "other").await;
    assert_eq!(other.store.conversation(id).await.unwrap(), None);
}

async fn an_opt_out_is_told_when_it_is_news(place: &Place) {
    let line = Line::open(place).await;
    let shop = &line.shop;
    shop.webhook().await;
    let contact = shop.made(ANA).await;
    shop.store
        .set_consent(opt_out(contact, None))
        .await
        .unwrap();
    shop.store
        .set_consent(opt_out(contact, None))
        .await
        .unwrap();
    shop.store.set_consent(opt_in(contact, None)).await.unwrap();
    assert_eq!(shop.happened().await, [OptOutCreated]);
    let events = shop.store.untold(10).await.unwrap();
    let id = ConsentId::new(events[0].subject_id).unwrap();
    let (whose, consent) = shop.store.consent(id).await.unwrap().unwrap();
    assert_eq!((whose, consent.is_opted_out), (contact, true));
    shop.forget().await;
    let stop = Change::Wished(Box::new(Wish {
        person: ana(),
        is_opted_out: true,
        origin: WishOrigin::Preference,
    }));
    line.apply("a", std::slice::from_ref(&stop)).await;
    line.apply("b", &[stop]).await;
    assert_eq!(shop.happened().await, [OptOutCreated]);
    let other = Shop::in_database(&shop.database, "other").await;
    assert_eq!(other.store.consent(id).await.unwrap(), None);
}

async fn what_is_told_is_gone_from_the_outbox_and_waits_for_its_webhook(place: &Place) {
    let line = Line::open(place).await;
    let shop = &line.shop;
    let webhook = shop.webhook().await;
    line.apply("a", &[said("w1", "Hello")]).await;
    let system = shop.database.system();
    let busy = system.tenants_with_events().await.unwrap();
    assert_eq!(busy, [shop.tenant.id]);
    let events = shop.store.untold(10).await.unwrap()[..1].to_vec();
    let lease = shop.lease("here").await;
    let new = NewDelivery {
        webhook_id: webhook,
        event: "message_received".into(),
        about: 7,
        body: "{}".into(),
        give_up_at: at(1000),
        at: at(20),
    };
    shop.store
        .tell(&lease, events.clone(), vec![new.clone()])
        .await
        .unwrap();
    assert_eq!(shop.happened().await, [MessageReceived]);
    // Told by somebody else: nothing is written.
    assert!(shop.store.tell(&lease, events, vec![new]).await.is_err());
    let due = shop
        .store
        .due_deliveries(webhook, at(20), 10)
        .await
        .unwrap();
    assert_eq!(due.len(), 1);
    let with_due = system.webhooks_with_due(at(20)).await.unwrap();
    assert_eq!(with_due, [(shop.tenant.id, webhook)]);
    assert_eq!(system.webhooks_with_due(at(19)).await.unwrap(), []);
}

async fn whoever_lost_the_lease_tells_nothing(place: &Place) {
    let line = Line::open(place).await;
    line.shop.webhook().await;
    line.apply("a", &[said("w1", "Hello")]).await;
    let lease = line.shop.lease("here").await;
    let system = line.shop.database.system();
    assert!(system.renew_lease(&lease, -1).await.unwrap());
    line.shop.lease("elsewhere").await;
    let events = line.shop.store.untold(10).await.unwrap();
    let told = line.shop.store.tell(&lease, events, vec![]).await;
    assert!(matches!(told, Err(storage::Error::LeaseLost)));
    assert_eq!(line.shop.happened().await.len(), 2);
}

async fn a_webhook_is_made_once_and_no_more_than_allowed(place: &Place) {
    let shop = Shop::open(place).await;
    let store = &shop.store;
    let make = async |url: &str| {
        let mut new = new_webhook(store.take_webhook_id().await.unwrap());
        new.url = url.into();
        store.create_webhook(new, 2).await.unwrap()
    };
    let made = futures_util::future::join_all((0..8).map(|_| make("https://a.test"))).await;
    let is_new = |it: &&MadeWebhook| matches!(it, MadeWebhook::Created(_));
    assert_eq!(made.iter().filter(is_new).count(), 1);
    let webhooks = store.webhooks().await.unwrap();
    assert_eq!(webhooks.len(), 1);
    assert_eq!(webhooks[0].events, ["all"]);
    assert!(matches!(
        make("https://b.test").await,
        MadeWebhook::Created(_)
    ));
    assert_eq!(make("https://c.test").await, MadeWebhook::Full);
    // Whoever asks for one that is off wants it on.
    let off = storage::Disabled {
        at: at(1),
        why: "10 deliveries failed one after the other".into(),
    };
    store
        .disable_webhook(webhooks[0].id, off.clone())
        .await
        .unwrap();
    let shown = store.webhook(webhooks[0].id).await.unwrap().unwrap();
    assert_eq!(shown.disabled, Some(off));
    let MadeWebhook::Known(again) = make("https://a.test").await else {
        panic!("it is known");
    };
    assert_eq!(again.id, webhooks[0].id);
    assert_eq!(
        store.webhook(again.id).await.unwrap().unwrap().disabled,
        None
    );
    // Nobody else has it.
    let other = Shop::in_database(&shop.database, "other").await;
    assert_eq!(other.store.webhook(again.id).await.unwrap(), None);
    assert!(!other.store.delete_webhook(again.id).await.unwrap());
    assert!(!other.store.enable_webhook(again.id).await.unwrap());
    assert!(
        !other
            .store
            .set_webhook_secret(again.id, &[1])
            .await
            .unwrap()
    );
    assert!(store.set_webhook_secret(again.id, &[1]).await.unwrap());
    assert!(store.delete_webhook(again.id).await.unwrap());
    assert_eq!(store.webhooks().await.unwrap().len(), 1);
}
