//! What the three APIs say over HTTP, spoken to as their clients do.
//!
//! Each test makes a server of its own with its own database; only the socket is left out. The
//! clock stands at 2026-03-10T08:15:00Z until a test moves it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

/// Makes a test of each behaviour on SQLite and one on Postgres.
macro_rules! on_both_engines {
    ($($behaviour:ident),* $(,)?) => {
        on_both_engines!(sqlite Sqlite $($behaviour),*);
        on_both_engines!(postgres Postgres $($behaviour),*);
    };
    ($name:ident $engine:ident $($behaviour:ident),*) => {
        mod $name {
            $(#[tokio::test]
            async fn $behaviour() {
                let setup = test_support::Setup {
                    engine: test_support::Engine::$engine,
                    ..test_support::Setup::default()
                };
                super::$behaviour(test_support::TestServer::start_with(setup).await).await;
            })*
        }
    };
}

mod anything;
mod clients;
mod documents;
mod fixture;
mod flowella;
mod flowiq;
mod hostile;
mod idempotency;
mod meta;
mod one_system;
mod socket;
mod tenants;
mod wacr;
mod walls;
