//! Files that callers give with their requests.

use std::fmt;
use std::io;

use bytes::Bytes;
use domain::message::content::{Media, MediaKind, MediaSource};
use storage::StoredFile;

use super::error::MediaTrouble;
use super::store::NewFile;
use super::{magic, rules};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// A file that a caller gives; dropped, it was never here.
pub struct GivenFile {
    name: String,
    said: Option<String>,
    head: Vec<u8>,
    draft: Box<dyn NewFile>,
}

impl fmt::Debug for GivenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hash, length_bytes) = self.draft.written();
        write!(f, "GivenFile({hash}, {length_bytes} bytes)")
    }
}

impl GivenFile {
    /// Returns what its sender calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how long it is.
    #[must_use]
    pub fn length_bytes(&self) -> u64 {
        self.draft.written().1
    }

    /// Returns its hash, as text.
    #[must_use]
    pub fn hash(&self) -> String {
        self.draft.written().0.to_string()
    }

    /// Adds a piece.
    pub async fn write(&mut self, piece: Bytes) -> Result<()> {
        let missing = magic::HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend(piece.iter().take(missing));
        self.draft
            .write(piece)
            .await
            .map_err(|error| broken(&error))
    }

    /// Returns what it is, if it can go to WhatsApp as this kind; [`Error::MediaFailed`] says why
    /// not.
    pub fn check(&self, kind: MediaKind) -> Result<String> {
        if self.head.is_empty() {
            return Err(unusable("the file is empty".into()));
        }
        let longest = rules::max_bytes(kind, Some(&self.head));
        if self.length_bytes() > longest {
            let longest = longest / 1024;
            return Err(unusable(format!("the file has more than {longest} KB")));
        }
        rules::tell(kind, self.said.as_deref(), &self.name, &self.head).map_err(unusable)
    }
}

impl Operations {
    /// Begins a file that a caller gives, calls so and says is this.
    pub async fn begin_file(
        &self,
        caller: &Caller,
        name: String,
        said: Option<String>,
    ) -> Result<GivenFile> {
        let draft = self.files().begin(caller.tenant().id).await;
        Ok(GivenFile {
            name,
            said,
            head: Vec::new(),
            draft: draft.map_err(|error| broken(&error))?,
        })
    }

    /// Keeps a file, and returns it as media of a kind that it can go as; [`Error::MediaFailed`]
    /// says why it cannot.
    pub async fn keep_file(
        &self,
        caller: &Caller,
        file: GivenFile,
        kind: MediaKind,
    ) -> Result<Media> {
        let mime_type = file.check(kind)?;
        let (hash, length_bytes) = file.draft.written();
        file.draft.keep().await.map_err(|error| broken(&error))?;
        let stored = StoredFile {
            hash,
            mime_type: mime_type.clone(),
            length_bytes,
        };
        let at = self.clock().now();
        self.store(caller).keep_file(stored, at).await?;
        Ok(Media {
            mime_type: Some(mime_type),
            ..Media::at(MediaSource::File(hash.to_string()))
        })
    }
}

fn unusable(details: String) -> Error {
    let trouble = MediaTrouble::Unusable;
    let failure = trouble.failure(details);
    Error::MediaFailed { trouble, failure }
}

fn broken(error: &io::Error) -> Error {
    tracing::error!(error = %error, "a file could not be kept");
    Error::Internal
}
