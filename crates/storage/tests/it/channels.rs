use storage::{App, Channel, Error, NewApp, NewChannel, Paused};

use crate::place::Place;
use crate::shop::{Shop, at};

on_both_engines! {
    the_oldest_channel_is_the_default,
    a_chosen_default_stays_until_it_is_deleted,
    a_number_of_metas_is_connected_once,
    a_paused_channel_says_why_until_it_is_resumed,
    an_app_is_found_again_by_its_fingerprint,
}

async fn the_oldest_channel_is_the_default(place: &Place) {
    let shop = Shop::open(place).await;
    assert_eq!(shop.store.default_channel().await.unwrap(), None);
    let first = shop.channel().await;
    shop.channel().await;
    let found = shop.store.default_channel().await.unwrap().unwrap();
    assert_eq!(found.id, first);
    assert_eq!(found.number, "27110000000");
    assert_eq!(found.phone_number_id, format!("10654035224{first}"));
    assert_eq!(found.waba_id, "102290129340398");
    assert!(found.is_simulated);
}

async fn a_chosen_default_stays_until_it_is_deleted(place: &Place) {
    let shop = Shop::open(place).await;
    let (first, second) = (shop.channel().await, shop.channel().await);
    assert!(shop.store.set_default_channel(second).await.unwrap());
    let default = shop.store.default_channel().await.unwrap().unwrap();
    assert_eq!(default.id, second);
    assert!(shop.store.delete_channel(second, at(1)).await.unwrap());
    assert!(!shop.store.delete_channel(second, at(1)).await.unwrap());
    assert!(!shop.store.set_default_channel(second).await.unwrap());
    assert_eq!(shop.store.channel(second).await.unwrap(), None);
    let default = shop.store.default_channel().await.unwrap().unwrap();
    assert_eq!(default.id, first);
    assert_eq!(shop.store.channels().await.unwrap().len(), 1);
}

async fn a_number_of_metas_is_connected_once(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let taken = shop.store.channel(channel).await.unwrap().unwrap();
    let number = taken.phone_number_id.clone();
    let owner = shop.database.system().owner_of_number(&number).await;
    let owner = owner.unwrap().unwrap();
    assert_eq!((owner.channel_id, owner.app_id), (channel, None));
    let other = Shop::in_database(&shop.database, "other").await;
    let again = Channel {
        id: other.store.take_channel_id().await.unwrap(),
        ..taken
    };
    let new = NewChannel {
        channel: again,
        at: at(1),
    };
    let refused = other.store.create_channel(new.clone()).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict(_)), "{refused}");
    assert!(shop.store.delete_channel(channel, at(1)).await.unwrap());
    other.store.create_channel(new).await.unwrap();
}

async fn a_paused_channel_says_why_until_it_is_resumed(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.channel().await;
    let pause = |seconds, why: &str, is_by_meta| Paused {
        at: at(seconds),
        why: why.to_owned(),
        is_by_meta,
    };
    let paused = async || shop.store.channel(id).await.unwrap().unwrap().paused;
    for (given, stays) in [
        (pause(5, "expired", true), pause(5, "expired", true)),
        (pause(6, "banned", true), pause(6, "banned", true)),
        (pause(7, "holidays", false), pause(7, "holidays", false)),
        (pause(8, "unpaid", true), pause(7, "holidays", false)),
    ] {
        shop.store.pause_channel(id, given).await.unwrap();
        assert_eq!(paused().await, Some(stays));
    }
    assert!(shop.store.resume_channel(id).await.unwrap());
    assert_eq!(paused().await, None);
}

async fn an_app_is_found_again_by_its_fingerprint(place: &Place) {
    let shop = Shop::open(place).await;
    let system = shop.database.system();
    let new = |id: i64, fingerprint: u8| NewApp {
        app: App {
            id,
            path: format!("path-{id}"),
            secret_sealed: vec![1, 2],
            verify_token_sealed: vec![3],
        },
        fingerprint: vec![fingerprint; 32],
        at: at(0),
    };
    let first = system.find_or_make_app(new(1, 7)).await.unwrap();
    assert_eq!(system.find_or_make_app(new(2, 7)).await.unwrap(), first);
    let second = system.find_or_make_app(new(3, 8)).await.unwrap();
    let found = system.app_by_path("path-3").await.unwrap();
    assert_eq!(found, Some(second));
    assert_eq!(system.app(1).await.unwrap(), Some(first));
    assert_eq!(system.app_by_path("path-2").await.unwrap(), None);
}
