//! Many writes, one commit.

use domain::name::Name;
use storage::{Error, NewContact};
use tokio::task::JoinSet;

use crate::place::Place;
use crate::shop::{Shop, created, number};

on_both_engines! {
    a_row_too_long_fails_alone,
    a_row_of_a_source_that_is_not_there_fails_alone,
    more_writes_than_a_group_holds_are_all_done,
    what_does_not_fit_into_the_queue_is_refused_and_the_rest_is_done,
    nothing_is_taken_after_the_close,
    what_was_asked_before_the_close_is_done,
}

mod nul {
    use super::a_row_with_a_nul_fails_alone;

    on_postgres!(a_row_with_a_nul_fails_alone);
}

async fn fails_alone(place: &Place, spoil: impl FnOnce(&mut NewContact)) {
    let shop = Shop::open(place).await;
    let mut bad = shop.new_contact("+27839999999");
    spoil(&mut bad);
    let mut news: Vec<NewContact> = (0..60).map(|it| shop.new_contact(&number(it))).collect();
    news.insert(30, bad);
    let writes = news.into_iter().map(|new| shop.create_as(new));
    let mut written = futures_util::future::join_all(writes).await;
    let refused = written.remove(30);
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    for good in written {
        created(good.unwrap());
    }
    assert_eq!(shop.count().await, 60);
    created(shop.create("+27839999999").await.unwrap());
}

async fn a_row_too_long_fails_alone(place: &Place) {
    fails_alone(place, |bad| bad.name = Name::from_full(&"x".repeat(4001))).await;
}

async fn a_row_of_a_source_that_is_not_there_fails_alone(place: &Place) {
    let nowhere = domain::ids::SourceId::new(999_999).unwrap();
    fails_alone(place, |bad| bad.source_id = nowhere).await;
}

async fn a_row_with_a_nul_fails_alone(place: &Place) {
    fails_alone(place, |bad| bad.company = Some("a\0b".into())).await;
}

async fn more_writes_than_a_group_holds_are_all_done(place: &Place) {
    let shop = Shop::open(place).await;
    let numbers: Vec<String> = (0..1500).map(number).collect();
    let writes = numbers.iter().map(|number| shop.create(number));
    for written in futures_util::future::join_all(writes).await {
        created(written.unwrap());
    }
    assert_eq!(shop.count().await, 1500);
}

async fn what_does_not_fit_into_the_queue_is_refused_and_the_rest_is_done(place: &Place) {
    let shop = Shop::open(place).await;
    // Ids are at hand, so that nothing waits before the queue.
    shop.made("+27839999999").await;
    let numbers: Vec<String> = (0..9000).map(number).collect();
    let writes = numbers.iter().map(|number| shop.create(number));
    let mut made = 1;
    for written in futures_util::future::join_all(writes).await {
        match written {
            Ok(written) => {
                created(written);
                made += 1;
            }
            Err(Error::Busy) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(made > 1000, "{made}");
    assert_eq!(shop.count().await, made);
}

async fn nothing_is_taken_after_the_close(place: &Place) {
    let shop = Shop::open(place).await;
    shop.database.close().await;
    let refused = shop.create(&number(0)).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    let refused = shop
        .store
        .create_label::<domain::ids::GroupId>("VIP", None, crate::shop::at(0))
        .await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    // A second close has nothing to do.
    shop.database.close().await;
}

async fn what_was_asked_before_the_close_is_done(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let contact = shop.made(&number(0)).await;
    let mut tasks = JoinSet::new();
    for person in 1..=200 {
        let asking = shop.clone();
        tasks.spawn(async move { asking.create(&number(person)).await.is_ok() });
        let asking = shop.clone();
        let inbound = crate::messages::inbound(contact, channel, 5);
        tasks.spawn(async move { asking.store.receive(inbound).await.is_ok() });
    }
    tokio::task::yield_now().await;
    shop.database.close().await;
    // Whatever was acknowledged is there, and nothing else.
    let raw = place.raw().await;
    let contacts = raw.number("SELECT count(*) FROM contacts").await - 1;
    let messages = raw.number("SELECT count(*) FROM messages").await;
    let done = tasks.join_all().await.into_iter().filter(|it| *it).count();
    assert_eq!(i64::try_from(done).unwrap(), contacts + messages);
    assert_eq!(shop.count().await, contacts + 1);
}
