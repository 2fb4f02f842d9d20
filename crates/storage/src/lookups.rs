//! Looking up on Postgres what each request asks for, many at a time.
//!
//! A look-up costs Postgres more in messages and snapshots than in reading. Those that wait while
//! one is under way go together, in the statements that writes use.

use std::collections::HashMap;
use std::sync::Arc;

use domain::MatchKey;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::error::{Error, Result};
use crate::postgres::{Pg, Pool, Purpose};
use crate::tx::Tx;

/// Two, so that one statement is read while the other is answered.
const READERS: usize = 2;
const QUEUE: usize = 4096;
/// The most look-ups one statement answers.
const MAX_TOGETHER: usize = 128;

/// What was found, by tenant and key.
pub(crate) type ByKey<T> = HashMap<(i64, String), T>;

/// What a thing of a tenant is looked up by.
pub(crate) trait Key: Ord + Send + Sync + 'static {
    fn as_str(&self) -> &str;
}

impl Key for MatchKey {
    fn as_str(&self) -> &str {
        self.as_str()
    }
}

/// A kind of thing that is looked up.
pub(crate) trait Found: Clone + Send + 'static {
    type Key: Key;

    /// Returns what there is for these keys.
    fn by_keys(
        tx: &mut Tx,
        keys: &[(i64, &Self::Key)],
    ) -> impl Future<Output = Result<ByKey<Self>>> + Send;
}

/// One look-up, and where its answer goes.
struct Lookup<T: Found> {
    tenant: i64,
    key: T::Key,
    reply: oneshot::Sender<Result<Option<T>>>,
}

/// The way to the tasks that look up.
#[derive(Debug)]
pub(crate) struct Lookups<T: Found>(mpsc::Sender<Lookup<T>>);

impl<T: Found> Lookups<T> {
    pub(crate) fn start(pool: &Arc<Pool>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        let tasks = TaskTracker::new();
        for _ in 0..READERS {
            // They end when the way to them does.
            tasks.spawn(run::<T>(Arc::clone(pool), Arc::clone(&waiting)));
        }
        Self(queue)
    }

    /// Returns what there is for a key.
    pub(crate) async fn find(&self, tenant: i64, key: T::Key) -> Result<Option<T>> {
        let (reply, answer) = oneshot::channel();
        self.0
            .try_send(Lookup { tenant, key, reply })
            .map_err(|_| Error::Busy)?;
        let lost = || Error::Unavailable("a look-up was abandoned; it may be tried again".into());
        answer.await.unwrap_or_else(|_| Err(lost()))
    }
}

async fn run<T: Found>(pool: Arc<Pool>, waiting: Arc<Mutex<mpsc::Receiver<Lookup<T>>>>) {
    let mut connection: Option<Arc<Pg>> = None;
    loop {
        let mut lookups = Vec::with_capacity(MAX_TOGETHER);
        if waiting
            .lock()
            .await
            .recv_many(&mut lookups, MAX_TOGETHER)
            .await
            == 0
        {
            return;
        }
        let mut keys: Vec<_> = lookups.iter().map(|it| (it.tenant, &it.key)).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut found = look_up::<T>(&pool, &mut connection, &keys).await;
        if connection.as_ref().is_some_and(|pg| pg.is_closed()) {
            // It may have died long ago, unnoticed; and a read can always be asked again.
            found = look_up(&pool, &mut connection, &keys).await;
        }
        for lookup in lookups {
            let answer = match &found {
                Ok(found) => Ok(found
                    .get(&(lookup.tenant, lookup.key.as_str().into()))
                    .cloned()),
                Err(error) => Err(error.clone()),
            };
            // Whoever asked may be gone.
            drop(lookup.reply.send(answer));
        }
    }
}

async fn look_up<T: Found>(
    pool: &Pool,
    connection: &mut Option<Arc<Pg>>,
    keys: &[(i64, &T::Key)],
) -> Result<ByKey<T>> {
    let pg = match connection.take().filter(|pg| !pg.is_closed()) {
        Some(pg) => pg,
        // As for writes: the statement is theirs, and so are its plans.
        None => pool.connect(Purpose::Write).await?,
    };
    *connection = Some(Arc::clone(&pg));
    T::by_keys(&mut Tx::Pg(pg), keys).await
}
