//! What webhooks are told, and the log of it.

use domain::ids::{DeliveryId, WebhookId};
use storage::{
    Delivery, DeliveryFilter, DeliveryState, DueDelivery, NewDelivery, SettledAs, Settlement,
};

use crate::place::Place;
use crate::shop::{Shop, at};

on_both_engines! {
    a_delivery_is_tried_again_and_settled_once,
    a_webhook_goes_off_after_failures_in_a_row,
    a_delivery_is_replayed_under_its_old_id,
    what_a_webhook_was_to_be_told_is_given_up,
    old_deliveries_are_forgotten,
    a_tenant_has_its_own_log,
}

impl Shop {
    /// Has a webhook told something.
    pub(crate) async fn tell(&self, webhook_id: WebhookId, count: usize) {
        let new = |n: usize| NewDelivery {
            webhook_id,
            event: format!("event{n}"),
            about: 7,
            body: "{}".into(),
            give_up_at: at(1000),
            at: at(20),
        };
        let lease = self.lease("here").await;
        let told = self
            .store
            .tell(&lease, vec![], (0..count).map(new).collect());
        told.await.unwrap();
    }

    async fn due(&self, webhook: WebhookId, now: i64) -> Vec<DueDelivery> {
        let due = self.store.due_deliveries(webhook, at(now), 100).await;
        due.unwrap()
    }

    async fn settle(&self, webhook: WebhookId, due: &DueDelivery, as_what: SettledAs) -> bool {
        let is_taken = as_what == SettledAs::Delivered;
        let settlement = Settlement {
            attempts: due.attempts,
            as_what,
            answer: Some(if is_taken { 200 } else { 500 }),
            reason: (!is_taken).then(|| "it answered with status 500".into()),
            at: at(30),
        };
        let settled = self.store.settle_delivery(webhook, due.id, settlement);
        settled.await.unwrap()
    }

    async fn log(&self) -> Vec<Delivery> {
        let filter = DeliveryFilter {
            limit: 100,
            ..DeliveryFilter::default()
        };
        self.store.deliveries(filter).await.unwrap()
    }
}

/// Does everything that is done often with deliveries.
pub(crate) async fn fill(shop: &Shop) {
    let webhook = shop.webhook().await;
    shop.tell(webhook, 300).await;
    let due = shop.due(webhook, 20).await;
    shop.settle(webhook, &due[0], SettledAs::Again(at(50)))
        .await;
    let failed = SettledAs::Failed { off_after: Some(3) };
    shop.settle(webhook, &due[1], failed).await;
    shop.settle(webhook, &due[2], SettledAs::Delivered).await;
    shop.store.delivery(due[3].id).await.unwrap();
    let system = shop.database.system();
    system.webhooks_with_due(at(20)).await.unwrap();
    shop.store
        .conversation(domain::ids::ConversationId::new(1).unwrap())
        .await
        .unwrap();
}

async fn a_delivery_is_tried_again_and_settled_once(place: &Place) {
    let shop = Shop::open(place).await;
    let webhook = shop.webhook().await;
    shop.tell(webhook, 1).await;
    let first = shop.due(webhook, 20).await.remove(0);
    assert!(shop.settle(webhook, &first, SettledAs::Again(at(50))).await);
    assert_eq!(shop.due(webhook, 49).await, []);
    let second = shop.due(webhook, 50).await.remove(0);
    assert_eq!((second.id, second.attempts), (first.id, 1));
    // Whoever was slow changes nothing.
    assert!(!shop.settle(webhook, &first, SettledAs::Delivered).await);
    assert!(shop.settle(webhook, &second, SettledAs::Delivered).await);
    assert!(!shop.settle(webhook, &second, SettledAs::Delivered).await);
    assert_eq!(shop.due(webhook, 500).await, []);
    let log = shop.log().await;
    let shown = &log[0];
    assert_eq!(shown.state, DeliveryState::Delivered);
    assert_eq!((shown.attempts, shown.answer), (2, Some(200)));
    assert_eq!(
        (shown.reason.clone(), shown.settled_at),
        (None, Some(at(30)))
    );
}

async fn a_webhook_goes_off_after_failures_in_a_row(place: &Place) {
    let shop = Shop::open(place).await;
    let webhook = shop.webhook().await;
    shop.tell(webhook, 6).await;
    let due = shop.due(webhook, 20).await;
    let failed = SettledAs::Failed { off_after: Some(3) };
    let kept = async || shop.store.webhook(webhook).await.unwrap().unwrap();
    for delivery in &due[..2] {
        shop.settle(webhook, delivery, failed).await;
    }
    assert_eq!(kept().await.failures, 2);
    shop.settle(webhook, &due[2], SettledAs::Delivered).await;
    assert_eq!(kept().await.failures, 0);
    for delivery in &due[3..] {
        assert_eq!(kept().await.disabled, None);
        shop.settle(webhook, delivery, failed).await;
    }
    let disabled = kept().await.disabled.unwrap();
    assert_eq!(disabled.at, at(30));
    assert_eq!(disabled.why, "3 deliveries failed one after the other");
    shop.store.enable_webhook(webhook).await.unwrap();
    assert_eq!((kept().await.disabled, kept().await.failures), (None, 0));
    // One that never goes off.
    shop.tell(webhook, 20).await;
    for delivery in shop.due(webhook, 20).await {
        let failed = SettledAs::Failed { off_after: None };
        shop.settle(webhook, &delivery, failed).await;
    }
    assert_eq!((kept().await.disabled, kept().await.failures), (None, 20));
}

async fn a_delivery_is_replayed_under_its_old_id(place: &Place) {
    let shop = Shop::open(place).await;
    let webhook = shop.webhook().await;
    shop.tell(webhook, 1).await;
    let due = shop.due(webhook, 20).await.remove(0);
    let failed = SettledAs::Failed { off_after: None };
    shop.settle(webhook, &due, failed).await;
    let replay = shop.store.replay_delivery(due.id, at(60), at(2000));
    assert!(replay.await.unwrap());
    let again = shop.due(webhook, 60).await.remove(0);
    assert_eq!((again.id, again.attempts), (due.id, 0));
    assert_eq!(again.give_up_at, at(2000));
    let (shown, body) = shop.store.delivery(due.id).await.unwrap().unwrap();
    assert_eq!(
        (shown.state, shown.settled_at),
        (DeliveryState::Waiting, None)
    );
    assert_eq!(body, "{}");
    let nobodys = DeliveryId::new(999_999).unwrap();
    let replay = shop.store.replay_delivery(nobodys, at(60), at(2000));
    assert!(!replay.await.unwrap());
}

async fn what_a_webhook_was_to_be_told_is_given_up(place: &Place) {
    let shop = Shop::open(place).await;
    let webhook = shop.webhook().await;
    shop.tell(webhook, 5).await;
    let give_up = async || {
        let given_up = shop
            .store
            .give_up_deliveries(webhook, "the webhook was deleted", at(40), 3);
        given_up.await.unwrap()
    };
    assert_eq!(
        (give_up().await, give_up().await, give_up().await),
        (3, 2, 0)
    );
    assert_eq!(shop.due(webhook, 100).await, []);
    for shown in shop.log().await {
        assert_eq!(shown.state, DeliveryState::Failed);
        assert_eq!(shown.reason.as_deref(), Some("the webhook was deleted"));
    }
}

async fn old_deliveries_are_forgotten(place: &Place) {
    let shop = Shop::open(place).await;
    let webhook = shop.webhook().await;
    shop.tell(webhook, 5).await;
    let id = shop.store.take_delivery_id().await.unwrap();
    let test = Delivery {
        id,
        webhook_id: webhook,
        event: "webhook.test".into(),
        state: DeliveryState::Delivered,
        attempts: 1,
        due_at: at(90),
        answer: Some(204),
        reason: None,
        created_at: at(90),
        settled_at: Some(at(90)),
    };
    shop.store.log_delivery(test.clone(), "{}").await.unwrap();
    let system = shop.database.system();
    let tenants = system.tenants_with_deliveries().await.unwrap();
    assert_eq!(tenants, [shop.tenant.id]);
    let forget = async || shop.store.forget_deliveries(at(50), 3).await.unwrap();
    assert_eq!((forget().await, forget().await, forget().await), (3, 2, 0));
    assert_eq!(shop.log().await, [test]);
}

async fn a_tenant_has_its_own_log(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    let webhook = shop.webhook().await;
    shop.tell(webhook, 2).await;
    let due = shop.due(webhook, 20).await.remove(0);
    assert_eq!(other.due(webhook, 20).await, []);
    assert_eq!(other.log().await, []);
    assert_eq!(other.store.delivery(due.id).await.unwrap(), None);
    let replay = other.store.replay_delivery(due.id, at(60), at(2000));
    assert!(!replay.await.unwrap());
    assert!(!other.settle(webhook, &due, SettledAs::Delivered).await);
    let by_state = |state| DeliveryFilter {
        webhook_id: Some(webhook),
        state: Some(state),
        limit: 1,
    };
    let count = async |state| shop.store.deliveries(by_state(state)).await.unwrap().len();
    let counts = (
        count(DeliveryState::Waiting).await,
        count(DeliveryState::Failed).await,
    );
    assert_eq!(counts, (1, 0));
}
