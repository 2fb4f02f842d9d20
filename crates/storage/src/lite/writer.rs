//! The thread that writes: everything that waits shares one transaction and one flush.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc;

use super::{DirectoryLock, Lite};
use crate::error::{Error, Result};
use crate::group::{self, MAX_GROUP, Write};
use crate::tx::Tx;

/// How many writes may wait; the next one is refused rather than kept in memory.
const QUEUE: usize = 4096;

/// How long a command leaves the database to the server beside it after each commit; who waits
/// looks every millisecond.
const GAP: Duration = Duration::from_millis(2);

/// The way to the thread that writes.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Write>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread, which holds the lock of the directory until its last write.
    pub(crate) fn start(lite: Lite, lock: Option<DirectoryLock>) -> Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || {
                let gap = lock.is_none().then_some(GAP);
                run(Tx::Lite(lite), waiting, gap);
                drop(lock);
            })
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self {
            queue,
            thread: std::sync::Mutex::new(Some(thread)),
        })
    }

    pub(crate) fn push(&self, write: Write) -> Result<()> {
        use mpsc::error::TrySendError;
        self.queue.try_send(write).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Closed(_) => Error::Unavailable("the writer has stopped".into()),
        })
    }

    /// Writes what waits, then stops the thread.
    pub(crate) async fn stop(&self) {
        if self.queue.send(Write::Stop).await.is_err() {
            return;
        }
        let thread = match self.thread.lock() {
            Ok(mut thread) => thread.take(),
            Err(_) => None,
        };
        if let Some(thread) = thread {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            tracing::debug!(
                is_clean = matches!(joined, Ok(Ok(()))),
                "the writer stopped"
            );
        }
    }
}

fn run(mut tx: Tx, mut waiting: mpsc::Receiver<Write>, gap: Option<Duration>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut writes = vec![first];
        while writes.len() < MAX_GROUP {
            match waiting.try_recv() {
                Ok(write) => writes.push(write),
                Err(_) => break,
            }
        }
        let is_last = writes.iter().any(|write| matches!(write, Write::Stop));
        // Whoever waits for a group that panicked finds its reply dropped and answers for it.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            write_group(&mut tx, writes).now_or_never()
        }));
        if !matches!(outcome, Ok(Some(()))) {
            tracing::error!("a write panicked; its group was rolled back");
            roll_back(&mut tx);
        }
        if is_last {
            break;
        }
        if let Some(gap) = gap {
            std::thread::sleep(gap);
        }
    }
    // A tidy end leaves one file; a crash leaves a log that the next start reads.
    tx.batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .now_or_never()
        .map(drop)
        .unwrap_or_default();
}

async fn write_group(tx: &mut Tx, writes: Vec<Write>) {
    match tx.batch("BEGIN IMMEDIATE").await {
        Ok(()) => group::commit(tx, writes).await,
        Err(error) => {
            // The writes are dropped, and with them the replies: everybody hears of it.
            tracing::error!(error = %error, "cannot begin a transaction on SQLite");
            roll_back(tx);
        }
    }
}

/// Ends what may be open; where nothing is, the error says so and means nothing.
fn roll_back(tx: &mut Tx) {
    tx.batch("ROLLBACK")
        .now_or_never()
        .map(drop)
        .unwrap_or_default();
}
