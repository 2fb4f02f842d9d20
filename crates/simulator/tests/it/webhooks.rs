//! How webhooks are posted: again, late, twice, together, turned round.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::{Behaviour, Config, Reports, Rules, State};

use crate::business::{Business, LINE};
use crate::listener::{Listener, PATIENCE, Post};

struct Shop {
    business: Business,
    listener: Listener,
}

impl Shop {
    async fn start(behaviour: Behaviour) -> Self {
        let business = Business::start_with(Config {
            rules: Rules {
                statuses: Reports::Sent,
                ..Rules::default()
            },
            retry_pause: Duration::from_millis(1),
            ..Config::default()
        })
        .await;
        let listener = Listener::start().await;
        business.simulator.add_app(listener.app());
        business.simulator.set_behaviour(None, behaviour).unwrap();
        Self { business, listener }
    }

    /// Sends messages; returns their ids.
    async fn send(&self, count: usize) -> Vec<Value> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let (_, answer) = self
                .business
                .send_object("text", json!({"body": "b"}))
                .await;
            ids.push(answer["messages"][0]["id"].clone());
        }
        ids
    }

    async fn posts(&mut self, count: usize) -> Vec<Post> {
        let mut posts = Vec::new();
        for _ in 0..count {
            posts.push(self.listener.next().await);
        }
        posts
    }

    /// Waits until every webhook is done with.
    async fn settle(&self) {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let deliveries = self.business.simulator.webhooks(None);
            let counts = self.business.simulator.webhook_counts(None);
            let is_done = |it: &simulator::Delivery| it.state != State::Pending;
            if counts.waiting_updates == 0 && deliveries.iter().all(is_done) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("{:?}", self.business.simulator.webhooks(None));
    }
}

fn ids(posts: &[Post]) -> Vec<Value> {
    let values = posts.iter().flat_map(Post::values);
    values.map(|it| it["statuses"][0]["id"].clone()).collect()
}

#[tokio::test]
async fn whatever_is_not_200_is_posted_again() {
    let mut shop = Shop::start(Behaviour::default()).await;
    shop.listener.answer_with(&[500, 204, 302, 404, 200]);
    shop.send(1).await;
    let posts = shop.posts(5).await;
    assert!(
        posts
            .iter()
            .all(|it| it.is_signed() && it.body == posts[0].body)
    );
    shop.settle().await;
    let deliveries = shop.business.simulator.webhooks(None);
    assert_eq!(deliveries.len(), 1);
    assert_eq!(
        (deliveries[0].attempts, deliveries[0].last_status),
        (5, Some(200))
    );
    assert_eq!(deliveries[0].state, State::Delivered);
    assert_eq!(deliveries[0].last_error, None);
}

#[tokio::test]
async fn nobody_there_is_tried_again_until_somebody_is() {
    let business = Business::start_with(Config {
        retry_pause: Duration::from_millis(1),
        ..Config::default()
    })
    .await;
    let mut listener = Listener::start().await;
    let mut app = listener.app();
    let gone = Listener::start().await.url("/");
    app.callback_url = Some(gone);
    business.simulator.add_app(app);
    let writing = json!({"phone_number_id": LINE, "from": "16505551234", "text": "hi"});
    business.simulator.write(&writing).unwrap();
    let started = Instant::now();
    while business.simulator.webhook_counts(None).attempts < 3 {
        assert!(started.elapsed() < PATIENCE);
        tokio::task::yield_now().await;
    }
    // What is under way goes where it was addressed; what comes goes to the new address.
    business.simulator.add_app(listener.app());
    business.simulator.write(&writing).unwrap();
    listener.next().await;
    assert_eq!(business.simulator.webhooks(None)[0].state, State::Pending);
}

#[tokio::test]
async fn first_attempts_may_be_lost_or_unheard() {
    let behaviour = Behaviour {
        drop_first: 2,
        unheard_first: 2,
        ..Behaviour::default()
    };
    let mut shop = Shop::start(behaviour).await;
    shop.send(1).await;
    // Two that nobody heard the answer of, and the last.
    shop.posts(3).await;
    shop.settle().await;
    assert!(!shop.listener.has_more());
    assert_eq!(shop.business.simulator.webhooks(None)[0].attempts, 5);
}

#[tokio::test]
async fn a_webhook_may_be_repeated() {
    let behaviour = Behaviour {
        repeat: 3,
        ..Behaviour::default()
    };
    let mut shop = Shop::start(behaviour).await;
    let sent = shop.send(2).await;
    let got = ids(&shop.posts(6).await);
    for id in &sent {
        assert_eq!(got.iter().filter(|it| *it == id).count(), 3);
    }
    assert_eq!(shop.business.simulator.webhook_counts(None).updates, 2);
}

#[tokio::test]
async fn updates_may_come_together_in_entries_and_changes() {
    let behaviour = Behaviour {
        batch: 5,
        gather_ms: 60_000,
        ..Behaviour::default()
    };
    let mut shop = Shop::start(behaviour).await;
    let sent = shop.send(5).await;
    let posts = shop.posts(1).await;
    assert_eq!(ids(&posts), sent);
    let entries = posts[0].json()["entry"].as_array().unwrap().len();
    assert_eq!(entries, 3);
}

#[tokio::test]
async fn fewer_than_were_asked_for_are_not_waited_for_forever() {
    let behaviour = Behaviour {
        batch: 100,
        reorder: 100,
        gather_ms: 1,
        ..Behaviour::default()
    };
    let mut shop = Shop::start(behaviour).await;
    let sent = shop.send(1).await;
    assert_eq!(ids(&shop.posts(1).await), sent);
}

#[tokio::test]
async fn updates_may_be_turned_round() {
    let behaviour = Behaviour {
        reorder: 3,
        gather_ms: 60_000,
        concurrency: 1,
        ..Behaviour::default()
    };
    let mut shop = Shop::start(behaviour).await;
    let mut sent = shop.send(6).await;
    let got = ids(&shop.posts(6).await);
    sent[..3].reverse();
    sent[3..].reverse();
    assert_eq!(got, sent);
}

#[tokio::test]
async fn one_at_a_time_keeps_the_order_and_a_delay_delays() {
    let behaviour = Behaviour {
        concurrency: 1,
        delay_ms: 200,
        ..Behaviour::default()
    };
    let mut shop = Shop::start(behaviour).await;
    let started = Instant::now();
    let sent = shop.send(10).await;
    assert_eq!(ids(&shop.posts(10).await), sent);
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn anything_may_be_posted_signed_some_times() {
    let mut shop = Shop::start(Behaviour::default()).await;
    let given = json!({"payload": {"é": "/"}, "times": 100});
    let (status, answer) = shop.business.control("/simulator/webhooks", &given).await;
    assert_eq!(
        (status, answer["ids"].as_array().unwrap().len()),
        (200, 100)
    );
    let posts = shop.posts(100).await;
    assert!(
        posts
            .iter()
            .all(|it| it.is_signed() && &it.body[..] == br#"{"\u00e9":"\/"}"#)
    );

    let url = shop.listener.url("/elsewhere");
    let given = json!({"body": "not JSON", "url": url, "signature": "sha256=forged"});
    shop.business.control("/simulator/webhooks", &given).await;
    let post = shop.posts(1).await.remove(0);
    assert_eq!(
        (&*post.path, &post.body[..]),
        ("/elsewhere", &b"not JSON"[..])
    );
    assert_eq!(post.signature.as_deref(), Some("sha256=forged"));

    let given = json!({"body": "{}", "signature": ""});
    shop.business.control("/simulator/webhooks", &given).await;
    assert_eq!(shop.posts(1).await[0].signature, None);
    for given in [
        json!({}),
        json!({"body": "", "payload": 1}),
        json!({"body": "", "times": 0}),
        json!({"body": "", "what": 0}),
    ] {
        let (status, answer) = shop.business.control("/simulator/webhooks", &given).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn what_became_of_webhooks_is_told() {
    let mut shop = Shop::start(Behaviour::default()).await;
    shop.send(2).await;
    shop.posts(2).await;
    shop.settle().await;
    let (status, answer) = shop
        .business
        .get("/simulator/webhooks?after=1&bodies=1")
        .await;
    assert_eq!(status, 200);
    assert_eq!(
        answer["counts"],
        json!({"updates": 2, "dropped_updates": 0, "waiting_updates": 0, "webhooks": 2,
            "attempts": 2, "delivered": 2, "given_up": 0}),
    );
    let webhook = &answer["webhooks"][0];
    assert_eq!(
        (&webhook["id"], &webhook["state"]),
        (&json!(2), &json!("delivered"))
    );
    assert!(
        webhook["body"]
            .as_str()
            .unwrap()
            .starts_with(r#"{"object":"#)
    );
    assert_eq!(
        shop.business.get("/simulator/webhooks?app_id=1").await.0,
        404
    );
    assert_eq!(
        shop.business.get("/simulator/webhooks?after=x").await.0,
        400
    );
}

#[tokio::test]
async fn behaviour_is_shown_and_changed() {
    let shop = Shop::start(Behaviour::default()).await;
    let path = "/simulator/behaviour?app_id=670843887433847";
    let (status, answer) = shop.business.control(path, &json!({"repeat": 2})).await;
    assert_eq!((status, &answer["behaviour"]["repeat"]), (200, &json!(2)));
    assert_eq!(shop.business.get(path).await, (200, answer));
    for given in [
        json!({"repeat": 0}),
        json!({"batch": 1001}),
        json!({"concurrency": 0}),
        json!({"delay_ms": 86_400_001}),
        json!({"reapeat": 1}),
    ] {
        assert_eq!(shop.business.control(path, &given).await.0, 400, "{given}");
    }
}
