//! Many writers of the same few people.

use std::collections::HashSet;

use domain::Patch;
use storage::{ContactChanges, Database, Written};
use tokio::task::JoinSet;

use crate::place::Place;
use crate::shop::{Shop, claiming, either, named, number};

const SPELLINGS: [&str; 5] = [
    "+27 82 111 2233",
    "27821112233",
    "082 111 2233",
    "0027821112233",
    "+27(82)111-2233",
];

on_both_engines! {
    of_many_creates_of_one_number_one_makes_the_contact,
    upserts_of_a_few_hot_numbers_all_agree,
    creates_and_upserts_of_new_numbers_make_each_once,
    writes_of_every_kind_at_once_all_answer,
    two_servers_or_a_server_and_a_tool_agree,
}

/// Opens a second handle, as another process would.
pub(crate) async fn second(place: &Place) -> Database {
    if place.is_sqlite() {
        place.open_tool().await
    } else {
        place.open().await
    }
}

async fn of_many_creates_of_one_number_one_makes_the_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let written = create_from_many_tasks(std::slice::from_ref(&shop)).await;
    assert_one_was_made(&shop, written).await;
}

async fn two_servers_or_a_server_and_a_tool_agree(place: &Place) {
    let shop = Shop::open(place).await;
    let beside = shop.seen_by(&second(place).await);
    let written = create_from_many_tasks(&[shop.clone(), beside.clone()]).await;
    assert_one_was_made(&shop, written).await;
    upsert_hot_numbers(&[shop, beside]).await;
}

async fn create_from_many_tasks(shops: &[Shop]) -> Vec<Written> {
    let mut tasks = JoinSet::new();
    for task in 0..100 {
        let shop = shops[task % shops.len()].clone();
        tasks.spawn(async move { shop.create(SPELLINGS[task % 5]).await.unwrap() });
    }
    tasks.join_all().await
}

async fn assert_one_was_made(shop: &Shop, written: Vec<Written>) {
    let is_made = |written: &&Written| matches!(written, Written::Created(_));
    assert_eq!(written.iter().filter(is_made).count(), 1);
    let ids: HashSet<_> = written.into_iter().map(|it| either(it).id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(shop.count().await, 1);
}

async fn upserts_of_a_few_hot_numbers_all_agree(place: &Place) {
    let shop = Shop::open(place).await;
    upsert_hot_numbers(&[shop]).await;
}

async fn upsert_hot_numbers(shops: &[Shop]) {
    let mut tasks = JoinSet::new();
    for task in 0..30 {
        let shop = shops[task % shops.len()].clone();
        tasks.spawn(async move {
            for round in 0..20 {
                let number = number((task + round) % 4);
                let name = format!("Task {task} round {round}");
                let contact = either(shop.upsert(&number, named(&name)).await.unwrap());
                assert_eq!(contact.name.full, Some(name));
            }
        });
    }
    tasks.join_all().await;
    for person in 0..4 {
        let [one, other] = [&shops[0], shops.last().unwrap()];
        let seen = one.by_number(&number(person)).await.unwrap();
        assert_eq!(other.by_number(&number(person)).await, Some(seen));
    }
}

async fn creates_and_upserts_of_new_numbers_make_each_once(place: &Place) {
    let shop = Shop::open(place).await;
    let beside = shop.seen_by(&second(place).await);
    let mut tasks = JoinSet::new();
    for task in 0..40 {
        let shop = if task % 2 == 0 { &shop } else { &beside }.clone();
        tasks.spawn(async move {
            let mut made = 0;
            for round in 0..25 {
                let number = number(round);
                let written = match task % 4 {
                    0 | 1 => shop.create(&number).await,
                    _ => shop.upsert(&number, named("Ana")).await,
                };
                made += i64::from(matches!(written.unwrap(), Written::Created(_)));
            }
            made
        });
    }
    let made: i64 = tasks.join_all().await.into_iter().sum();
    assert_eq!((made, shop.count().await), (25, 25));
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM contacts").await, 25);
    assert_eq!(raw.number("SELECT count(*) FROM identities").await, 25);
}

async fn writes_of_every_kind_at_once_all_answer(place: &Place) {
    let shop = Shop::open(place).await;
    let beside = shop.seen_by(&second(place).await);
    let channel = shop.channel().await;
    let contacts = [shop.made(&number(0)).await, shop.made(&number(1)).await];
    let mut tasks = JoinSet::new();
    for task in 0..24 {
        let shop = if task % 2 == 0 { &shop } else { &beside }.clone();
        tasks.spawn(async move {
            for round in 0..10 {
                let (person, other) = (number((task + round) % 2), (task + round + 1) % 2);
                let contact = contacts[other];
                match task % 6 {
                    0 => drop(shop.upsert(&person, named("Ana")).await.unwrap()),
                    1 => drop(shop.sent(contact, channel).await),
                    2 => {
                        let inbound = crate::messages::inbound(contact, channel, 20);
                        shop.store.receive(inbound).await.unwrap();
                    }
                    3 => {
                        let claim = claiming(&format!("2799000{task:02}{round:02}"));
                        drop(shop.upsert(&person, claim).await.unwrap());
                    }
                    4 => {
                        let mut change = crate::consents::opt_out(contact, None);
                        change.is_opted_out = false;
                        assert!(shop.store.set_consent(change).await.unwrap());
                    }
                    _ => {
                        let mail = ContactChanges {
                            email: Patch::Set(format!("{task}@example.com")),
                            ..ContactChanges::default()
                        };
                        drop(shop.upsert(&person, mail).await.unwrap());
                    }
                }
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(shop.count().await, 2);
}
