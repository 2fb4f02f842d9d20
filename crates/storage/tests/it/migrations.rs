use storage::{Database, Error, Options};
use tokio::task::JoinSet;

use crate::place::Place;
use crate::shop::Shop;

on_both_engines! {
    opening_again_changes_nothing,
    a_schema_of_a_newer_release_is_refused,
}

mod databases {
    use super::several_servers_may_open_an_empty_database_at_once;

    on_postgres!(several_servers_may_open_an_empty_database_at_once);

    #[tokio::test]
    async fn a_database_that_knows_only_ascii_letters_is_refused() {
        super::a_database_that_knows_only_ascii_letters_is_refused().await;
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_read_or_reached_says_so() {
        super::an_address_that_cannot_be_read_or_reached_says_so().await;
    }
}

async fn opening_again_changes_nothing(place: &Place) {
    let shop = Shop::open(place).await;
    shop.made("+27821112233").await;
    shop.database.close().await;
    let raw = place.raw().await;
    let sql = "SELECT number, name FROM schema_migrations ORDER BY number";
    let steps = raw.rows(sql).await;
    assert_eq!(steps[0], ["1", "0001_first_light"]);
    let again = shop.seen_by(&place.open().await);
    assert_eq!(again.count().await, 1);
    assert_eq!(raw.rows(sql).await, steps);
}

async fn a_schema_of_a_newer_release_is_refused(place: &Place) {
    place.open().await.close().await;
    let raw = place.raw().await;
    raw.run("INSERT INTO schema_migrations VALUES (9999, '9999_later')")
        .await;
    let refused = Database::open(Options::server(place.location())).await;
    let Err(Error::Unavailable(said)) = refused else {
        panic!("{refused:?}");
    };
    assert!(said.contains("the database is at schema 9999"), "{said}");
}

async fn several_servers_may_open_an_empty_database_at_once(place: &Place) {
    let mut opening = JoinSet::new();
    for _ in 0..5 {
        opening.spawn(Database::open(Options::server(place.location())));
    }
    for database in opening.join_all().await {
        database.unwrap().ping().await.unwrap();
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres");
    let steps = std::fs::read_dir(folder).unwrap().count();
    let done = "SELECT count(*) FROM schema_migrations";
    let done = place.raw().await.number(done).await;
    assert_eq!(usize::try_from(done).unwrap(), steps);
}

async fn a_database_that_knows_only_ascii_letters_is_refused() {
    let place = Place::postgres_like("LC_CTYPE 'C'").await;
    let refused = Database::open(Options::server(place.location())).await;
    let Err(Error::Unavailable(said)) = refused else {
        panic!("{refused:?}");
    };
    assert!(said.contains("LC_CTYPE 'C.UTF-8'"), "{said}");
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    assert_eq!(place.raw().await.number(tables).await, 0);
    place.remove().await;
}

async fn an_address_that_cannot_be_read_or_reached_says_so() {
    // Nobody listens on port 1.
    for url in [
        "postgres://",
        "mysql://x",
        "postgres://nobody@127.0.0.1:1/x",
    ] {
        let location = storage::Location::Postgres(url.into());
        let refused = Database::open(Options::server(location)).await;
        assert!(
            matches!(refused, Err(Error::Unavailable(_))),
            "{url}: {refused:?}"
        );
    }
}
