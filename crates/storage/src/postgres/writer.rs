//! The tasks that write in groups, and units of work with a connection of their own.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::{Pg, Pool, Purpose};
use crate::error::{Error, Result};
use crate::group::{self, MAX_GROUP, Write};
use crate::tx::{Tx, Work};

/// Two, so that one gathers while the other flushes.
const WRITERS: usize = 2;
const QUEUE: usize = 4096;
const ATTEMPTS: usize = 5;

/// The way to the tasks that write in groups.
#[derive(Debug)]
pub(crate) struct Writers {
    queue: mpsc::Sender<Write>,
    pool: Arc<Pool>,
}

impl Writers {
    pub(crate) fn start(pool: Arc<Pool>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..WRITERS {
            pool.tasks()
                .spawn(run(Arc::clone(&pool), Arc::clone(&waiting)));
        }
        Self { queue, pool }
    }

    pub(crate) fn push(&self, write: Write) -> Result<()> {
        use mpsc::error::TrySendError;
        self.queue.try_send(write).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Closed(_) => Error::Unavailable("the writers have stopped".into()),
        })
    }

    /// Runs a unit of work in a task of its own, which a caller that goes away does not stop.
    pub(crate) fn unit<T: Send + 'static>(&self, work: Work<T>, reply: oneshot::Sender<Result<T>>) {
        let pool = Arc::clone(&self.pool);
        self.pool.tasks().spawn(async move {
            let result = pool
                .with_own(async |pg| attempt_until_done(pg, &work).await)
                .await;
            drop(reply.send(result));
        });
    }

    pub(crate) async fn stop(&self) {
        for _ in 0..WRITERS {
            if self.queue.send(Write::Stop).await.is_err() {
                return;
            }
        }
    }
}

async fn run(pool: Arc<Pool>, waiting: Arc<Mutex<mpsc::Receiver<Write>>>) {
    let mut connection: Option<Arc<Pg>> = None;
    loop {
        let Some(writes) = gather(&waiting).await else {
            return;
        };
        let is_last = writes.iter().any(|write| matches!(write, Write::Stop));
        let open = connection.take().filter(|pg| !pg.is_closed());
        let connected = match open {
            Some(pg) => Ok(pg),
            None => pool.connect(Purpose::Write).await,
        };
        match connected {
            Ok(pg) => {
                group::commit(&mut Tx::Pg(Arc::clone(&pg)), "BEGIN", writes).await;
                connection = Some(pg);
            }
            // The writes are dropped, and with them the replies: everybody hears of it.
            Err(error) => tracing::error!(error = %error, "cannot connect to Postgres"),
        }
        if is_last {
            return;
        }
    }
}

async fn gather(waiting: &Mutex<mpsc::Receiver<Write>>) -> Option<Vec<Write>> {
    let mut waiting = waiting.lock().await;
    let mut writes = vec![waiting.recv().await?];
    // A Stop ends the group, so that each writer takes one.
    while writes.len() < MAX_GROUP && !matches!(writes.last(), Some(Write::Stop)) {
        match waiting.try_recv() {
            Ok(write) => writes.push(write),
            Err(_) => break,
        }
    }
    Some(writes)
}

async fn attempt_until_done<T>(pg: Arc<Pg>, work: &Work<T>) -> (bool, Result<T>) {
    let mut tx = Tx::Pg(pg);
    let mut last = (true, Err(Error::Unavailable("never tried".into())));
    for _ in 0..ATTEMPTS {
        last = attempt(&mut tx, work).await;
        // Class 40: the engine chose this transaction to lose; it may well win the next time.
        let lost = matches!(&last.1, Err(Error::Unavailable(said)) if said.contains("(40"));
        if !lost {
            break;
        }
    }
    last
}

async fn attempt<T>(tx: &mut Tx, work: &Work<T>) -> (bool, Result<T>) {
    if let Err(error) = tx.batch("BEGIN").await {
        return (false, Err(error));
    }
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
