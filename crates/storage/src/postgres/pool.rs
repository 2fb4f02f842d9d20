//! Connections: shared ones that read, and one each for units of work that write.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_postgres::Config;
use tokio_util::task::TaskTracker;

use super::{Growth, Pg, Purpose};
use crate::error::{Error, Result};
use crate::value::{Row, Value};

const READERS: usize = 4;
const UNITS: usize = 8;
/// Units of work that may wait for a connection; the next one is refused.
const MAX_WAITING: usize = 1024;

/// How long a Postgres that does not answer is waited for, where the URL does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);

/// The connections of one process to one database.
#[derive(Debug)]
pub(crate) struct Pool {
    config: Config,
    connections: TaskTracker,
    growth: Arc<Growth>,
    readers: Vec<tokio::sync::Mutex<Option<Arc<Pg>>>>,
    next_reader: AtomicUsize,
    idle: Mutex<Vec<Arc<Pg>>>,
    units: Semaphore,
    waiting: Semaphore,
}

impl Pool {
    pub(crate) fn new(mut config: Config) -> Self {
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE_TIMEOUT);
        }
        Self {
            config,
            connections: TaskTracker::new(),
            growth: Arc::default(),
            readers: (0..READERS)
                .map(|_| tokio::sync::Mutex::default())
                .collect(),
            next_reader: AtomicUsize::new(0),
            idle: Mutex::default(),
            units: Semaphore::new(UNITS),
            waiting: Semaphore::new(MAX_WAITING),
        }
    }

    pub(crate) async fn connect(&self, purpose: Purpose) -> Result<Arc<Pg>> {
        let growth = Arc::clone(&self.growth);
        let pg = Pg::connect(&self.config, purpose, &self.connections, growth).await?;
        Ok(Arc::new(pg))
    }

    pub(crate) fn growth(&self) -> &Growth {
        &self.growth
    }

    /// Runs a statement that reads, on a connection that others read through at the same time.
    pub(crate) async fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let turn = self.next_reader.fetch_add(1, Ordering::Relaxed);
        let pg = self.reader(turn, None).await?;
        match pg.query(sql, values).await {
            // It may have died long ago, unnoticed; and a read can always be asked again.
            Err(error) if pg.is_closed() || error.is_dead_connection() => {
                let fresh = self.reader(turn, Some(&pg)).await?;
                fresh.query(sql, values).await
            }
            answer => answer,
        }
    }

    async fn reader(&self, turn: usize, dead: Option<&Arc<Pg>>) -> Result<Arc<Pg>> {
        let mut slot = self.readers[turn % READERS].lock().await;
        let is_dead = |pg: &Arc<Pg>| dead.is_some_and(|dead| Arc::ptr_eq(dead, pg));
        if let Some(pg) = slot.as_ref().filter(|pg| !pg.is_closed() && !is_dead(pg)) {
            return Ok(Arc::clone(pg));
        }
        let pg = self.connect(Purpose::Read).await?;
        *slot = Some(Arc::clone(&pg));
        Ok(pg)
    }

    /// Begins a transaction on `known`, or on a fresh connection where that one is dead.
    pub(crate) async fn begin(&self, known: Option<Arc<Pg>>) -> Result<Arc<Pg>> {
        if let Some(pg) = known.filter(|pg| !pg.is_closed())
            && pg.batch("BEGIN").await.is_ok()
        {
            return Ok(pg);
        }
        let pg = self.connect(Purpose::Write).await?;
        pg.batch("BEGIN").await?;
        Ok(pg)
    }

    /// Lends a connection in a transaction to one unit of work. It comes back only when the work
    /// says that no transaction is left open; otherwise it is closed, and Postgres rolls back.
    pub(crate) async fn with_own<T>(
        &self,
        work: impl AsyncFnOnce(Arc<Pg>) -> (bool, Result<T>),
    ) -> Result<T> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
        let closed = |_| Error::Unavailable("the pool is closed".into());
        let _unit = self.units.acquire().await.map_err(closed)?;
        let idle = self.idle().pop();
        let pg = self.begin(idle).await?;
        let (is_clean, result) = work(Arc::clone(&pg)).await;
        if is_clean && !pg.is_closed() {
            self.idle().push(pg);
        }
        result
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Pg>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
