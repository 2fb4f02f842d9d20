#![expect(
    clippy::expect_used,
    reason = "a test that cannot be set up has failed"
)]
//! A server to test against, and actors that speak each dialect to it.
//!
//! A test says who acts and what they say, through the front door:
//!
//! ```no_run
//! # use test_support::TestServer;
//! # async fn a_number_is_asked_for() {
//! let server = TestServer::start().await;
//! let acme = server.tenant("acme").await;
//! let reply = acme.flowiq().await.get("/contact?tenantId=acme").await;
//! reply.assert(
//!     400,
//!     r#"{"error":"Missing required field",
//!     "message":"phone_number or whatsapp_id is required"}"#,
//! );
//! # }
//! ```

mod actor;
mod engine;
mod host;
pub mod meta;
mod pattern;
mod receiver;
mod reply;
mod server;
mod tenant;

pub use actor::Actor;
pub use engine::{Engine, TestDatabase};
pub use host::{FileHost, PICTURE};
pub use meta::Meta;
pub use pattern::Bindings;
pub use receiver::{Heard, Receiver};
pub use reply::Reply;
pub use server::{PUBLIC_URL, Setup, TestServer};
pub use tenant::{KeyOptions, TestTenant};
