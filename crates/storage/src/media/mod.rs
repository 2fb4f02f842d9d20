//! Files: whose they are, what Meta calls them, and which are still to come.
//!
//! The bytes themselves are kept elsewhere, under the hashes that stand here.

mod downloads;
mod files;

pub use downloads::{DownloadState, DueDownload, MessageMedia, NewDownload, Settled};
pub(crate) use downloads::{claim, due, enqueue};
pub(crate) use files::forget_links;
pub use files::{FileHash, FoundLink, NewUpload, StoredFile};
