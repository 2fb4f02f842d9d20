//! What a plan allows.

use domain::ids::ChannelId;
use domain::tenant::Plan;
use storage::{Claim, Error};

use crate::place::Place;
use crate::shop::{Shop, at, created, named, new_send, number, updated};

on_both_engines! {
    a_full_plan_takes_no_more_contacts,
    a_full_plan_still_knows_and_changes_its_contacts,
    a_limit_is_exact_however_many_write_at_once,
    a_full_plan_refuses_every_way_of_making_a_contact,
    a_number_that_comes_twice_is_refused_twice,
    a_full_plan_is_nobody_elses_trouble,
    conversations_begin_only_as_far_as_the_plan_allows,
    whoever_writes_begins_a_conversation_whatever_the_plan_says,
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

/// Returns a shop that may begin some conversations a month.
async fn shop_of_talks(place: &Place, limit: i64) -> (Shop, ChannelId) {
    let shop = Shop::open(place).await;
    let plan = Plan {
        conversation_limit: Some(limit),
        ..Plan::default()
    };
    let system = shop.database.system();
    assert!(system.set_plan(shop.tenant.id, None, plan).await.unwrap());
    let channel = shop.channel().await;
    (shop, channel)
}

async fn conversations_begin_only_as_far_as_the_plan_allows(place: &Place) {
    let (shop, channel) = shop_of_talks(place, 7).await;
    let mut people = vec![];
    for person in 0..40 {
        people.push(shop.made(&number(person)).await);
    }
    // Two to each, so that some begin a conversation together.
    let sends = people.iter().flat_map(|person| [*person, *person]);
    let sends = sends.map(|person| shop.send(person, channel));
    let claims = futures_util::future::join_all(sends).await;
    let is_full = |claim: &&Claim| {
        let full = Claim::PlanFull {
            current: 7,
            maximum: 7,
        };
        **claim == full
    };
    assert_eq!(claims.iter().filter(is_full).count(), 66, "{claims:?}");
    let begun = async || shop.store.conversations_begun(at(10)).await.unwrap();
    assert_eq!(begun().await, 7);
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM conversations").await, 7);
    assert_eq!(raw.number("SELECT count(*) FROM messages").await, 14);
    // What has begun goes on, and what is deleted began all the same.
    let went = people.iter().zip(claims.chunks(2));
    let mut went = went.filter(|(_, claims)| !is_full(&&claims[0]));
    let (first, second) = (*went.next().unwrap().0, *went.next().unwrap().0);
    assert!(!is_full(&&shop.send(first, channel).await));
    shop.store.delete_contacts(vec![second]).await.unwrap();
    let late = shop.made(&number(50)).await;
    assert!(is_full(&&shop.send(late, channel).await));
    assert_eq!(begun().await, 7);
    // The next month has room.
    let mut send = new_send(late, channel);
    send.at = at(40 * 86_400);
    let claim = shop.store.claim_send(send).await.unwrap();
    assert!(matches!(claim, Claim::Claimed(_)), "{claim:?}");
    let next = shop.store.conversations_begun(at(40 * 86_400)).await;
    assert_eq!((begun().await, next.unwrap()), (7, 1));
}

async fn whoever_writes_begins_a_conversation_whatever_the_plan_says(place: &Place) {
    let (shop, channel) = shop_of_talks(place, 1).await;
    let (ana, bia) = (shop.made(&number(0)).await, shop.made(&number(1)).await);
    for person in [ana, bia] {
        let wrote = crate::messages::inbound(person, channel, 5);
        shop.store.receive(wrote).await.unwrap();
    }
    let begun = shop.store.conversations_begun(at(10)).await;
    assert_eq!(begun.unwrap(), 2);
    assert!(matches!(shop.send(ana, channel).await, Claim::Claimed(_)));
    let claim = shop.send(shop.made(&number(2)).await, channel).await;
    let full = Claim::PlanFull {
        current: 2,
        maximum: 1,
    };
    assert_eq!(claim, full);
}
