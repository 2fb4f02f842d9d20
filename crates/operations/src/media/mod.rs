//! Media: from an address to Meta on its way out, from Meta to here on its way in.

mod directory;
mod downloads;
mod error;
mod given;
mod links;
mod magic;
mod open;
mod prepare;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use directory::Directory;
pub(crate) use error::MediaError;
pub use error::MediaTrouble;
pub use given::GivenFile;
pub use links::{MEDIA_PATH, PublicUrl};
pub use open::{OpenMedia, OpenedFile};
pub use store::{FileStore, FileStream, NewFile};

use jiff::Timestamp;
use quick_cache::sync::Cache;
use storage::{FileHash, StoredFile};
use tokio::sync::{Notify, Semaphore};

use crate::flights::Flights;
use prepare::Wanted;

/// Files that are fetched, given to Meta or downloaded at once: each holds less than a megabyte.
const AT_ONCE: usize = 16;

/// Addresses that are remembered to have given nothing.
const FAULTS: usize = 1000;

/// A file given to a channel: tenant, channel, hash and type.
type Upload = (i64, i64, FileHash, String);

/// What is under way with media in this process.
#[derive(Debug)]
pub(crate) struct Media {
    links: Flights<Wanted, Result<StoredFile, MediaError>>,
    faults: Cache<Wanted, (Timestamp, MediaError)>,
    fetches: Semaphore,
    uploads: Flights<Upload, Result<String, MediaError>>,
    uploads_at_once: Semaphore,
    downloads: std::sync::Arc<Semaphore>,
    wake: Notify,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            links: Flights::default(),
            faults: Cache::new(FAULTS),
            fetches: Semaphore::new(AT_ONCE),
            uploads: Flights::default(),
            uploads_at_once: Semaphore::new(AT_ONCE),
            downloads: std::sync::Arc::new(Semaphore::new(AT_ONCE)),
            wake: Notify::new(),
        }
    }
}
