//! Files in a directory: `12/ab/cdef…` for a file of tenant 12 whose hash begins with `ab`.
//!
//! A file is written beside its place, flushed and then renamed, so that what has a hash's name has
//! its bytes, whatever happens. Disks block, so all of this is done on threads that may.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use domain::ids::TenantId;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use storage::FileHash;
use tempfile::NamedTempFile;

use super::store::{FileStore, FileStream, NewFile};

/// Where files are that are being written.
const INCOMING: &str = "incoming";

/// What is gathered before the disk is asked.
const BUFFER_BYTES: usize = 256 * 1024;

/// What is read at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Keeps files in a directory, which is made with the first one.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// Returns the store in this directory.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self(directory)
    }

    fn place(&self, tenant: TenantId, hash: FileHash) -> PathBuf {
        let name = hash.to_string();
        let (first, rest) = name.split_at(2);
        self.0.join(tenant.to_string()).join(first).join(rest)
    }
}

impl FileStore for Directory {
    fn begin(&self, tenant: TenantId) -> BoxFuture<'_, io::Result<Box<dyn NewFile>>> {
        let incoming = self.0.join(INCOMING);
        let begun = blocking(move || {
            make(&incoming)?;
            NamedTempFile::new_in(&incoming)
        });
        async move {
            let draft = Draft {
                buffer: Vec::new(),
                hash: Sha256::new(),
                length_bytes: 0,
                file: Some(begun.await?),
                store: self.clone(),
                tenant,
            };
            let draft: Box<dyn NewFile> = Box::new(draft);
            Ok(draft)
        }
        .boxed()
    }

    fn open(
        &self,
        tenant: TenantId,
        hash: FileHash,
    ) -> BoxFuture<'_, io::Result<Option<FileStream>>> {
        let place = self.place(tenant, hash);
        let opened = blocking(move || there(File::open(place)));
        async move { Ok(opened.await?.map(pieces)) }.boxed()
    }

    fn has(&self, tenant: TenantId, hash: FileHash) -> BoxFuture<'_, io::Result<bool>> {
        let place = self.place(tenant, hash);
        blocking(move || place.try_exists()).boxed()
    }

    fn delete(&self, tenant: TenantId, hash: FileHash) -> BoxFuture<'_, io::Result<()>> {
        let place = self.place(tenant, hash);
        blocking(move || there(fs::remove_file(place)).map(drop)).boxed()
    }

    fn sweep(&self, before: Timestamp) -> BoxFuture<'_, io::Result<()>> {
        let incoming = self.0.join(INCOMING);
        blocking(move || sweep(&incoming, before.into())).boxed()
    }
}

/// A file that is being written.
struct Draft {
    buffer: Vec<u8>,
    hash: Sha256,
    length_bytes: u64,
    /// Nothing only while it is written to, or where that failed.
    file: Option<NamedTempFile>,
    store: Directory,
    tenant: TenantId,
}

impl Draft {
    async fn flush(&mut self) -> io::Result<()> {
        let (mut file, buffer) = (self.take()?, std::mem::take(&mut self.buffer));
        let written = blocking(move || {
            file.write_all(&buffer)?;
            Ok(file)
        });
        self.file = Some(written.await?);
        Ok(())
    }

    fn take(&mut self) -> io::Result<NamedTempFile> {
        let failed = || io::Error::other("the file was given up before");
        self.file.take().ok_or_else(failed)
    }
}

impl NewFile for Draft {
    fn write(&mut self, piece: Bytes) -> BoxFuture<'_, io::Result<()>> {
        async move {
            self.hash.update(&piece);
            self.length_bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            self.buffer.extend_from_slice(&piece);
            if self.buffer.len() >= BUFFER_BYTES {
                self.flush().await?;
            }
            Ok(())
        }
        .boxed()
    }

    fn written(&self) -> (FileHash, u64) {
        let hash = FileHash(self.hash.clone().finalize().into());
        (hash, self.length_bytes)
    }

    fn keep(mut self: Box<Self>) -> BoxFuture<'static, io::Result<()>> {
        async move {
            self.flush().await?;
            let place = self.store.place(self.tenant, self.written().0);
            let (file, root) = (self.take()?, self.store.0.clone());
            blocking(move || keep(file, &place, &root)).await
        }
        .boxed()
    }
}

/// Gives a file its name, and has the disk remember all of the way to it.
fn keep(file: NamedTempFile, place: &Path, root: &Path) -> io::Result<()> {
    if place.try_exists()? {
        return Ok(());
    }
    file.as_file().sync_all()?;
    let directories = place.ancestors().skip(1);
    let directories: Vec<&Path> = directories.take_while(|it| it.starts_with(root)).collect();
    if let Some(parent) = directories.first() {
        make(parent)?;
    }
    file.persist(place)?;
    directories
        .into_iter()
        .try_for_each(|it| File::open(it)?.sync_all())
}

/// Makes a directory that only its owner can look into.
fn make(directory: &Path) -> io::Result<()> {
    let mut private = DirBuilder::new();
    private.recursive(true).mode(0o700).create(directory)
}

fn sweep(incoming: &Path, before: SystemTime) -> io::Result<()> {
    let Some(entries) = there(fs::read_dir(incoming))? else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let changed = there(entry.metadata().and_then(|it| it.modified()))?;
        if changed.is_some_and(|it| it < before) {
            there(fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

/// Takes what is not there for nothing.
fn there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

fn pieces(file: File) -> FileStream {
    let next = |mut file: File| {
        blocking(move || {
            let mut piece = vec![0; PIECE_BYTES];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok((length > 0).then(|| (Bytes::from(piece), file)))
        })
    };
    stream::try_unfold(file, next).boxed()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(io::Error::other("the work on a file was abandoned")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Directory;
    use crate::media::store::FileStore;
    use bytes::Bytes;
    use domain::ids::TenantId;
    use futures_util::TryStreamExt as _;
    use jiff::Timestamp;
    use storage::FileHash;

    fn tenant(id: i64) -> TenantId {
        TenantId::new(id).unwrap()
    }

    async fn kept(store: &Directory, id: i64, bytes: &[u8]) -> FileHash {
        let mut file = store.begin(tenant(id)).await.unwrap();
        for piece in bytes.chunks(1000) {
            file.write(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        let (hash, length) = file.written();
        assert_eq!(length, bytes.len() as u64);
        file.keep().await.unwrap();
        hash
    }

    async fn read(store: &Directory, id: i64, hash: FileHash) -> Option<Vec<u8>> {
        let pieces = store.open(tenant(id), hash).await.unwrap()?;
        let pieces: Vec<Bytes> = pieces.try_collect().await.unwrap();
        Some(pieces.concat())
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        let name = |it: std::fs::DirEntry| it.file_name().into_string().unwrap();
        entries.map(|it| name(it.unwrap())).collect()
    }

    #[tokio::test]
    async fn a_file_is_found_by_its_hash_and_by_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let store = Directory::new(directory.path().join("media"));
        let bytes: Vec<u8> = (0..700_000_u32).map(|it| it.to_le_bytes()[0]).collect();
        let hash = kept(&store, 12, &bytes).await;
        assert_eq!(read(&store, 12, hash).await, Some(bytes.clone()));
        assert!(store.has(tenant(12), hash).await.unwrap());
        assert_eq!(kept(&store, 12, &bytes).await, hash);
        let other = FileHash([7; 32]);
        assert_eq!(read(&store, 12, other).await, None);
        assert!(!store.has(tenant(12), other).await.unwrap());
        let name = hash.to_string();
        let place = directory.path().join("media/12").join(&name[..2]);
        assert_eq!(names(&place), [&name[2..]]);
        assert_eq!(names(&directory.path().join("media/incoming")), [""; 0]);
    }

    #[tokio::test]
    async fn the_hash_is_the_one_everybody_computes() {
        let directory = tempfile::tempdir().unwrap();
        let store = Directory::new(directory.path().into());
        let hash = kept(&store, 1, b"abc").await;
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash.to_string(), known);
    }

    #[tokio::test]
    async fn one_tenants_deletion_takes_nothing_from_another() {
        let directory = tempfile::tempdir().unwrap();
        let store = Directory::new(directory.path().into());
        let hash = kept(&store, 1, b"abc").await;
        assert_eq!(read(&store, 2, hash).await, None);
        assert_eq!(kept(&store, 2, b"abc").await, hash);
        store.delete(tenant(1), hash).await.unwrap();
        store.delete(tenant(1), hash).await.unwrap();
        assert_eq!(read(&store, 1, hash).await, None);
        assert_eq!(read(&store, 2, hash).await, Some(b"abc".to_vec()));
    }

    #[tokio::test]
    async fn what_was_not_kept_was_never_there() {
        let directory = tempfile::tempdir().unwrap();
        let store = Directory::new(directory.path().into());
        let mut file = store.begin(tenant(1)).await.unwrap();
        file.write(Bytes::from(vec![1; 300_000])).await.unwrap();
        let incoming = directory.path().join("incoming");
        assert_eq!(names(&incoming).len(), 1);
        let (hash, _) = file.written();
        drop(file);
        assert_eq!(names(&incoming).len(), 0);
        assert_eq!(read(&store, 1, hash).await, None);
    }

    #[tokio::test]
    async fn what_a_crash_left_is_swept_and_what_is_being_written_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let store = Directory::new(directory.path().into());
        let long_ago: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
        let hereafter: Timestamp = "2200-01-01T00:00:00Z".parse().unwrap();
        store.sweep(hereafter).await.unwrap();
        let mut file = store.begin(tenant(1)).await.unwrap();
        file.write(Bytes::from("abc")).await.unwrap();
        let incoming = directory.path().join("incoming");
        store.sweep(long_ago).await.unwrap();
        assert_eq!(names(&incoming).len(), 1);
        store.sweep(hereafter).await.unwrap();
        assert_eq!(names(&incoming).len(), 0);
    }
}
