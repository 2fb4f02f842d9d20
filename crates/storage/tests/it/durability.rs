use storage::{Database, Options};

use crate::place::Place;
use crate::shop::{Shop, created, known, named, number, updated};

on_both_engines! {
    what_was_acknowledged_is_there_after_a_close,
    what_was_acknowledged_is_there_after_a_drop,
    what_was_acknowledged_is_there_beside_a_process_that_does_not_end,
}

async fn durable_shop(place: &Place) -> Shop {
    let options = Options::server(place.location());
    let database = Database::open(options).await.unwrap();
    let shop = Shop::in_database(&database, "acme").await;
    let numbers: Vec<String> = (0..100).map(number).collect();
    let writes = numbers.iter().map(|number| shop.create(number));
    for written in futures_util::future::join_all(writes).await {
        created(written.unwrap());
    }
    updated(shop.upsert(&number(7), named("Ana")).await.unwrap());
    shop
}

async fn assert_all_is_there(shop: &Shop) {
    assert_eq!(shop.count().await, 100);
    for person in 0..100 {
        known(shop.create(&number(person)).await.unwrap());
    }
    let ana = shop.by_number(&number(7)).await.unwrap();
    assert_eq!(ana.name.full.as_deref(), Some("Ana"));
}

async fn what_was_acknowledged_is_there_after_a_close(place: &Place) {
    let shop = durable_shop(place).await;
    shop.database.close().await;
    // The directory is free at once, though a handle is still around.
    assert_all_is_there(&shop.seen_by(&place.open().await)).await;
}

async fn what_was_acknowledged_is_there_after_a_drop(place: &Place) {
    let shop = durable_shop(place).await;
    let tenant = shop.tenant.clone();
    drop(shop);
    // The writer may not have left yet, so this one comes as a tool.
    let database = place.open_tool().await;
    let store = database.store_for(tenant.id);
    let again = Shop {
        database,
        store,
        tenant,
    };
    assert_all_is_there(&again).await;
}

async fn what_was_acknowledged_is_there_beside_a_process_that_does_not_end(place: &Place) {
    let shop = durable_shop(place).await;
    assert_all_is_there(&shop.seen_by(&place.open_tool().await)).await;
    assert_all_is_there(&shop).await;
}
