use crate::place::Place;
use crate::shop::Shop;

on_both_engines! {
    the_oldest_channel_is_the_default,
}

async fn the_oldest_channel_is_the_default(place: &Place) {
    let shop = Shop::open(place).await;
    assert_eq!(shop.store.default_channel().await.unwrap(), None);
    let first = shop.channel().await;
    shop.channel().await;
    let found = shop.store.default_channel().await.unwrap().unwrap();
    assert_eq!(found.id, first);
    assert_eq!(found.number, "27110000000");
    assert_eq!(found.phone_number_id, "106540352242922");
    assert_eq!(found.waba_id, "102290129340398");
    assert!(found.is_simulated);
}
