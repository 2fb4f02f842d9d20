use domain::message::Status;
use jiff::Timestamp;
use storage::{Claim, LeaseName, Outcome, Start, Tally};

use crate::place::Place;
use crate::shop::{Shop, at, new_send, number};

on_both_engines! {
    a_message_is_counted_once_however_far_it_gets,
    what_never_leaves_is_not_counted,
    a_count_is_the_same_before_and_after_it_is_summed_up,
    days_minutes_and_what_is_new_add_up,
    writers_at_once_lose_no_count,
    nobody_counts_what_another_sent,
}

/// The minute in which [`new_send`] makes its messages.
fn minute() -> (Timestamp, Timestamp) {
    let second = at(10).as_second();
    let from = second - second % 60;
    (time(from), time(from + 60))
}

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

async fn tally(shop: &Shop) -> Tally {
    let (from, until) = minute();
    shop.store.tally(from, until).await.unwrap()
}

async fn fold(shop: &Shop) {
    while shop.database.system().fold_tallies().await.unwrap() {}
}

fn outcome(id: domain::ids::MessageId, status: Status) -> Outcome {
    Outcome {
        message_id: id,
        status,
        wamid: None,
        failure: None,
        due_at: (status == Status::Queued).then(|| at(90)),
        at: at(70),
    }
}

async fn a_message_is_counted_once_however_far_it_gets(place: &Place) {
    let shop = Shop::open(place).await;
    let (person, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let id = shop.sent(person, channel).await.id;
    let pending = Tally {
        pending: 1,
        ..Tally::default()
    };
    assert_eq!(tally(&shop).await, pending);
    // What is tried again, or unknown, is as far as it was.
    for status in [Status::Unconfirmed, Status::Queued] {
        shop.store
            .record_outcome(outcome(id, status))
            .await
            .unwrap();
        assert_eq!(tally(&shop).await, pending, "{status:?}");
    }
    // It is queued now, and what comes of it changes nothing.
    shop.store
        .record_outcome(outcome(id, Status::Accepted))
        .await
        .unwrap();
    assert_eq!(tally(&shop).await, pending);
    let accepted = shop.sent(shop.made(&number(1)).await, channel).await.id;
    shop.store
        .record_outcome(outcome(accepted, Status::Accepted))
        .await
        .unwrap();
    let failed = shop.sent(shop.made(&number(2)).await, channel).await.id;
    shop.store
        .record_outcome(outcome(failed, Status::Failed))
        .await
        .unwrap();
    // Said twice, counted once.
    shop.store
        .record_outcome(outcome(failed, Status::Failed))
        .await
        .unwrap();
    let all = Tally {
        pending: 1,
        sent: 1,
        failed: 1,
        ..Tally::default()
    };
    assert_eq!((tally(&shop).await, all.total()), (all, 3));
}

async fn what_never_leaves_is_not_counted(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let mut queued = vec![];
    for person in 0..2 {
        let mut send = new_send(shop.made(&number(person)).await, channel);
        send.start = Start::Due(at(10));
        match shop.store.claim_send(send).await.unwrap() {
            Claim::Queued(id) => queued.push(id),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(tally(&shop).await.pending, 2);
    assert!(shop.store.cancel_message(queued[0], at(20)).await.unwrap());
    assert!(!shop.store.cancel_message(queued[0], at(20)).await.unwrap());
    assert_eq!(tally(&shop).await.pending, 1);
    let person = shop.by_number(&number(1)).await.unwrap().id;
    let change = crate::consents::opt_out(person, None);
    shop.store.set_consent(change).await.unwrap();
    let name = LeaseName {
        tenant: shop.tenant.id.get(),
        name: format!("lane/{channel}"),
    };
    let system = shop.database.system();
    let lease = system.take_lease(&name, "one", 10).await.unwrap().unwrap();
    shop.store
        .depart(&lease, &queued[1..], at(20))
        .await
        .unwrap();
    assert_eq!(tally(&shop).await, Tally::default());
}

async fn a_count_is_the_same_before_and_after_it_is_summed_up(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let mut ids = vec![];
    for person in 0..5 {
        ids.push(
            shop.sent(shop.made(&number(person)).await, channel)
                .await
                .id,
        );
        if person == 2 {
            fold(&shop).await;
        }
    }
    shop.store
        .record_outcome(outcome(ids[0], Status::Accepted))
        .await
        .unwrap();
    let expected = Tally {
        pending: 4,
        sent: 1,
        ..Tally::default()
    };
    assert_eq!(tally(&shop).await, expected);
    fold(&shop).await;
    assert_eq!(tally(&shop).await, expected);
    let left = "SELECT count(*) FROM message_news";
    assert_eq!(place.raw().await.number(left).await, 0);
}

async fn days_minutes_and_what_is_new_add_up(place: &Place) {
    let shop = Shop::open(place).await;
    let (person, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let midnight = at(10).as_second() - at(10).as_second() % 86_400;
    // In the last minute of a day, in the first, in the middle, and on days after it.
    let seconds = [-1, 0, 43_200, 86_399, 86_400, 2 * 86_400, 3 * 86_400 + 61];
    for second in seconds {
        let mut send = new_send(person, channel);
        send.at = time(midnight + second);
        shop.store.claim_send(send).await.unwrap();
    }
    let count = async |from: i64, until: i64| {
        let (from, until) = (time(midnight + from), time(midnight + until));
        shop.store.tally(from, until).await.unwrap().total()
    };
    for round in 0..2 {
        let edges = [
            -120, -60, 0, 60, 43_200, 43_260, 86_340, 86_400, 172_800, 259_260, 345_600,
        ];
        for from in edges {
            for until in edges.into_iter().filter(|until| *until >= from) {
                let expected = seconds.iter().filter(|it| (from..until).contains(*it));
                let expected = i64::try_from(expected.count()).unwrap();
                assert_eq!(count(from, until).await, expected, "{round} {from} {until}");
            }
        }
        fold(&shop).await;
    }
}

async fn writers_at_once_lose_no_count(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let mut people = vec![];
    for person in 0..40 {
        people.push(shop.made(&number(person)).await);
    }
    let sends = people.iter().map(|person| async {
        let id = shop.sent(*person, channel).await.id;
        shop.database.system().fold_tallies().await.unwrap();
        shop.store
            .record_outcome(outcome(id, Status::Accepted))
            .await
            .unwrap();
    });
    futures_util::future::join_all(sends).await;
    let expected = Tally {
        sent: 40,
        ..Tally::default()
    };
    assert_eq!(tally(&shop).await, expected);
    fold(&shop).await;
    assert_eq!(tally(&shop).await, expected);
}

async fn nobody_counts_what_another_sent(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    shop.sent(shop.made(&number(0)).await, shop.channel().await)
        .await;
    for _ in 0..2 {
        assert_eq!(tally(&other).await, Tally::default());
        fold(&shop).await;
    }
    assert_eq!(tally(&shop).await.pending, 1);
}
