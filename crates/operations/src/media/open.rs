//! Reading the media of a message.

use domain::ids::MessageId;
use storage::{DownloadState, Store, StoredFile};

use super::store::FileStream;
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// The media of a message, as far as it has come.
#[derive(Debug)]
pub enum OpenMedia {
    /// The message came with none, or there is no such message.
    None,
    /// It is still to come.
    Waiting,
    /// It will not come, for a reason.
    Gone(String),
    /// It is here.
    Here(OpenedFile),
}

/// A file that can be read.
pub struct OpenedFile {
    /// What it is, such as `image/jpeg`.
    pub mime_type: String,
    /// How long it is.
    pub length_bytes: u64,
    /// Its bytes.
    pub bytes: FileStream,
}

impl std::fmt::Debug for OpenedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "OpenedFile({}, {} bytes)",
            self.mime_type, self.length_bytes
        )
    }
}

impl Operations {
    /// Opens the media of a message that came in.
    pub async fn open_media(&self, caller: &Caller, message: MessageId) -> Result<OpenMedia> {
        self.open_media_of(&self.store(caller), message).await
    }

    pub(super) async fn open_media_of(
        &self,
        store: &Store,
        message: MessageId,
    ) -> Result<OpenMedia> {
        let Some(media) = store.media_of_message(message).await? else {
            return Ok(OpenMedia::None);
        };
        match media.state {
            DownloadState::Waiting(_) => Ok(OpenMedia::Waiting),
            DownloadState::Gone(reason) => Ok(OpenMedia::Gone(reason)),
            // The same bytes may have come as something else before.
            DownloadState::Stored(file) => {
                let mime_type = media.mime_type.unwrap_or_else(|| file.mime_type.clone());
                self.open_file(store, file, mime_type).await
            }
        }
    }

    pub(super) async fn open_file(
        &self,
        store: &Store,
        file: StoredFile,
        mime_type: String,
    ) -> Result<OpenMedia> {
        let opened = self.files().open(store.tenant_id(), file.hash).await;
        let opened = opened.map_err(|error| {
            tracing::error!(error = %error, "a file cannot be read");
            Error::Internal
        })?;
        let Some(bytes) = opened else {
            tracing::error!(file.hash = %file.hash, "a file is not where it was kept");
            return Ok(OpenMedia::Gone("its bytes are not on this server".into()));
        };
        Ok(OpenMedia::Here(OpenedFile {
            mime_type,
            length_bytes: file.length_bytes,
            bytes,
        }))
    }
}
