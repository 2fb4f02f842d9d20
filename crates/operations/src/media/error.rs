//! Why a message's media is not ready to go.

use cloud_api::{MetaError, SendError};
use domain::message::Failure;

use crate::outbound::FetchError;

/// Meta's code for media that it could not use, which every vendor passes on.
const MEDIA_UPLOAD_ERROR: i64 = 131_053;

/// Why a message's media is not ready to go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MediaError {
    /// The file cannot go, now or ever: this message ends with this failure.
    #[error("the media cannot go: {}", .0.details.as_deref().unwrap_or_default())]
    Unusable(Failure),
    /// It may work the next time, for this reason it did not now.
    #[error("the media is not ready: {0}")]
    NotReady(String),
    /// Meta refused the file; its class says what follows.
    #[error("{0}")]
    Refused(MetaError),
}

impl MediaError {
    pub(super) fn unusable(details: String) -> Self {
        Self::Unusable(Self::failure(details))
    }

    /// Returns the failure of a message whose media did not go, for this reason.
    pub(crate) fn failure(details: String) -> Failure {
        Failure {
            code: Some(MEDIA_UPLOAD_ERROR),
            title: "Media upload error".into(),
            details: Some(details),
        }
    }

    /// What is broken here is for the log; it may be mended the next time.
    pub(super) fn broken(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "a file could not be kept or read");
        Self::NotReady("the file could not be kept".into())
    }
}

impl From<FetchError> for MediaError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Fault(said) => Self::unusable(said),
            FetchError::Unreachable(said) => Self::NotReady(said),
        }
    }
}

impl From<SendError> for MediaError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Refused(error) => Self::Refused(error),
            // A file that is given twice is sent once all the same.
            SendError::NotSent { reason } | SendError::Unconfirmed { reason } => {
                Self::NotReady(reason)
            }
        }
    }
}

impl From<storage::Error> for MediaError {
    fn from(error: storage::Error) -> Self {
        Self::broken(&error)
    }
}

impl From<std::io::Error> for MediaError {
    fn from(error: std::io::Error) -> Self {
        Self::broken(&error)
    }
}
