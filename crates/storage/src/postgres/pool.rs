//! Connections: shared ones that read, and one each for units of work that write.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio_postgres::Config;
use tokio_util::task::TaskTracker;

use super::{Pg, Purpose};
use crate::error::{Error, Result};

const READERS: usize = 4;
const UNITS: usize = 8;
/// Units of work that may wait for a connection; the next one is refused.
const MAX_WAITING: usize = 1024;

/// The connections of one process to one database.
#[derive(Debug)]
pub(crate) struct Pool {
    config: Config,
    tasks: TaskTracker,
    readers: Vec<tokio::sync::Mutex<Option<Arc<Pg>>>>,
    next_reader: AtomicUsize,
    idle: Mutex<Vec<Arc<Pg>>>,
    units: Semaphore,
    waiting: Semaphore,
}

impl Pool {
    pub(crate) fn new(config: Config, tasks: TaskTracker) -> Self {
        Self {
            config,
            tasks,
            readers: (0..READERS)
                .map(|_| tokio::sync::Mutex::default())
                .collect(),
            next_reader: AtomicUsize::new(0),
            idle: Mutex::default(),
            units: Semaphore::new(UNITS),
            waiting: Semaphore::new(MAX_WAITING),
        }
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    pub(crate) async fn connect(&self, purpose: Purpose) -> Result<Arc<Pg>> {
        Ok(Arc::new(
            Pg::connect(&self.config, purpose, &self.tasks).await?,
        ))
    }

    /// Returns a connection that others read through at the same time.
    pub(crate) async fn reader(&self) -> Result<Arc<Pg>> {
        let turn = self.next_reader.fetch_add(1, Ordering::Relaxed);
        let mut slot = self.readers[turn % READERS].lock().await;
        if let Some(pg) = slot.as_ref().filter(|pg| !pg.is_closed()) {
            return Ok(Arc::clone(pg));
        }
        let pg = self.connect(Purpose::Read).await?;
        *slot = Some(Arc::clone(&pg));
        Ok(pg)
    }

    /// Lends a connection to one unit of work. It comes back only when the work says that no
    /// transaction is left open; otherwise it is closed, and Postgres rolls back.
    pub(crate) async fn with_own<T>(
        &self,
        work: impl AsyncFnOnce(Arc<Pg>) -> (bool, Result<T>),
    ) -> Result<T> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
        let closed = |_| Error::Unavailable("the pool is closed".into());
        let _unit = self.units.acquire().await.map_err(closed)?;
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let pg = match idle.filter(|pg| !pg.is_closed()) {
            Some(pg) => pg,
            None => self.connect(Purpose::Write).await?,
        };
        let (is_clean, result) = work(Arc::clone(&pg)).await;
        if is_clean && !pg.is_closed() {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(pg);
        }
        result
    }
}
