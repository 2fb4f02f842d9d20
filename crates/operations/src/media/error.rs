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
    /// It could not be fetched or kept, for this reason; that may work the next time.
    #[error("the media is not here: {0}")]
    NotReady(String),
    /// It could not be given to Meta, for this reason; that may work the next time.
    #[error("Meta has not got the media: {0}")]
    NotGiven(String),
    /// Meta refused the file; its class says what follows.
    #[error("{0}")]
    Refused(MetaError),
}

impl MediaError {
    pub(super) fn unusable(details: String) -> Self {
        Self::Unusable(MediaTrouble::Unusable.failure(details))
    }

    /// What is broken here is for the log; it may be mended the next time.
    pub(super) fn broken(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "a file could not be kept or read");
        Self::NotReady("the file could not be kept".into())
    }
}

/// Where a message's media got stuck. Its title is kept with the message, for whoever waits for a
/// message that another process sends learns of it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaTrouble {
    /// The file is not what WhatsApp takes, or its address gives none.
    Unusable,
    /// The file could not be fetched or kept.
    NotKept,
    /// The file could not be given to WhatsApp.
    NotGiven,
}

impl MediaTrouble {
    const ALL: [Self; 3] = [Self::Unusable, Self::NotKept, Self::NotGiven];

    fn title(self) -> &'static str {
        match self {
            // Meta's own words for its code.
            Self::Unusable => "Media upload error",
            Self::NotKept => "Media not fetched",
            Self::NotGiven => "Media not given to WhatsApp",
        }
    }

    /// Returns the failure of a message whose media did not go, for this reason.
    pub(crate) fn failure(self, details: String) -> Failure {
        Failure {
            code: Some(MEDIA_UPLOAD_ERROR),
            title: self.title().into(),
            details: Some(details),
        }
    }

    /// Returns the failure of a message whose media Meta refused, in Meta's words.
    pub(crate) fn refused(refusal: Failure) -> Failure {
        let details = match refusal.details {
            Some(details) => format!("{}: {details}", refusal.title),
            None => refusal.title,
        };
        Failure {
            code: refusal.code,
            ..Self::NotGiven.failure(details)
        }
    }

    /// Returns where the media of a message got stuck, if that is why it failed.
    pub(crate) fn of(failure: &Failure) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.title() == failure.title)
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
                Self::NotGiven(reason)
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
