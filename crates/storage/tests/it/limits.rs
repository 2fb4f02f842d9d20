//! What a plan allows.

use storage::Error;

use crate::place::Place;
use crate::shop::{Shop, created, named, number, updated};

on_both_engines! {
    a_full_plan_takes_no_more_contacts,
    a_full_plan_still_knows_and_changes_its_contacts,
    a_limit_is_exact_however_many_write_at_once,
    a_full_plan_refuses_every_way_of_making_a_contact,
    a_number_that_comes_twice_is_refused_twice,
    a_full_plan_is_nobody_elses_trouble,
}

async fn shop_of(place: &Place, limit: i64) -> Shop {
    let database = place.open().await;
    Shop::with_limit(&database, "acme", Some(limit)).await
}

#[track_caller]
fn assert_full<T: std::fmt::Debug>(result: &storage::Result<T>, limit: i64) {
    let full = matches!(
        result,
        Err(Error::LimitReached { current, maximum }) if *maximum == limit && *current == limit
    );
    assert!(full, "{result:?}");
}

async fn a_full_plan_takes_no_more_contacts(place: &Place) {
    let shop = shop_of(place, 2).await;
    for person in 0..2 {
        created(shop.create(&number(person)).await.unwrap());
    }
    assert_full(&shop.create(&number(2)).await, 2);
    assert_eq!(shop.by_number(&number(2)).await, None);
    assert_eq!(shop.count().await, 2);
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM contacts").await, 2);
    assert_eq!(raw.number("SELECT count(*) FROM identities").await, 2);
}

async fn a_full_plan_still_knows_and_changes_its_contacts(place: &Place) {
    let shop = shop_of(place, 1).await;
    created(shop.create(&number(0)).await.unwrap());
    assert!(shop.create(&number(1)).await.is_err());
    updated(shop.upsert(&number(0), named("Ana")).await.unwrap());
}

async fn a_limit_is_exact_however_many_write_at_once(place: &Place) {
    let shop = shop_of(place, 50).await;
    let numbers: Vec<String> = (0..200).map(number).collect();
    let tries = numbers.iter().map(|number| shop.create(number));
    let tries = futures_util::future::join_all(tries).await;
    let (made, refused): (Vec<_>, Vec<_>) = tries.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (50, 150));
    for refusal in &refused {
        assert_full(refusal, 50);
    }
    for contact in made {
        let contact = created(contact.unwrap());
        assert_eq!(shop.contact(contact.id).await, contact);
    }
    assert_eq!(shop.count().await, 50);
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM contacts").await, 50);
    assert_eq!(raw.number("SELECT count(*) FROM identities").await, 50);
}

async fn a_full_plan_refuses_every_way_of_making_a_contact(place: &Place) {
    let shop = shop_of(place, 0).await;
    assert_full(&shop.create(&number(0)).await, 0);
    let claiming = crate::shop::claiming("27990000001");
    assert_full(&shop.upsert(&number(0), claiming).await, 0);
    let new = shop.new_contact(&number(0));
    assert_full(&shop.store.create_contact(new, vec![]).await, 0);
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM contacts").await, 0);
    assert_eq!(raw.number("SELECT count(*) FROM identities").await, 0);
}

async fn a_number_that_comes_twice_is_refused_twice(place: &Place) {
    let shop = shop_of(place, 1).await;
    created(shop.create(&number(0)).await.unwrap());
    let tries = (0..40).map(|_| shop.upsert("+27839999999", named("Ana")));
    for refusal in futures_util::future::join_all(tries).await {
        assert_full(&refusal, 1);
    }
}

async fn a_full_plan_is_nobody_elses_trouble(place: &Place) {
    let full = shop_of(place, 3).await;
    let free = Shop::in_database(&full.database, "free").await;
    let numbers: Vec<String> = (0..60).map(number).collect();
    let theirs = numbers.iter().map(|number| full.create(number));
    let ours = numbers.iter().map(|number| free.create(number));
    let (theirs, ours) = tokio::join!(
        futures_util::future::join_all(theirs),
        futures_util::future::join_all(ours)
    );
    assert_eq!(theirs.iter().filter(|it| it.is_ok()).count(), 3);
    assert_eq!(ours.iter().filter(|it| it.is_ok()).count(), 60);
    assert_eq!((full.count().await, free.count().await), (3, 60));
}
