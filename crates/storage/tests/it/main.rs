//! What storage promises, on both engines.
//!
//! Every behaviour is a function that takes a [`place::Place`], an empty database of one engine or
//! the other; [`on_both_engines`] makes two tests of it. Run them with `cargo xtask test`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Makes a test of each behaviour on SQLite and one on Postgres.
macro_rules! on_both_engines {
    ($($behaviour:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour(&crate::place::Place::sqlite()).await;
            })*
        }
        on_postgres!($($behaviour),*);
    };
}

/// Makes a test of each behaviour that only Postgres can show.
macro_rules! on_postgres {
    ($($behaviour:ident),* $(,)?) => {
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                let place = crate::place::Place::postgres().await;
                super::$behaviour(&place).await;
                place.remove().await;
            })*
        }
    };
}

mod changed_numbers;
mod channels;
mod claims;
mod clients;
mod codes;
mod comments;
mod commits;
mod consents;
mod contacts;
mod conversations;
mod counts;
mod create_contact;
mod deliveries;
mod durability;
mod events;
mod imports;
mod inbound;
mod job_merges;
mod jobs;
mod keys;
mod leases;
mod limits;
mod listings;
mod media;
mod merges;
mod message_lists;
mod messages;
mod migrations;
mod numbers;
mod otps;
mod outages;
mod people;
mod place;
mod plans;
mod queue;
mod races;
mod requests;
mod schema;
mod search;
mod sends;
mod servers;
mod shop;
mod tallies;
mod templates;
mod tenants;
mod tenants_apart;
mod unmerges;
mod upserts;
mod verifications;
