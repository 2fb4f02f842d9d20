use domain::consent::{ConsentOrigin, Topic};
use domain::ids::{ChannelId, ContactId};
use storage::{ConsentChange, Standing};

use crate::place::Place;
use crate::shop::{Shop, at, number};

on_both_engines! {
    an_opt_out_shows_on_the_contact_until_it_is_taken_back,
    an_opt_out_of_any_channel_shows_on_the_contact,
    marketing_alone_does_not_show_on_the_contact,
    every_change_is_in_the_log,
    what_is_said_again_changes_nothing,
    a_change_says_how_the_person_stands,
    a_contact_nobody_has_cannot_opt_out,
    changes_at_once_leave_a_true_copy_on_the_contact,
}

pub(crate) fn opt_out(contact_id: ContactId, channel_id: Option<ChannelId>) -> ConsentChange {
    ConsentChange {
        contact_id,
        channel_id,
        topic: Topic::All,
        is_opted_out: true,
        origin: ConsentOrigin::Api,
        made_by: Some("key 7".into()),
        reason: Some("asked on the phone".into()),
        at: at(5),
    }
}

pub(crate) fn opt_in(contact_id: ContactId, channel_id: Option<ChannelId>) -> ConsentChange {
    ConsentChange {
        is_opted_out: false,
        ..opt_out(contact_id, channel_id)
    }
}

async fn an_opt_out_shows_on_the_contact_until_it_is_taken_back(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made(&number(0)).await;
    assert!(shop.store.set_consent(opt_out(id, None)).await.unwrap());
    let contact = shop.contact(id).await;
    assert!(contact.is_opted_out);
    assert_eq!(contact.updated_at, at(5));
    assert!(shop.store.set_consent(opt_in(id, None)).await.unwrap());
    assert!(!shop.contact(id).await.is_opted_out);
}

async fn an_opt_out_of_any_channel_shows_on_the_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let (id, channel) = (shop.made(&number(0)).await, shop.channel().await);
    shop.store
        .set_consent(opt_out(id, Some(channel)))
        .await
        .unwrap();
    shop.store.set_consent(opt_in(id, None)).await.unwrap();
    assert!(shop.contact(id).await.is_opted_out);
    shop.store
        .set_consent(opt_in(id, Some(channel)))
        .await
        .unwrap();
    assert!(!shop.contact(id).await.is_opted_out);
}

async fn marketing_alone_does_not_show_on_the_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made(&number(0)).await;
    let mut change = opt_out(id, None);
    change.topic = Topic::Marketing;
    assert!(shop.store.set_consent(change).await.unwrap());
    assert!(!shop.contact(id).await.is_opted_out);
}

async fn every_change_is_in_the_log(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made(&number(0)).await;
    for change in [opt_out(id, None), opt_in(id, None), opt_out(id, None)] {
        shop.store.set_consent(change).await.unwrap();
    }
    let log = "SELECT is_opted_out, origin, reason FROM consent_log ORDER BY id";
    let word = |is_opted_out: &str| [is_opted_out, "api", "asked on the phone"].map(String::from);
    let rows = place.raw().await.rows(log).await;
    assert_eq!(rows, [word("1"), word("0"), word("1")]);
}

async fn a_contact_nobody_has_cannot_opt_out(place: &Place) {
    let shop = Shop::open(place).await;
    let nobody = ContactId::new(999_999).unwrap();
    assert!(!shop.store.set_consent(opt_out(nobody, None)).await.unwrap());
    let log = "SELECT count(*) FROM consent_log";
    assert_eq!(place.raw().await.number(log).await, 0);
}

async fn changes_at_once_leave_a_true_copy_on_the_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made(&number(0)).await;
    let mut channels = vec![None];
    for _ in 0..7 {
        channels.push(Some(shop.channel().await));
    }
    for round in 0..20 {
        // All opt out of one channel and into all the others; one of them wins at the end.
        let changes = channels.iter().enumerate().map(|(index, channel)| {
            let change = if index == round % 8 { opt_out } else { opt_in };
            shop.store.set_consent(change(id, *channel))
        });
        for set in futures_util::future::join_all(changes).await {
            assert!(set.unwrap());
        }
        assert!(shop.contact(id).await.is_opted_out, "round {round}");
    }
}

async fn what_is_said_again_changes_nothing(place: &Place) {
    let shop = Shop::open(place).await;
    let (id, channel) = (shop.made(&number(0)).await, Some(shop.channel().await));
    // Nobody was opted out, so nobody is opted in.
    let never = change(&shop, opt_in(id, channel)).await;
    assert_eq!(
        (never.opt_out, never.is_opted_out, never.ended_at),
        (None, false, None)
    );
    let first = change(&shop, opt_out(id, channel)).await;
    assert!(first.is_opted_out);
    let mut again = opt_out(id, channel);
    (again.at, again.reason) = (at(50), None);
    assert_eq!(change(&shop, again).await, first);
    let log = shop.store.consent_log(id).await.unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(first.opt_out, Some(log[0].id));
    assert_eq!(log[0].made_by.as_deref(), Some("key 7"));
    let mut back = opt_in(id, channel);
    back.at = at(60);
    let ended = change(&shop, back.clone()).await;
    let expected = (first.opt_out, false, Some(at(60)));
    assert_eq!(
        (ended.opt_out, ended.is_opted_out, ended.ended_at),
        expected
    );
    assert_eq!(change(&shop, back).await, never);
    assert_eq!(shop.store.consent_log(id).await.unwrap().len(), 2);
}

async fn a_change_says_how_the_person_stands(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made(&number(0)).await;
    let (one, other) = (Some(shop.channel().await), Some(shop.channel().await));
    let everywhere = change(&shop, opt_out(id, None)).await;
    let here = change(&shop, opt_out(id, one)).await;
    assert!(here.is_opted_out && here.opt_out != everywhere.opt_out);
    // Whoever is opted out of every channel still is, whatever is said of this one.
    let still = change(&shop, opt_in(id, one)).await;
    assert_eq!(
        (still.opt_out, still.is_opted_out),
        (everywhere.opt_out, true)
    );
    assert!(change(&shop, opt_in(id, other)).await.is_opted_out);
    assert!(!change(&shop, opt_in(id, None)).await.is_opted_out);
    let elsewhere = Shop::in_database(&shop.database, "other").await;
    let change = elsewhere.store.change_consent(opt_out(id, None)).await;
    assert_eq!(change.unwrap(), None);
    assert!(!shop.contact(id).await.is_opted_out);
}

async fn change(shop: &Shop, change: ConsentChange) -> Standing {
    shop.store.change_consent(change).await.unwrap().unwrap()
}
