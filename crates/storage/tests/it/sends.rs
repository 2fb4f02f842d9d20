//! The last step before a message goes out.

use std::collections::HashSet;

use domain::consent::Topic;
use domain::ids::ContactId;
use domain::message::{Direction, Status};
use storage::{Claim, NewSend, Window};
use tokio::task::JoinSet;

use crate::consents::{opt_in, opt_out};
use crate::messages::inbound;
use crate::place::Place;
use crate::shop::{Shop, at, new_send, number, words};

on_both_engines! {
    a_send_is_written_down_before_it_is_made,
    messages_of_a_contact_and_channel_share_a_conversation,
    who_opted_out_of_all_is_not_sent_to,
    who_opted_out_of_a_channel_is_sent_to_on_the_others,
    who_opted_back_in_is_sent_to,
    who_opted_out_of_marketing_still_gets_other_messages,
    who_is_blocked_is_not_sent_to,
    a_closed_window_stops_only_who_insists_on_it,
    who_is_not_there_is_not_sent_to,
    a_channel_that_is_not_there_fails_its_send_alone,
    many_sends_at_once_each_get_their_own_answer,
    the_first_message_of_many_at_once_opens_one_conversation,
}

async fn a_send_is_written_down_before_it_is_made(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let message = shop.sent(contact, channel).await;
    assert_eq!((message.contact_id, message.channel_id), (contact, channel));
    assert_eq!(message.direction, Direction::Outbound);
    assert_eq!(
        (message.status, message.content),
        (Status::Sending, words("Hello"))
    );
    assert_eq!((message.wamid, message.failure), (None, None));
    assert_eq!((message.created_at, message.updated_at), (at(10), at(10)));
}

async fn messages_of_a_contact_and_channel_share_a_conversation(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let first = shop.sent(contact, channel).await;
    let second = shop.sent(contact, channel).await;
    assert_eq!(first.conversation_id, second.conversation_id);
    let id = shop
        .store
        .receive(inbound(contact, channel, 20))
        .await
        .unwrap();
    let third = shop.store.message(id).await.unwrap().unwrap();
    assert_eq!(third.conversation_id, first.conversation_id);
    let elsewhere = shop.sent(contact, shop.channel().await).await;
    assert_ne!(elsewhere.conversation_id, first.conversation_id);
}

async fn who_opted_out_of_all_is_not_sent_to(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    shop.store
        .set_consent(opt_out(contact, None))
        .await
        .unwrap();
    assert_eq!(shop.send(contact, channel).await, Claim::OptedOut);
    assert_eq!(
        shop.store.messages_of_contact(contact, 9).await.unwrap(),
        []
    );
    let conversations = "SELECT count(*) FROM conversations";
    assert_eq!(place.raw().await.number(conversations).await, 0);
}

async fn who_opted_out_of_a_channel_is_sent_to_on_the_others(place: &Place) {
    let shop = Shop::open(place).await;
    let contact = shop.made(&number(0)).await;
    let (one, other) = (shop.channel().await, shop.channel().await);
    shop.store
        .set_consent(opt_out(contact, Some(one)))
        .await
        .unwrap();
    assert_eq!(shop.send(contact, one).await, Claim::OptedOut);
    shop.sent(contact, other).await;
}

async fn who_opted_back_in_is_sent_to(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    shop.store
        .set_consent(opt_out(contact, None))
        .await
        .unwrap();
    shop.store.set_consent(opt_in(contact, None)).await.unwrap();
    shop.sent(contact, channel).await;
}

async fn who_opted_out_of_marketing_still_gets_other_messages(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let mut change = opt_out(contact, None);
    change.topic = Topic::Marketing;
    shop.store.set_consent(change).await.unwrap();
    shop.sent(contact, channel).await;
}

async fn who_is_blocked_is_not_sent_to(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let block = format!("UPDATE contacts SET is_blocked = 1 WHERE id = {contact}");
    place.raw().await.run(&block).await;
    assert_eq!(shop.send(contact, channel).await, Claim::Blocked);
    // Blocked says more than opted out.
    shop.store
        .set_consent(opt_out(contact, None))
        .await
        .unwrap();
    assert_eq!(shop.send(contact, channel).await, Claim::Blocked);
}

async fn a_closed_window_stops_only_who_insists_on_it(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let elsewhere = shop.channel().await;
    shop.store
        .receive(inbound(contact, elsewhere, 5))
        .await
        .unwrap();
    let insist = |channel| NewSend {
        window: Window::MustBeOpen,
        ..new_send(contact, channel)
    };
    // The window is open on the other channel only.
    let claim = shop.store.claim_send(insist(channel)).await.unwrap();
    assert_eq!(claim, Claim::WindowClosed);
    let claim = shop.store.claim_send(insist(elsewhere)).await.unwrap();
    assert!(matches!(claim, Claim::Claimed(_) | Claim::Queued(_)));
    shop.sent(contact, channel).await;
    // Our own message opens nothing.
    let claim = shop.store.claim_send(insist(channel)).await.unwrap();
    assert_eq!(claim, Claim::WindowClosed);
}

async fn who_is_not_there_is_not_sent_to(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let nobody = ContactId::new(999_999).unwrap();
    assert_eq!(shop.send(nobody, channel).await, Claim::NoContact);
}

async fn a_channel_that_is_not_there_fails_its_send_alone(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let nowhere = domain::ids::ChannelId::new(999_999).unwrap();
    let sends = (0..21).map(|it| {
        let channel = if it == 10 { nowhere } else { channel };
        shop.store.claim_send(new_send(contact, channel))
    });
    let mut claims = futures_util::future::join_all(sends).await;
    assert!(claims.remove(10).is_err());
    for claim in claims {
        assert!(matches!(
            claim.unwrap(),
            Claim::Claimed(_) | Claim::Queued(_)
        ));
    }
    assert_eq!(
        shop.store
            .messages_of_contact(contact, 99)
            .await
            .unwrap()
            .len(),
        20
    );
}

async fn many_sends_at_once_each_get_their_own_answer(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let mut contacts = vec![];
    for person in 0..50 {
        contacts.push(shop.made(&number(person)).await);
    }
    for contact in &contacts[..10] {
        shop.store
            .set_consent(opt_out(*contact, None))
            .await
            .unwrap();
    }
    let mut tasks = JoinSet::new();
    for task in 0..200 {
        let (shop, contact) = (shop.clone(), contacts[task % 50]);
        let is_out = task % 50 < 10;
        tasks.spawn(async move {
            let mut send = new_send(contact, channel);
            send.content = words(&format!("message {task}"));
            match shop.store.claim_send(send).await.unwrap() {
                Claim::Claimed(id) | Claim::Queued(id) => {
                    assert!(!is_out);
                    let message = shop.store.message(id).await.unwrap().unwrap();
                    assert_eq!(message.content, words(&format!("message {task}")));
                    assert_eq!(message.contact_id, contact);
                    Some(id)
                }
                Claim::OptedOut => {
                    assert!(is_out);
                    None
                }
                other => panic!("{other:?}"),
            }
        });
    }
    let ids: HashSet<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(ids.len(), 160);
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM messages").await, 160);
    assert_eq!(raw.number("SELECT count(*) FROM conversations").await, 40);
}

async fn the_first_message_of_many_at_once_opens_one_conversation(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(0)).await, shop.channel().await);
    let mut tasks = JoinSet::new();
    for task in 0..40 {
        let shop = shop.clone();
        tasks.spawn(async move {
            if task % 2 == 0 {
                return shop.sent(contact, channel).await.conversation_id;
            }
            let id = shop
                .store
                .receive(inbound(contact, channel, 5))
                .await
                .unwrap();
            shop.store
                .message(id)
                .await
                .unwrap()
                .unwrap()
                .conversation_id
        });
    }
    let ids: HashSet<_> = tasks.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 1);
}
