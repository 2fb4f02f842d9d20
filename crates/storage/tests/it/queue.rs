use domain::consent::{ConsentOrigin, Topic};
use domain::ids::{ChannelId, ContactId, MessageId};
use domain::message::Status;
use storage::{
    Claim, ConsentChange, Departure, Error, Inbound, Lease, LeaseName, NewSend, Outcome,
    SKIPPED_OPTED_OUT, SKIPPED_WINDOW, Start, Window,
};

use crate::place::Place;
use crate::shop::{Shop, at, new_send, number, words};

on_both_engines! {
    who_has_one_under_way_gets_the_next_one_after_it,
    what_is_due_leaves_in_order_and_each_person_gets_one_at_a_time,
    what_is_planned_for_later_holds_nobody_up_and_what_is_tried_again_does,
    the_rules_are_checked_again_when_a_message_leaves,
    a_message_leaves_once_whoever_asks,
    a_message_that_left_cannot_be_taken_back,
    a_message_that_came_too_late_is_cancelled,
    a_lane_that_was_taken_over_takes_nothing_up,
    marketing_is_kept_from_those_who_want_none,
    channels_with_something_due_are_found,
}

struct Lane {
    shop: Shop,
    channel: ChannelId,
    lease: Lease,
}

impl Lane {
    async fn open(place: &Place) -> Self {
        let shop = Shop::open(place).await;
        let channel = shop.channel().await;
        let lease = take(&shop, channel).await;
        Self {
            shop,
            channel,
            lease,
        }
    }

    async fn write(&self, send: NewSend) -> MessageId {
        match self.shop.store.claim_send(send).await.unwrap() {
            Claim::Claimed(id) | Claim::Queued(id) => id,
            other => panic!("{other:?}"),
        }
    }

    async fn queue(&self, person: ContactId, due: i64) -> MessageId {
        self.write(self.due(person, due)).await
    }

    fn due(&self, person: ContactId, due: i64) -> NewSend {
        NewSend {
            start: Start::Due(at(due)),
            ..new_send(person, self.channel)
        }
    }

    async fn waiting(&self, seconds: i64) -> Vec<MessageId> {
        let waiting = self.shop.store.waiting(self.channel, at(seconds), 100);
        waiting.await.unwrap().iter().map(|it| it.id).collect()
    }

    async fn depart(&self, ids: &[MessageId], seconds: i64) -> Vec<Departure> {
        let departing = self.shop.store.depart(&self.lease, ids, at(seconds));
        departing.await.unwrap()
    }

    async fn status(&self, id: MessageId) -> Status {
        self.shop.store.message(id).await.unwrap().unwrap().status
    }

    async fn settle(&self, message_id: MessageId, status: Status, due: Option<i64>) {
        let outcome = Outcome {
            message_id,
            status,
            wamid: None,
            failure: None,
            due_at: due.map(at),
            at: at(20),
        };
        self.shop.store.record_outcome(outcome).await.unwrap();
    }
}

async fn take(shop: &Shop, channel: ChannelId) -> Lease {
    let name = LeaseName {
        tenant: shop.tenant.id.get(),
        name: format!("lane/{channel}"),
    };
    let system = shop.database.system();
    system.take_lease(&name, "one", 10).await.unwrap().unwrap()
}

async fn who_has_one_under_way_gets_the_next_one_after_it(place: &Place) {
    let lane = Lane::open(place).await;
    let person = lane.shop.made(&number(0)).await;
    let first = lane.write(new_send(person, lane.channel)).await;
    let second = lane.write(new_send(person, lane.channel)).await;
    assert_eq!(lane.status(first).await, Status::Sending);
    assert_eq!(lane.status(second).await, Status::Queued);
    assert_eq!(lane.waiting(100).await, []);
    lane.settle(first, Status::Accepted, None).await;
    assert_eq!(lane.waiting(100).await, [second]);
}

async fn what_is_due_leaves_in_order_and_each_person_gets_one_at_a_time(place: &Place) {
    let lane = Lane::open(place).await;
    let (one, two) = (
        lane.shop.made(&number(0)).await,
        lane.shop.made(&number(1)).await,
    );
    let first = lane.queue(one, 30).await;
    let second = lane.queue(one, 20).await;
    let other = lane.queue(two, 25).await;
    assert_eq!(lane.waiting(19).await, []);
    assert_eq!(lane.waiting(24).await, [second]);
    assert_eq!(lane.waiting(40).await, [other, first]);
    let left = lane.depart(&[other, first], 40).await;
    assert_eq!(left, [Departure::Sending, Departure::Sending]);
    assert_eq!(lane.waiting(40).await, []);
    lane.settle(first, Status::Accepted, None).await;
    assert_eq!(lane.waiting(40).await, [second]);
    lane.shop.store.defer(&[second], at(60)).await.unwrap();
    assert_eq!(lane.waiting(59).await, []);
    assert_eq!(lane.waiting(60).await, [second]);
}

async fn what_is_planned_for_later_holds_nobody_up_and_what_is_tried_again_does(place: &Place) {
    let lane = Lane::open(place).await;
    let person = lane.shop.made(&number(0)).await;
    lane.queue(person, 5000).await;
    let now = lane.write(new_send(person, lane.channel)).await;
    assert_eq!(lane.status(now).await, Status::Sending);
    lane.settle(now, Status::Queued, Some(500)).await;
    let next = lane.queue(person, 30).await;
    assert_eq!(lane.waiting(499).await, []);
    assert_eq!(lane.waiting(500).await, [now]);
    lane.depart(&[now], 500).await;
    lane.settle(now, Status::Failed, None).await;
    assert_eq!(lane.waiting(500).await, [next]);
}

async fn the_rules_are_checked_again_when_a_message_leaves(place: &Place) {
    let lane = Lane::open(place).await;
    let out = lane.shop.made(&number(0)).await;
    let closed = lane.shop.made(&number(1)).await;
    let inbound = Inbound {
        contact_id: closed,
        channel_id: lane.channel,
        content: words("Hi"),
        wamid: "wamid.IN".into(),
        at: at(5),
    };
    lane.shop.store.receive(inbound).await.unwrap();
    let to_out = lane.queue(out, 20).await;
    let to_closed = lane
        .write(NewSend {
            window: Window::MustBeOpen,
            ..lane.due(closed, 20)
        })
        .await;
    let change = ConsentChange {
        contact_id: out,
        channel_id: None,
        topic: Topic::All,
        is_opted_out: true,
        origin: ConsentOrigin::Keyword,
        made_by: None,
        reason: None,
        at: at(15),
    };
    lane.shop.store.set_consent(change).await.unwrap();
    let later = 5 + 24 * 60 * 60;
    let left = lane.depart(&[to_out, to_closed], later).await;
    assert_eq!(left, [Departure::Skipped, Departure::Skipped]);
    for (id, why) in [(to_out, SKIPPED_OPTED_OUT), (to_closed, SKIPPED_WINDOW)] {
        let message = lane.shop.store.message(id).await.unwrap().unwrap();
        assert_eq!(message.status, Status::Skipped);
        assert_eq!(message.failure.unwrap().title, why);
    }
    assert_eq!(lane.waiting(later).await, []);
}

async fn a_message_leaves_once_whoever_asks(place: &Place) {
    let lane = Lane::open(place).await;
    let mut ids = vec![];
    for person in 0..20 {
        ids.push(lane.queue(lane.shop.made(&number(person)).await, 20).await);
    }
    let asks = (0..8).map(|_| lane.depart(&ids, 20));
    let answers = futures_util::future::join_all(asks).await;
    for place in 0..ids.len() {
        let taken = answers.iter().filter(|it| it[place] == Departure::Sending);
        assert_eq!(taken.count(), 1);
    }
}

async fn a_message_that_left_cannot_be_taken_back(place: &Place) {
    let lane = Lane::open(place).await;
    let (one, two) = (
        lane.shop.made(&number(0)).await,
        lane.shop.made(&number(1)).await,
    );
    let (stays, left) = (lane.queue(one, 20).await, lane.queue(two, 20).await);
    lane.depart(&[left], 20).await;
    let other = Shop::in_database(&lane.shop.database, "other").await;
    let cancel = async |shop: &Shop, id| shop.store.cancel_message(id, at(21)).await.unwrap();
    assert!(!cancel(&other, stays).await);
    assert!(!cancel(&lane.shop, left).await);
    assert!(cancel(&lane.shop, stays).await);
    assert!(!cancel(&lane.shop, stays).await);
    assert_eq!(lane.status(stays).await, Status::Cancelled);
    assert_eq!(lane.depart(&[stays], 30).await, [Departure::Gone]);
}

async fn a_message_that_came_too_late_is_cancelled(place: &Place) {
    let lane = Lane::open(place).await;
    let late = lane
        .write(NewSend {
            give_up_at: Some(at(30)),
            ..lane.due(lane.shop.made(&number(0)).await, 20)
        })
        .await;
    assert_eq!(lane.depart(&[late], 30).await, [Departure::GivenUp]);
    assert_eq!(lane.status(late).await, Status::Cancelled);
}

async fn a_lane_that_was_taken_over_takes_nothing_up(place: &Place) {
    let lane = Lane::open(place).await;
    let id = lane.queue(lane.shop.made(&number(0)).await, 20).await;
    let newer = take(&lane.shop, lane.channel).await;
    let late = lane.shop.store.depart(&lane.lease, &[id], at(20)).await;
    assert!(matches!(late, Err(Error::LeaseLost)), "{late:?}");
    assert_eq!(lane.status(id).await, Status::Queued);
    let left = lane.shop.store.depart(&newer, &[id], at(20)).await;
    assert_eq!(left.unwrap(), [Departure::Sending]);
}

async fn marketing_is_kept_from_those_who_want_none(place: &Place) {
    let lane = Lane::open(place).await;
    let person = lane.shop.made(&number(0)).await;
    let marketing = || NewSend {
        topic: Topic::Marketing,
        ..lane.due(person, 20)
    };
    let before = lane.write(marketing()).await;
    let change = ConsentChange {
        contact_id: person,
        channel_id: Some(lane.channel),
        topic: Topic::Marketing,
        is_opted_out: true,
        origin: ConsentOrigin::MetaPreference,
        made_by: None,
        reason: None,
        at: at(15),
    };
    lane.shop.store.set_consent(change).await.unwrap();
    let refused = lane.shop.store.claim_send(marketing()).await.unwrap();
    assert_eq!(refused, Claim::OptedOut);
    assert_eq!(lane.depart(&[before], 20).await, [Departure::Skipped]);
    let other = lane.queue(person, 20).await;
    assert_eq!(lane.depart(&[other], 20).await, [Departure::Sending]);
}

async fn channels_with_something_due_are_found(place: &Place) {
    let lane = Lane::open(place).await;
    let other = Shop::in_database(&lane.shop.database, "other").await;
    let theirs = other.channel().await;
    let send = NewSend {
        start: Start::Due(at(30)),
        ..new_send(other.made(&number(0)).await, theirs)
    };
    other.store.claim_send(send).await.unwrap();
    for person in 0..3 {
        lane.queue(lane.shop.made(&number(person)).await, 20).await;
    }
    let system = lane.shop.database.system();
    let due = async |seconds| {
        let found = system.channels_with_due(at(seconds)).await.unwrap();
        found.iter().map(|it| it.channel_id).collect::<Vec<_>>()
    };
    assert_eq!(due(19).await, []);
    assert_eq!(due(20).await, [lane.channel]);
    assert_eq!(due(30).await, [lane.channel, theirs]);
    assert_eq!(system.channels_sending().await.unwrap(), []);
    let waiting = lane.waiting(20).await;
    lane.depart(&waiting[..1], 20).await;
    let sending = system.channels_sending().await.unwrap();
    assert_eq!(sending.len(), 1);
    assert_eq!(sending[0].tenant_id, lane.shop.tenant.id.get());
}
