//! Several servers on one database.

use crate::place::Place;
use crate::shop::Shop;

mod directories {
    on_sqlite![a_second_server_on_one_data_directory_is_refused];
    use super::a_second_server_on_one_data_directory_is_refused;
}
on_postgres![two_servers_share_one_postgres];

async fn a_second_server_on_one_data_directory_is_refused(place: Place) {
    let server = place.serve().await;
    let second = place.program(&["serve", "--listen", "127.0.0.1:0"]).run();
    let complaint = second.complaint();
    assert!(
        complaint.contains("another switchboard server"),
        "{complaint}"
    );
    assert!(complaint.contains("--data-dir"), "{complaint}");
    let directory = place.data_dir();
    assert!(
        complaint.contains(directory.to_str().unwrap()),
        "{complaint}"
    );
    // Neither the first one nor the command line minds.
    let shop = Shop::open(&place, "acme");
    assert_eq!(shop.create(&server, "+27820000301").await.status, 201);
    server.stop();
    place.serve().await.stop();
}

async fn two_servers_share_one_postgres(place: Place) {
    let other_place = place.another_node();
    let (one, other) = tokio::join!(place.serve(), other_place.serve());
    let shop = Shop::open(&place, "acme");
    assert_eq!(shop.create(&one, "+27820000302").await.status, 201);
    let found = shop.find(&other, "+27820000302").await;
    assert_eq!(found.status, 200, "{found:?}");
    let known = shop.create(&other, "+27820000302").await;
    assert_eq!(known.status, 409, "{known:?}");
    let met = shop.upsert(&other, "27820000302").await;
    assert!(met.status.is_success(), "{met:?}");
    let found = shop.find(&one, "+27820000302").await;
    assert_eq!(found.body["contact"]["full_name"], "Ada Lovelace");
    one.stop();
    assert_eq!(shop.find(&other, "+27820000302").await.status, 200);
    other.stop();
}
