use domain::message::Status;
use storage::testing::{
    EventCounts, MessageCount, count_events, count_messages, execute, has_waiting_events,
};
use storage::{LeaseName, NewEvent, Outcome};

use crate::place::Place;
use crate::shop::{Shop, at, number};

on_both_engines! {
    the_messages_of_a_channel_are_counted_by_their_status,
    the_events_of_the_ledger_are_counted,
}

async fn the_messages_of_a_channel_are_counted_by_their_status(place: &Place) {
    let shop = Shop::open(place).await;
    let (channel, other) = (shop.channel().await, shop.channel().await);
    let mut last = None;
    for person in 0..3 {
        let person = shop.made(&number(person)).await;
        last = Some(shop.sent(person, channel).await.id);
        shop.sent(person, other).await;
    }
    let outcome = Outcome {
        message_id: last.unwrap(),
        status: Status::Accepted,
        wamid: Some("wamid.1".into()),
        failure: None,
        due_at: None,
        at: at(20),
    };
    shop.store.record_outcome(outcome).await.unwrap();
    let reported = "UPDATE messages SET sent_at = 1, read_at = 2 WHERE status = 'accepted'";
    execute(&shop.database, reported).await.unwrap();

    let count = |status, messages, reports| MessageCount {
        status,
        messages,
        reports,
    };
    let counts = count_messages(&shop.store, channel).await.unwrap();
    let expected = [count(Status::Accepted, 1, 2), count(Status::Sending, 2, 0)];
    assert_eq!(counts, expected);
}

async fn the_events_of_the_ledger_are_counted(place: &Place) {
    let database = place.open().await;
    let system = database.system();
    assert!(!has_waiting_events(&database).await.unwrap());
    let event = |key: u8| NewEvent {
        key: vec![key],
        app_id: 1,
        waba_id: "102290129340398".into(),
        phone_number_id: None,
        kind: "message",
        body: "{}".into(),
        at: at(10),
    };
    let events = vec![event(1), event(2)];
    system.keep_events(events).await.unwrap();
    assert!(has_waiting_events(&database).await.unwrap());

    let name = LeaseName {
        tenant: 0,
        name: "inbound".into(),
    };
    let lease = system.take_lease(&name, "one", 10).await.unwrap().unwrap();
    for event in system.waiting_events(at(100), 10).await.unwrap() {
        let failed = system.fail_event(&lease, &event, "why", at(20)).await;
        failed.unwrap();
    }
    assert!(!has_waiting_events(&database).await.unwrap());
    let counts = EventCounts { kept: 2, failed: 2 };
    assert_eq!(count_events(&database).await.unwrap(), counts);
}
