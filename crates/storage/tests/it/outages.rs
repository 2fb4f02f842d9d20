//! An engine that is busy, or goes away and comes back.

use domain::ids::GroupId;
use std::time::{Duration, Instant};

use storage::Error;
use tokio::task::JoinSet;

use crate::place::{Place, file};
use crate::shop::{Shop, at, created, named, number, updated};

on_postgres! {
    a_read_outlives_its_connection,
    a_write_outlives_the_death_of_an_idle_connection,
    writes_in_flight_fail_cleanly_and_later_ones_succeed,
    a_group_that_deadlocks_with_somebody_is_tried_again,
}

const KILL_ALL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

async fn a_read_outlives_its_connection(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made(&number(0)).await;
    let raw = place.raw().await;
    for _ in 0..20 {
        // So that all the shared connections are open.
        for _ in 0..8 {
            shop.contact(id).await;
        }
        raw.rows(KILL_ALL).await;
        let reads = (0..8).map(|_| shop.store.contact(id));
        for read in futures_util::future::join_all(reads).await {
            assert!(read.unwrap().is_some());
        }
    }
}

async fn a_write_outlives_the_death_of_an_idle_connection(place: &Place) {
    let shop = Shop::open(place).await;
    let raw = place.raw().await;
    for round in 0..20 {
        raw.rows(KILL_ALL).await;
        created(shop.create(&number(round)).await.unwrap());
        raw.rows(KILL_ALL).await;
        shop.store
            .create_label::<GroupId>(&number(round), None, at(0))
            .await
            .unwrap();
    }
}

async fn writes_in_flight_fail_cleanly_and_later_ones_succeed(place: &Place) {
    let shop = Shop::open(place).await;
    let mut tasks = JoinSet::new();
    for task in 0..40 {
        let shop = shop.clone();
        tasks.spawn(async move {
            let mut acknowledged = vec![];
            for round in 0..50 {
                let person = number(task * 50 + round);
                let written = if task % 4 == 0 {
                    let new = shop.new_contact(&person);
                    shop.store.create_contact(new, vec![]).await.map(drop)
                } else {
                    shop.create(&person).await.map(drop)
                };
                match written {
                    Ok(()) => acknowledged.push(person),
                    Err(Error::Unavailable(_)) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            acknowledged
        });
    }
    let raw = place.raw().await;
    for _ in 0..20 {
        raw.rows(KILL_ALL).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let acknowledged: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
    assert!(acknowledged.len() > 500, "{}", acknowledged.len());
    for person in &acknowledged {
        assert!(shop.by_number(person).await.is_some(), "{person} was lost");
    }
    created(shop.create("+27839999999").await.unwrap());
    updated(shop.upsert("+27839999999", named("Ana")).await.unwrap());
    let counted = raw.number("SELECT count(*) FROM contacts").await;
    assert_eq!(shop.count().await, counted);
}

async fn a_group_that_deadlocks_with_somebody_is_tried_again(place: &Place) {
    let shop = Shop::open(place).await;
    let (one, other) = (shop.made(&number(0)).await, shop.made(&number(1)).await);
    let raw = place.raw().await;
    let touch = |id| format!("UPDATE contacts SET company = 'x' WHERE id = {id}");
    // Somebody else holds the second and then wants the first; ours come in the other order.
    raw.run(&format!(
        "BEGIN; SET LOCAL deadlock_timeout = '20s'; {}",
        touch(other)
    ))
    .await;
    let (first, second) = (number(0), number(1));
    let (ours, theirs, written) = tokio::join!(
        shop.upsert(&first, named("Ana")),
        shop.upsert(&second, named("Bia")),
        async {
            wait_until_somebody_waits(place).await;
            raw.run(&format!("{}; COMMIT", touch(one))).await;
        }
    );
    let () = written;
    assert_eq!(updated(ours.unwrap()).id, one);
    assert_eq!(updated(theirs.unwrap()).id, other);
}

async fn wait_until_somebody_waits(place: &Place) {
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    let raw = place.raw().await;
    let started = Instant::now();
    while raw.number(waiting).await == 0 && started.elapsed() < Duration::from_secs(5) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_waits_for_another_process_that_holds_the_file() {
    let place = Place::sqlite();
    let shop = Shop::open(&place).await;
    let Place::Sqlite(directory) = &place else {
        unreachable!("made above");
    };
    let other = rusqlite::Connection::open(file(directory.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let patience = Duration::from_millis(300);
    let release = tokio::task::spawn_blocking(move || {
        std::thread::sleep(patience);
        other.execute_batch("COMMIT").unwrap();
    });
    let started = Instant::now();
    // Reads do not wait.
    assert_eq!(shop.count().await, 0);
    assert!(started.elapsed() < patience);
    created(shop.create(&number(0)).await.unwrap());
    assert!(started.elapsed() >= patience / 2);
    release.await.unwrap();
}
