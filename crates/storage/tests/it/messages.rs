use domain::ids::{ChannelId, ContactId, JobId, MessageId};
use domain::message::content::{Cards, Location, Reaction};
use domain::message::{Author, Content, Direction, Failure, Status};
use storage::{Claim, Error, Inbound, LeaseName, NewSend, Outcome, Start, Window};

use crate::place::Place;
use crate::shop::{Shop, at, new_send, number, words};

on_both_engines! {
    a_message_that_came_in_reads_back_and_opens_the_window,
    an_older_message_never_closes_the_window,
    messages_of_a_contact_come_newest_first,
    content_of_every_kind_reads_back,
    a_message_says_who_sent_it,
    an_outcome_is_kept_with_its_reason,
    a_settled_message_is_not_changed_again,
    an_unconfirmed_message_may_still_be_settled,
    outcomes_of_one_message_in_one_moment_settle_it_once,
    sends_whose_sender_is_gone_become_unconfirmed,
    an_outcome_of_a_message_nobody_has_is_nothing,
}

pub(crate) fn inbound(contact_id: ContactId, channel_id: ChannelId, seconds: i64) -> Inbound {
    Inbound {
        contact_id,
        channel_id,
        content: words("Hi there"),
        wamid: "wamid.IN".into(),
        at: at(seconds),
    }
}

fn outcome(message_id: MessageId, status: Status, seconds: i64) -> Outcome {
    Outcome {
        due_at: None,
        message_id,
        status,
        wamid: Some(format!("wamid.{}", status.as_str())),
        failure: None,
        at: at(seconds),
    }
}

async fn shop_with_contact(place: &Place) -> (Shop, ContactId, ChannelId) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    (shop, contact, channel)
}

async fn a_message_that_came_in_reads_back_and_opens_the_window(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    let must_be_open = |seconds| NewSend {
        window: Window::MustBeOpen,
        at: at(seconds),
        ..new_send(contact, channel)
    };
    let day = 24 * 60 * 60;
    let claim = shop.store.claim_send(must_be_open(5)).await.unwrap();
    assert_eq!(claim, Claim::WindowClosed);
    let id = shop
        .store
        .receive(inbound(contact, channel, 5))
        .await
        .unwrap();
    let message = shop.store.message(id).await.unwrap().unwrap();
    assert_eq!(
        (message.direction, message.status),
        (Direction::Inbound, Status::Received)
    );
    assert_eq!((message.contact_id, message.channel_id), (contact, channel));
    assert_eq!(message.content, words("Hi there"));
    assert_eq!(message.wamid.as_deref(), Some("wamid.IN"));
    assert_eq!((message.created_at, message.updated_at), (at(5), at(5)));
    assert!(shop.contact(contact).await.flags.has_unread_messages);
    for (seconds, is_open) in [(6, true), (4 + day, true), (5 + day, false)] {
        let claim = shop.store.claim_send(must_be_open(seconds)).await.unwrap();
        assert_eq!(
            matches!(claim, Claim::Claimed(_) | Claim::Queued(_)),
            is_open,
            "{seconds}: {claim:?}"
        );
    }
}

async fn an_older_message_never_closes_the_window(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    shop.store
        .receive(inbound(contact, channel, 1000))
        .await
        .unwrap();
    shop.store
        .receive(inbound(contact, channel, 5))
        .await
        .unwrap();
    let window = "SELECT window_expires_at, last_message_at FROM conversations";
    let (until, last) = (at(1000 + 24 * 60 * 60), at(1000));
    let expected = [until, last].map(|it| it.as_microsecond().to_string());
    assert_eq!(place.raw().await.rows(window).await, [expected]);
}

async fn messages_of_a_contact_come_newest_first(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    let second = shop.channel().await;
    let mut ids = vec![];
    for (seconds, channel) in [(3, channel), (1, second), (2, channel), (3, second)] {
        let message = inbound(contact, channel, seconds);
        ids.push(shop.store.receive(message).await.unwrap());
    }
    let stranger = shop.made(&number(1)).await;
    shop.store
        .receive(inbound(stranger, channel, 9))
        .await
        .unwrap();
    let read = |limit| shop.store.messages_of_contact(contact, limit);
    let found: Vec<_> = read(10).await.unwrap().iter().map(|it| it.id).collect();
    assert_eq!(found, [ids[3], ids[0], ids[2], ids[1]]);
    assert_eq!(read(2).await.unwrap().len(), 2);
}

async fn content_of_every_kind_reads_back(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    let place_on_earth = Location {
        latitude: -25.746_111_000_000_01,
        longitude: 28.188_056,
        name: Some("Pretória".into()),
        address: None,
    };
    for content in [
        words("Olá 👋\n\"quoted\" ? $1"),
        words(&"x".repeat(4096)),
        Content::Location(place_on_earth),
        Content::Contacts(Cards { cards: vec![] }),
        Content::Reaction(Reaction {
            message_id: "wamid.X".into(),
            emoji: String::new(),
        }),
    ] {
        let mut send = new_send(contact, channel);
        send.content = content.clone();
        send.context_wamid = Some("wamid.CONTEXT".into());
        let (Claim::Claimed(id) | Claim::Queued(id)) = shop.store.claim_send(send).await.unwrap()
        else {
            panic!("not claimed");
        };
        let message = shop.store.message(id).await.unwrap().unwrap();
        assert_eq!(message.content, content);
        assert_eq!(message.context_wamid.as_deref(), Some("wamid.CONTEXT"));
    }
}

async fn a_message_says_who_sent_it(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    let agent = Author {
        member_id: Some("agent-7".into()),
        job_id: None,
    };
    let broadcast = Author {
        member_id: None,
        job_id: JobId::new(42),
    };
    for author in [Author::default(), agent, broadcast] {
        let mut send = new_send(contact, channel);
        send.author = author.clone();
        let (Claim::Claimed(id) | Claim::Queued(id)) = shop.store.claim_send(send).await.unwrap()
        else {
            panic!("not claimed");
        };
        let message = shop.store.message(id).await.unwrap().unwrap();
        assert_eq!(message.author, author);
    }
}

async fn an_outcome_is_kept_with_its_reason(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    let good = shop.sent(contact, channel).await;
    shop.store
        .record_outcome(outcome(good.id, Status::Accepted, 20))
        .await
        .unwrap();
    let kept = shop.store.message(good.id).await.unwrap().unwrap();
    assert_eq!(kept.status, Status::Accepted);
    assert_eq!(kept.wamid.as_deref(), Some("wamid.accepted"));
    assert_eq!((kept.created_at, kept.updated_at), (at(10), at(20)));

    let bad = shop.sent(contact, channel).await;
    let failure = Failure {
        code: Some(131_026),
        title: "Message undeliverable".into(),
        details: Some("Not on WhatsApp".into()),
    };
    let mut failed = outcome(bad.id, Status::Failed, 21);
    (failed.wamid, failed.failure) = (None, Some(failure.clone()));
    shop.store.record_outcome(failed).await.unwrap();
    let kept = shop.store.message(bad.id).await.unwrap().unwrap();
    assert_eq!((kept.status, kept.failure), (Status::Failed, Some(failure)));
    assert_eq!(kept.wamid, None);
}

async fn a_settled_message_is_not_changed_again(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    for first in [Status::Accepted, Status::Failed] {
        let id = shop.sent(contact, channel).await.id;
        shop.store
            .record_outcome(outcome(id, first, 20))
            .await
            .unwrap();
        let before = shop.store.message(id).await.unwrap();
        for late in [Status::Failed, Status::Unconfirmed, Status::Accepted] {
            shop.store
                .record_outcome(outcome(id, late, 30))
                .await
                .unwrap();
        }
        assert_eq!(shop.store.message(id).await.unwrap(), before);
    }
}

async fn an_unconfirmed_message_may_still_be_settled(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    let id = shop.sent(contact, channel).await.id;
    shop.store
        .record_outcome(outcome(id, Status::Unconfirmed, 20))
        .await
        .unwrap();
    shop.store
        .record_outcome(outcome(id, Status::Accepted, 30))
        .await
        .unwrap();
    let kept = shop.store.message(id).await.unwrap().unwrap();
    assert_eq!((kept.status, kept.updated_at), (Status::Accepted, at(30)));
}

async fn outcomes_of_one_message_in_one_moment_settle_it_once(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    for _ in 0..10 {
        let id = shop.sent(contact, channel).await.id;
        let record = |status| shop.store.record_outcome(outcome(id, status, 20));
        let (one, two, three) = tokio::join!(
            record(Status::Unconfirmed),
            record(Status::Accepted),
            record(Status::Unconfirmed),
        );
        for recorded in [one, two, three] {
            recorded.unwrap();
        }
        let kept = shop.store.message(id).await.unwrap().unwrap();
        assert_eq!(kept.status, Status::Accepted);
    }
}

async fn sends_whose_sender_is_gone_become_unconfirmed(place: &Place) {
    let (shop, contact, channel) = shop_with_contact(place).await;
    let settled = shop.sent(contact, channel).await.id;
    shop.store
        .record_outcome(outcome(settled, Status::Accepted, 11))
        .await
        .unwrap();
    let old = shop.sent(contact, channel).await.id;
    let name = LeaseName {
        tenant: shop.tenant.id.get(),
        name: format!("lane/{channel}"),
    };
    let system = shop.database.system();
    let take = async || {
        let lease = system.take_lease(&name, "one", 10).await;
        lease.unwrap().unwrap()
    };
    take().await;
    let lease = take().await;
    assert_eq!(lease.epoch, 2);
    let mut send = new_send(shop.made(&number(1)).await, channel);
    send.start = Start::Now { lane_epoch: 2 };
    let Claim::Claimed(young) = shop.store.claim_send(send).await.unwrap() else {
        panic!("not claimed");
    };
    let other = Shop::in_database(&shop.database, "other").await;
    let theirs = other
        .sent(other.made(&number(0)).await, other.channel().await)
        .await;
    let abandon = async |seconds| {
        let abandoned = shop.store.abandon_sends(channel, &lease, at(seconds));
        abandoned.await.unwrap()
    };
    assert_eq!(abandon(200).await, 1);
    let kept = async |id| shop.store.message(id).await.unwrap().unwrap();
    let left = kept(old).await;
    assert_eq!(
        (left.status, left.updated_at),
        (Status::Unconfirmed, at(200))
    );
    assert_eq!(kept(settled).await.status, Status::Accepted);
    assert_eq!(kept(young).await.status, Status::Sending);
    let theirs = other.store.message(theirs.id).await.unwrap().unwrap();
    assert_eq!(theirs.status, Status::Sending);
    assert_eq!(abandon(201).await, 0);
    take().await;
    let late = shop.store.abandon_sends(channel, &lease, at(202)).await;
    assert!(matches!(late, Err(Error::LeaseLost)), "{late:?}");
}

async fn an_outcome_of_a_message_nobody_has_is_nothing(place: &Place) {
    let shop = Shop::open(place).await;
    let id = MessageId::new(999_999).unwrap();
    shop.store
        .record_outcome(outcome(id, Status::Failed, 1))
        .await
        .unwrap();
    assert_eq!(shop.store.message(id).await.unwrap(), None);
}
