//! Where the bytes of files are kept: under their hash, each tenant's apart from every other's.
//!
//! Two tenants that have the same file have two copies. That costs a little room and buys much: a
//! tenant's files can be counted, moved and removed by themselves, nobody's deletion can take bytes
//! from somebody else, and no tenant can find out from what is there already what another one has.

use std::fmt;
use std::io;

use bytes::Bytes;
use domain::ids::TenantId;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use storage::FileHash;

/// The bytes of a file, a piece at a time.
pub type FileStream = BoxStream<'static, io::Result<Bytes>>;

/// A place for files, such as a directory. All nodes must see the same one.
pub trait FileStore: Send + Sync + fmt::Debug {
    /// Begins a file of a tenant's, which is nowhere until it is kept.
    fn begin(&self, tenant: TenantId) -> BoxFuture<'_, io::Result<Box<dyn NewFile>>>;

    /// Opens a file; `None` where there is no such.
    fn open(
        &self,
        tenant: TenantId,
        hash: FileHash,
    ) -> BoxFuture<'_, io::Result<Option<FileStream>>>;

    /// Returns whether there is a file of this hash.
    fn has(&self, tenant: TenantId, hash: FileHash) -> BoxFuture<'_, io::Result<bool>>;

    /// Removes a file; one that is not there is removed already.
    fn delete(&self, tenant: TenantId, hash: FileHash) -> BoxFuture<'_, io::Result<()>>;

    /// Removes what was begun before an instant by a process that is gone.
    fn sweep(&self, before: Timestamp) -> BoxFuture<'_, io::Result<()>>;
}

/// A file that is being written; dropped, it was never there.
pub trait NewFile: Send {
    /// Adds a piece.
    fn write(&mut self, piece: Bytes) -> BoxFuture<'_, io::Result<()>>;

    /// Returns the hash of what was written so far, and how much that is.
    fn written(&self) -> (FileHash, u64);

    /// Keeps the file under its hash; after this it outlives a power cut.
    fn keep(self: Box<Self>) -> BoxFuture<'static, io::Result<()>>;
}
