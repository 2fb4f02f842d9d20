//! Media on its way in: what people sent is downloaded in the background, for Meta keeps it 7 days.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_api::media::{Details, DownloadError};
use cloud_api::{Class, MetaError, ReadError};
use jiff::SignedDuration;
use storage::{DueDownload, FileHash, NewDownload, Settled, Store, StoredFile};
use tokio_util::sync::CancellationToken;

use crate::error::Result;
use crate::operations::Operations;

/// How often is looked for what is due, should nobody say that something is.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Longer than a download may take. What was taken up by a process that is gone is due after it.
pub(super) const TAKEN_UP_FOR: SignedDuration = SignedDuration::from_mins(6);

/// How long Meta keeps what people sent.
const META_KEEPS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What nobody has written to for so long was left by a process that is gone.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How long to wait after each attempt; the last of these from then on.
const WAITS: [SignedDuration; 6] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
];

/// The longest file that WhatsApp lets people send.
const MAX_BYTES: u64 = 100 * 1024 * 1024;

/// How often a file may come other than it was announced.
const MAX_DAMAGED: i64 = 3;

/// Why a file did not come, this time or ever.
#[derive(Debug)]
enum Miss {
    /// It may come the next time.
    Passing(String),
    /// It came, but other than it was announced.
    Damaged,
    /// It will not come.
    Final(String),
}

impl Operations {
    /// Downloads what people sent, until it is told to stop; what is under way then is left for the
    /// next process.
    pub(crate) async fn run_media_worker(&self, stopping: &CancellationToken) {
        let swept = self.files().sweep(self.clock().now() - ABANDONED_AFTER);
        if let Err(error) = swept.await {
            tracing::warn!(error = %error, "what a crash left of files was not removed");
        }
        while !stopping.is_cancelled() {
            if let Err(error) = self.take_up_downloads(stopping).await {
                tracing::warn!(error = %error, "what is to be downloaded cannot be read");
            }
            tokio::select! {
                () = stopping.cancelled() => {}
                () = self.media().wake.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Says that something is to be downloaded.
    pub(crate) fn wake_media_worker(&self) {
        self.media().wake.notify_one();
    }

    /// Begins as many of the downloads that are due as there is room for.
    async fn take_up_downloads(&self, stopping: &CancellationToken) -> Result<()> {
        let room = self.media().downloads.available_permits();
        if room == 0 {
            return Ok(());
        }
        let now = self.clock().now();
        let limit = i64::try_from(room).unwrap_or(1);
        let system = self.database().system();
        let due = system.claim_downloads(now, now + TAKEN_UP_FOR, limit);
        for due in due.await? {
            let place = Arc::clone(&self.media().downloads).acquire_owned().await;
            let (operations, stopping) = (self.clone(), stopping.clone());
            self.tasks().spawn(async move {
                operations.try_download(due, &stopping).await;
                drop(place);
                operations.wake_media_worker();
            });
        }
        Ok(())
    }

    /// Downloads a file and writes down what became of it.
    pub(super) async fn try_download(&self, due: DueDownload, stopping: &CancellationToken) {
        let store = self.database().store_for(due.tenant_id);
        let attempt = self.download(&store, &due.download);
        let settled = match stopping.run_until_cancelled(attempt).await {
            Some(Ok(file)) => Settled::Stored(file),
            Some(Err(miss)) => self.after(&due, miss),
            None => Settled::Again(self.clock().now(), "the server stopped".into()),
        };
        if let Settled::Gone(reason) | Settled::Again(_, reason) = &settled {
            let message = due.download.message_id;
            tracing::info!(message.id = %message, due.attempts, reason, "media did not come");
        }
        let now = self.clock().now();
        if let Err(error) = store.settle_download(&due, settled, now).await {
            tracing::warn!(error = %error, "what became of a download was not written down");
        }
    }

    /// Says what follows when a file did not come.
    fn after(&self, due: &DueDownload, miss: Miss) -> Settled {
        let reason = match miss {
            Miss::Final(reason) => return Settled::Gone(reason),
            Miss::Passing(reason) => reason,
            Miss::Damaged => {
                let reason = "it came other than WhatsApp announced it".to_owned();
                if due.attempts >= MAX_DAMAGED {
                    return Settled::Gone(reason);
                }
                reason
            }
        };
        let nth = usize::try_from(due.attempts)
            .unwrap_or(1)
            .clamp(1, WAITS.len());
        let again_at = self.clock().now() + WAITS[nth - 1];
        if again_at > due.download.at + META_KEEPS {
            return Settled::Gone(format!("it did not come within 7 days; at last: {reason}"));
        }
        Settled::Again(again_at, reason)
    }

    async fn download(&self, store: &Store, new: &NewDownload) -> Result<StoredFile, Miss> {
        let channel = store.channel(new.channel_id).await?;
        let gone = || Miss::Final("its channel was deleted".into());
        let channel = channel.ok_or_else(gone)?;
        let line = self.line_of(&channel);
        let line = line.map_err(|_| Miss::Passing("the channel has no token".into()))?;
        let details = self.cloud().media(&line, &new.media_id).await?;
        let download = self.cloud().download(&line, &details.url, MAX_BYTES);
        let mut download = download.await?;
        let mut file = self.files().begin(store.tenant_id()).await?;
        while let Some(piece) = download.piece().await? {
            file.write(piece).await?;
        }
        let (hash, length_bytes) = file.written();
        let announced = new.sha256.as_deref().or(details.sha256.as_deref());
        if announced.and_then(read_hash).is_some_and(|it| it != hash) {
            return Err(Miss::Damaged);
        }
        file.keep().await?;
        Ok(StoredFile {
            hash,
            mime_type: mime_type(new, &details, download.mime_type()),
            length_bytes,
        })
    }
}

fn mime_type(new: &NewDownload, details: &Details, said: Option<&str>) -> String {
    let known = new.mime_type.as_deref();
    let known = known.or(details.mime_type.as_deref()).or(said);
    known.unwrap_or("application/octet-stream").into()
}

/// Reads a SHA-256, in base 64 as webhooks have it or in hexadecimal. What is neither says nothing.
fn read_hash(text: &str) -> Option<FileHash> {
    let bytes = match text.len() {
        64 => (0..64)
            .step_by(2)
            .map(|at| byte(text.get(at..at + 2)?))
            .collect(),
        _ => STANDARD.decode(text).ok(),
    };
    Some(FileHash(bytes?.try_into().ok()?))
}

fn byte(hexadecimal: &str) -> Option<u8> {
    u8::from_str_radix(hexadecimal, 16).ok()
}

/// What Meta refuses for the file's sake it will always refuse; the rest may be mended.
fn refused(error: &MetaError) -> Miss {
    let said = format!("Meta refused it: {} ({})", error.title, error.code);
    match error.class() {
        Class::StopMessage | Class::OptOut => Miss::Final(said),
        Class::Retry | Class::WaitUntil | Class::StopChannel => Miss::Passing(said),
    }
}

impl From<ReadError> for Miss {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Refused(error) => refused(&error),
            ReadError::Unavailable { reason } => Self::Passing(reason),
        }
    }
}

impl From<DownloadError> for Miss {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::Refused(error) => refused(&error),
            // The address is good for minutes, and the next attempt asks for another.
            DownloadError::Gone | DownloadError::Unavailable { .. } => {
                Self::Passing(error.to_string())
            }
            DownloadError::TooLong { .. } | DownloadError::Elsewhere => {
                Self::Final(error.to_string())
            }
        }
    }
}

impl From<storage::Error> for Miss {
    fn from(error: storage::Error) -> Self {
        tracing::error!(error = %error, "the storage failed a download");
        Self::Passing("the storage failed".into())
    }
}

impl From<std::io::Error> for Miss {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(error = %error, "a file could not be kept");
        Self::Passing("the file could not be kept".into())
    }
}
