//! Several processes on one database.

use domain::ids::GroupId;
use std::collections::HashSet;

use storage::{Database, Error, Options};

use crate::place::Place;
use crate::shop::{Shop, at, created, known, number};

on_both_engines! {
    a_tool_writes_beside_a_server,
    ids_of_two_processes_never_collide,
}

mod directories {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_second_server_on_a_data_directory_is_refused() {
        super::a_second_server_on_a_data_directory_is_refused().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_and_a_tool_may_open_an_empty_directory_at_once() {
        super::a_server_and_a_tool_may_open_an_empty_directory_at_once().await;
    }
}

async fn a_second_server_on_a_data_directory_is_refused() {
    let place = Place::sqlite();
    let first = place.open().await;
    let second = Database::open(Options::server(place.location())).await;
    let Err(Error::Unavailable(said)) = second else {
        panic!("{second:?}");
    };
    assert!(
        said.contains("another switchboard server is using"),
        "{said}"
    );
    // The first one goes on, and its place is free once it closed.
    first.ping().await.unwrap();
    first.close().await;
    place.open().await.ping().await.unwrap();
}

async fn a_server_and_a_tool_may_open_an_empty_directory_at_once() {
    for _ in 0..50 {
        let place = Place::sqlite();
        let (server, tool) = (
            Options::server(place.location()),
            Options::tool(place.location()),
        );
        let mut opening = tokio::task::JoinSet::new();
        opening.spawn(Database::open(server));
        opening.spawn(Database::open(tool));
        for database in opening.join_all().await {
            database.unwrap().ping().await.unwrap();
        }
    }
}

async fn a_tool_writes_beside_a_server(place: &Place) {
    let shop = Shop::open(place).await;
    let tool = shop.seen_by(&place.open_tool().await);
    let made = created(tool.create(&number(0)).await.unwrap());
    assert_eq!(known(shop.create(&number(0)).await.unwrap()), made);
    let made = created(shop.create(&number(1)).await.unwrap());
    assert_eq!(tool.contact(made.id).await, made);
    tool.database.close().await;
    created(shop.create(&number(2)).await.unwrap());
}

async fn ids_of_two_processes_never_collide(place: &Place) {
    let shop = Shop::open(place).await;
    let tool = shop.seen_by(&place.open_tool().await);
    let groups = |shop: Shop, prefix: &'static str| async move {
        let mut ids = HashSet::new();
        for number in 0..1000 {
            let name = format!("{prefix} {number}");
            ids.insert(
                shop.store
                    .create_label::<GroupId>(&name, None, at(0))
                    .await
                    .unwrap()
                    .id,
            );
        }
        ids
    };
    let (one, other) = tokio::join!(groups(shop, "server"), groups(tool, "tool"));
    assert_eq!((one.len(), other.len()), (1000, 1000));
    assert!(one.is_disjoint(&other));
}
