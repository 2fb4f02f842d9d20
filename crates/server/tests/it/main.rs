//! What the `switchboard` program promises, on both engines: the real binary, real sockets on
//! loopback, real signals.
//!
//! Every behaviour is a function that takes a [`place::Place`], empty data of one engine or the
//! other; [`on_both_engines`] makes two tests of it. Run them with `cargo xtask test -p server`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

/// Makes a test of each behaviour on SQLite and one on Postgres.
macro_rules! on_both_engines {
    ($($behaviour:ident),* $(,)?) => {
        on_sqlite!($($behaviour),*);
        on_postgres!($($behaviour),*);
    };
}

/// Makes a test of each behaviour that the engine does not matter to.
macro_rules! on_sqlite {
    ($($behaviour:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour(crate::place::Place::sqlite()).await;
            })*
        }
    };
}

/// Makes a test of each behaviour that only Postgres can show.
macro_rules! on_postgres {
    ($($behaviour:ident),* $(,)?) => {
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour(crate::place::Place::postgres().await).await;
            })*
        }
    };
}

mod channels;
mod clients;
mod contacts;
mod conversations;
mod crashes;
mod databases;
mod demo;
mod exports;
mod files;
mod imports;
mod jobs;
mod keys;
mod lanes;
mod load;
mod logs;
mod nodes;
mod place;
mod program;
mod raw;
mod requests;
mod server;
mod settings;
mod shop;
mod signals;
mod simulate;
mod templates;
mod tenants;
mod told;
mod torture;
mod verifier;
mod webhooks;
