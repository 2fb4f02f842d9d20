//! Everything *said* over HTTP: each vendor's API in a folder of its own, over one set of
//! operations.
//!
//! A handler reads the vendor's shape, calls one operation and writes the vendor's shape. The
//! folders are sisters: same file names, and none imports another. What they share, the path of a
//! request from key to handler, is in `dialect`.

mod dialect;
mod docs;
mod flowella;
mod flowiq;
mod health;
mod media;
mod meta;
mod router;
mod server;
mod unread;
mod voices;
mod wacr;

pub use router::Web;
pub use server::{Limits, serve};
pub use voices::voices;
