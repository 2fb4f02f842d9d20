#![expect(
    clippy::expect_used,
    reason = "a test that cannot be set up has failed"
)]
//! A server to test against, and actors that speak each dialect to it.
//!
//! A test says who acts and what they say, through the front door:
//!
//! ```ignore
//! let server = TestServer::start().await;
//! let acme = server.tenant("acme").await;
//! let reply = acme.flowiq().await.post("/contact", json!({…})).await;
//! ```

mod actor;
mod engine;
mod server;

pub use actor::{Actor, Reply};
pub use engine::{Engine, TestDatabase};
pub use server::{CreateKeyOptions, Setup, TestServer, TestTenant};
