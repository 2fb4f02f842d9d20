//! Requests that carry a key of their own.

use storage::{NewRequest, Recalled, RequestKey};
use tokio::task::JoinSet;

use crate::place::Place;
use crate::shop::{Shop, at};

on_both_engines! {
    of_many_at_once_one_begins,
    an_answer_outlives_a_restart,
    a_request_that_was_forgotten_begins_again,
    a_key_is_one_tenants_and_one_places,
    what_is_old_counts_no_more_and_who_was_late_changes_nothing,
    old_requests_are_forgotten_and_newer_ones_stay,
}

fn key(key: &str) -> RequestKey {
    RequestKey {
        place: "flowiq /contact".into(),
        key: key.into(),
    }
}

fn new(name: &str, seconds: i64) -> NewRequest {
    NewRequest {
        key: key(name),
        fingerprint: [7; 32],
        at: at(seconds),
        forget_before: at(seconds - 100),
    }
}

async fn begin(shop: &Shop, new: NewRequest) -> Recalled {
    shop.store.begin_request(new).await.unwrap()
}

async fn begun(shop: &Shop, new: NewRequest) -> i64 {
    match begin(shop, new).await {
        Recalled::New(id) => id,
        known => panic!("{known:?}"),
    }
}

async fn of_many_at_once_one_begins(place: &Place) {
    let shop = Shop::open(place).await;
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        let shop = shop.clone();
        asking.spawn(async move { begin(&shop, new("a", 0)).await });
    }
    let told = asking.join_all().await;
    let is_new = |told: &&Recalled| matches!(told, Recalled::New(_));
    assert_eq!(told.iter().filter(is_new).count(), 1, "{told:?}");
    let waiting = told
        .iter()
        .filter(|told| **told == Recalled::UnderWay(at(0)));
    assert_eq!(waiting.count(), 19);
}

async fn an_answer_outlives_a_restart(place: &Place) {
    let shop = Shop::open(place).await;
    let id = begun(&shop, new("a", 0)).await;
    begun(&shop, new("b", 0)).await;
    let answer = b"201\n\n\0\xff".to_vec();
    shop.store
        .end_request(&key("a"), id, answer.clone())
        .await
        .unwrap();
    shop.database.close().await;
    let shop = shop.seen_by(&place.open().await);
    assert_eq!(begin(&shop, new("a", 9)).await, Recalled::Answered(answer));
    // Nobody does it any more, and nobody knows how far it got.
    assert_eq!(begin(&shop, new("b", 9)).await, Recalled::UnderWay(at(0)));
    let other = NewRequest {
        fingerprint: [8; 32],
        ..new("a", 9)
    };
    assert_eq!(begin(&shop, other).await, Recalled::Different);
}

async fn a_request_that_was_forgotten_begins_again(place: &Place) {
    let shop = Shop::open(place).await;
    let id = begun(&shop, new("a", 0)).await;
    shop.store.forget_request(&key("a"), id).await.unwrap();
    let other = NewRequest {
        fingerprint: [8; 32],
        ..new("a", 0)
    };
    assert_ne!(begun(&shop, other).await, id);
}

async fn a_key_is_one_tenants_and_one_places(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "globex").await;
    let id = begun(&shop, new("a", 0)).await;
    begun(&other, new("a", 0)).await;
    other.store.forget_request(&key("a"), id).await.unwrap();
    other
        .store
        .end_request(&key("a"), id, vec![1])
        .await
        .unwrap();
    assert_eq!(begin(&shop, new("a", 1)).await, Recalled::UnderWay(at(0)));
    let mut elsewhere = new("a", 0);
    elsewhere.key.place = "flowiq /send-whatsapp".into();
    begun(&shop, elsewhere).await;
}

async fn what_is_old_counts_no_more_and_who_was_late_changes_nothing(place: &Place) {
    let shop = Shop::open(place).await;
    let id = begun(&shop, new("a", 0)).await;
    assert_eq!(begin(&shop, new("a", 100)).await, Recalled::UnderWay(at(0)));
    let second = begun(&shop, new("a", 101)).await;
    shop.store
        .end_request(&key("a"), id, vec![1])
        .await
        .unwrap();
    shop.store.forget_request(&key("a"), id).await.unwrap();
    assert_eq!(
        begin(&shop, new("a", 102)).await,
        Recalled::UnderWay(at(101))
    );
    shop.store
        .end_request(&key("a"), second, vec![2])
        .await
        .unwrap();
    assert_eq!(
        begin(&shop, new("a", 103)).await,
        Recalled::Answered(vec![2])
    );
}

async fn old_requests_are_forgotten_and_newer_ones_stay(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "globex").await;
    for shop in [&shop, &other] {
        for (name, seconds) in [("a", 0), ("b", 50), ("c", 51)] {
            begun(shop, new(name, seconds)).await;
        }
    }
    let system = shop.database.system();
    assert_eq!(system.prune_requests(at(51)).await.unwrap(), 4);
    assert_eq!(system.prune_requests(at(51)).await.unwrap(), 0);
    assert_eq!(begin(&shop, new("c", 60)).await, Recalled::UnderWay(at(51)));
    begun(&shop, new("a", 60)).await;
}
