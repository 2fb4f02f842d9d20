//! Clients that go away while their request is under way.

use domain::ids::GroupId;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::place::Place;
use crate::shop::{Shop, at, created, named, number};

on_both_engines! {
    a_client_that_goes_away_strands_nothing,
    what_a_lost_client_asked_for_is_done_whole_or_not_at_all,
}

async fn a_client_that_goes_away_strands_nothing(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let contact = shop.made(&number(0)).await;
    for round in 0..10 {
        let mut tasks = JoinSet::new();
        for task in 0..60 {
            let shop = shop.clone();
            let person = number(1000 + round * 60 + task);
            tasks.spawn(async move {
                match task % 6 {
                    0 => drop(shop.create(&person).await),
                    1 => drop(shop.upsert(&number(0), named("Ana")).await),
                    2 => drop(
                        shop.store
                            .create_label::<GroupId>(&person, None, at(0))
                            .await,
                    ),
                    3 => drop(shop.by_number(&person).await),
                    4 => drop(shop.send(contact, channel).await),
                    _ => {
                        let new = shop.new_contact(&person);
                        drop(shop.store.create_contact(new, vec![]).await);
                    }
                }
            });
        }
        // Let some begin, some finish, and end the rest wherever they are.
        for _ in 0..round * 10 {
            tokio::task::yield_now().await;
        }
        tasks.shutdown().await;
    }
    let started = Instant::now();
    created(shop.create("+27839999999").await.unwrap());
    shop.store
        .create_label::<GroupId>("After", None, at(0))
        .await
        .unwrap();
    assert!(shop.by_number(&number(0)).await.is_some());
    assert!(started.elapsed() < Duration::from_secs(5));
    shop.database.close().await;
    if !place.is_sqlite() {
        let stranded = "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        assert_eq!(place.raw().await.number(stranded).await, 0);
    }
}

async fn what_a_lost_client_asked_for_is_done_whole_or_not_at_all(place: &Place) {
    let shop = Shop::open(place).await;
    let group = shop
        .store
        .create_label::<GroupId>("VIP", None, at(0))
        .await
        .unwrap();
    let mut tasks = JoinSet::new();
    for person in 0..300 {
        let (shop, group) = (shop.clone(), group.id);
        tasks.spawn(async move {
            let new = shop.new_contact(&number(person));
            drop(shop.store.create_contact(new, vec![group]).await);
        });
    }
    tokio::task::yield_now().await;
    tasks.shutdown().await;
    shop.database.close().await;
    let raw = place.raw().await;
    let contacts = raw.number("SELECT count(*) FROM contacts").await;
    for table in ["identities", "group_members"] {
        let rows = raw.number(&format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(rows, contacts, "{table}");
    }
    assert_eq!(shop.count().await, contacts);
}
