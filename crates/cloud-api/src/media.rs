//! Files on their way to and from Meta.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::task::Context;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use http_body::Frame;
use http_body_util::StreamBody;
use reqwest::Response;

use crate::error::{MetaError, ReadError};

pub use reqwest::Body;

/// A file on its way to Meta.
#[derive(Debug)]
pub struct Upload {
    /// The file, which may come as a stream.
    pub body: Body,
    /// How long it is.
    pub length_bytes: u64,
    /// What it is, such as `image/jpeg`.
    pub mime_type: String,
    /// What it is called; the person never sees this.
    pub filename: String,
}

impl Upload {
    /// Returns a file that is in memory.
    #[must_use]
    pub fn of_bytes(
        bytes: impl Into<Bytes>,
        mime_type: impl Into<String>,
        filename: impl Into<String>,
    ) -> Self {
        let bytes = bytes.into();
        Self {
            length_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            body: bytes.into(),
            mime_type: mime_type.into(),
            filename: filename.into(),
        }
    }

    /// Returns a file that comes a piece at a time, and is called nothing in particular.
    #[must_use]
    pub fn of_stream(
        bytes: BoxStream<'static, io::Result<Bytes>>,
        length_bytes: u64,
        mime_type: impl Into<String>,
    ) -> Self {
        // Nobody else ever has the lock: it is there for the body may pass from thread to thread.
        let mut bytes = Mutex::new(bytes);
        let next = move |context: &mut Context<'_>| {
            let bytes = bytes.get_mut().unwrap_or_else(PoisonError::into_inner);
            bytes.poll_next_unpin(context).map_ok(Frame::data)
        };
        Self {
            body: Body::wrap(StreamBody::new(stream::poll_fn(next))),
            length_bytes,
            mime_type: mime_type.into(),
            filename: "file".into(),
        }
    }

    /// Returns its name in letters that no reader of multipart stumbles over.
    pub(crate) fn plain_filename(&self) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let name: String = self
            .filename
            .chars()
            .map(|c| if is_plain(c) { c } else { '_' })
            .take(100)
            .collect();
        if name.is_empty() { "file".into() } else { name }
    }
}

/// What Meta says of a file it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its id.
    pub id: String,
    /// Where it can be fetched for the next five minutes, with the token.
    pub url: String,
    /// What it is.
    pub mime_type: Option<String>,
    /// Its SHA-256, in hexadecimal or base 64.
    pub sha256: Option<String>,
    /// How long it is.
    pub length_bytes: Option<u64>,
}

/// A file on its way from Meta, a piece at a time.
#[derive(Debug)]
pub struct Download {
    response: Response,
    max_bytes: u64,
    read_bytes: u64,
}

/// Why a file did not come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    /// It is not there, or its address has expired and must be asked for again.
    #[error("the file is gone, or its address is")]
    Gone,
    /// It is longer than was asked for.
    #[error("the file has more than {max_bytes} bytes")]
    TooLong {
        /// What was asked for.
        max_bytes: u64,
    },
    /// Its address is not Meta's, so the token does not go there.
    #[error("the file is not at Meta")]
    Elsewhere,
    /// Meta answered with an error.
    #[error("{0}")]
    Refused(MetaError),
    /// It did not come, or not all of it.
    #[error("the file did not come: {reason}")]
    Unavailable {
        /// What happened, without addresses or content.
        reason: String,
    },
}

impl From<ReadError> for DownloadError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Refused(error) => Self::Refused(error),
            ReadError::Unavailable { reason } => Self::Unavailable { reason },
        }
    }
}

impl Download {
    /// Takes up an answer, unless it says that it is too long.
    pub(crate) fn new(response: Response, max_bytes: u64) -> Result<Self, DownloadError> {
        if response.content_length().is_some_and(|it| it > max_bytes) {
            return Err(DownloadError::TooLong { max_bytes });
        }
        Ok(Self {
            response,
            max_bytes,
            read_bytes: 0,
        })
    }

    /// Returns what it is, as its server says.
    #[must_use]
    pub fn mime_type(&self) -> Option<&str> {
        let header = self.response.headers().get("content-type")?;
        header.to_str().ok()
    }

    /// Returns how long it is, where its server says.
    #[must_use]
    pub fn length_bytes(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Returns the next piece; `None` at the end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, DownloadError> {
        let piece = self.response.chunk().await;
        let piece = piece.map_err(|it| DownloadError::Unavailable {
            reason: crate::client::describe(it),
        })?;
        let length = piece.as_ref().map_or(0, Bytes::len);
        self.read_bytes += u64::try_from(length).unwrap_or(u64::MAX);
        if self.read_bytes > self.max_bytes {
            let max_bytes = self.max_bytes;
            return Err(DownloadError::TooLong { max_bytes });
        }
        Ok(piece)
    }

    /// Returns all of it.
    pub async fn bytes(mut self) -> Result<Vec<u8>, DownloadError> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}
