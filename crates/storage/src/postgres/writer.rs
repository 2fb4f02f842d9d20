//! The tasks that write in groups, and units of work with a connection of their own.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::{Pg, Pool};
use crate::error::{Error, Result};
use crate::group::{self, ATTEMPTS, MAX_GROUP, Write};
use crate::tx::{Tx, Work};

/// Two, so that one gathers while the other flushes.
const WRITERS: usize = 2;
const QUEUE: usize = 4096;

/// How many writes in a group are many, and for how long others are waited for then.
const MANY: usize = 8;
const MOMENT: Duration = Duration::from_micros(100);

/// A connection that was used within this time is there.
const RECENT: Duration = Duration::from_millis(100);

/// The way to the tasks that write.
#[derive(Debug)]
pub(crate) struct Writers {
    queue: mpsc::Sender<Write>,
    pool: Arc<Pool>,
    tasks: TaskTracker,
}

impl Writers {
    pub(crate) fn start(pool: Arc<Pool>) -> Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        let tasks = TaskTracker::new();
        for _ in 0..WRITERS {
            let writer = run(Arc::clone(&pool), Arc::clone(&waiting));
            start_thread(tasks.track_future(writer))?;
        }
        Ok(Self { queue, pool, tasks })
    }

    pub(crate) fn push(&self, write: Write) -> Result<()> {
        use mpsc::error::TrySendError;
        self.queue.try_send(write).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Closed(_) => stopped(),
        })
    }

    /// Runs a unit of work in a task of its own, which a caller that goes away does not stop.
    pub(crate) fn unit<T: Send + 'static>(
        &self,
        work: Work<T>,
        reply: oneshot::Sender<Result<T>>,
    ) -> Result<()> {
        if self.tasks.is_closed() {
            return Err(stopped());
        }
        self.pool.growth().add(1);
        let pool = Arc::clone(&self.pool);
        self.tasks.spawn(async move {
            let result = pool
                .with_own(async |pg| attempt_until_done(pg, &work).await)
                .await;
            drop(reply.send(result));
        });
        Ok(())
    }

    /// Waits for everything that was asked for; nothing else is taken.
    pub(crate) async fn stop(&self) {
        self.tasks.close();
        for _ in 0..WRITERS {
            if self.queue.send(Write::Stop).await.is_err() {
                break;
            }
        }
        self.tasks.wait().await;
    }
}

/// Runs a writer, and with it the connection it opens, on a thread of its own: between two
/// statements it would otherwise queue behind the requests that are being read.
fn start_thread(writer: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    let cannot = |error: std::io::Error| Error::Unavailable(format!("no writer thread: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(cannot)?;
    std::thread::Builder::new()
        .name("postgres-writer".into())
        .spawn(move || runtime.block_on(writer))
        .map_err(cannot)?;
    Ok(())
}

fn stopped() -> Error {
    Error::Unavailable("the writers have stopped".into())
}

async fn run(pool: Arc<Pool>, waiting: Arc<Mutex<mpsc::Receiver<Write>>>) {
    let (mut connection, mut last, mut used_at) = (None::<Arc<Pg>>, 0, Instant::now());
    loop {
        let Some(writes) = gather(&waiting, last).await else {
            return;
        };
        let is_last = writes.iter().any(|write| matches!(write, Write::Stop));
        pool.growth().add(writes.len());
        let begun = match connection.take() {
            // One trip with the first statement, where it cannot have died unnoticed since.
            Some(pg) if !pg.is_closed() && used_at.elapsed() < RECENT => {
                pg.batch_with_next("BEGIN");
                Ok(pg)
            }
            idle => pool.begin(idle).await,
        };
        last = writes.len();
        connection = match begun {
            Ok(pg) => write_group(pg, writes).await,
            Err(error) => {
                // The writes are dropped, and with them the replies: everybody hears of it.
                tracing::error!(error = %error, "cannot begin a transaction on Postgres");
                None
            }
        };
        used_at = Instant::now();
        if is_last {
            return;
        }
    }
}

/// Returns the connection, unless a panic left it in the middle of something.
async fn write_group(pg: Arc<Pg>, writes: Vec<Write>) -> Option<Arc<Pg>> {
    let mut tx = Tx::Pg(Arc::clone(&pg));
    let done = AssertUnwindSafe(group::commit(&mut tx, writes)).catch_unwind();
    if done.await.is_err() {
        tracing::error!("a write panicked; its group was rolled back");
        return None;
    }
    Some(pg)
}

/// Where many wrote the last time, a moment is given to those who are about to: a group costs the
/// same however many share it.
async fn gather(waiting: &Mutex<mpsc::Receiver<Write>>, last: usize) -> Option<Vec<Write>> {
    let mut waiting = waiting.lock().await;
    let mut writes = vec![waiting.recv().await?];
    if last >= MANY {
        // The thread is this writer's own, and the runtime's timer is too coarse.
        std::thread::sleep(MOMENT);
    }
    // A Stop ends the group, so that each writer takes one.
    while writes.len() < MAX_GROUP && !matches!(writes.last(), Some(Write::Stop)) {
        match waiting.try_recv() {
            Ok(write) => writes.push(write),
            Err(_) => break,
        }
    }
    Some(writes)
}

/// Runs the work in the transaction that was begun, and in others while it loses to other writers.
/// The flag says whether the connection may be used again.
async fn attempt_until_done<T>(pg: Arc<Pg>, work: &Work<T>) -> (bool, Result<T>) {
    let mut tx = Tx::Pg(pg);
    let mut attempt = 1;
    loop {
        let (is_clean, result) = finish(&mut tx, work).await;
        match result {
            Err(error) if is_clean && error.is_lost_race() && attempt < ATTEMPTS => attempt += 1,
            result => return (is_clean, result),
        }
        if let Err(error) = tx.batch("BEGIN").await {
            return (false, Err(error));
        }
    }
}

async fn finish<T>(tx: &mut Tx, work: &Work<T>) -> (bool, Result<T>) {
    let result = work(tx).await;
    let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
    match tx.batch(end).await {
        Ok(()) => (true, result),
        Err(error) => {
            let is_clean = tx.batch("ROLLBACK").await.is_ok();
            (is_clean, result.and(Err(error)))
        }
    }
}
