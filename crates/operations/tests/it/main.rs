//! What operations promise beyond one request, and what they ask of others, spoken over real
//! sockets on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Makes a test of each behaviour on SQLite and one on Postgres.
macro_rules! on_both_engines {
    ($($behaviour:ident),* $(,)?) => {
        on_both_engines!(sqlite Sqlite $($behaviour),*);
        on_both_engines!(postgres Postgres $($behaviour),*);
    };
    ($name:ident $engine:ident $($behaviour:ident),*) => {
        mod $name {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour(test_support::Engine::$engine).await;
            })*
        }
    };
}

mod contacts;
mod delivery;
mod events;
mod stand_in;
mod templates;
mod verify;
