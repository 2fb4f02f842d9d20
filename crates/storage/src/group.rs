//! Group commit: many requests, one transaction, one flush.
//!
//! Hot writes come as batches of one kind and become multi-row statements; everything else is a
//! unit of work of its own. Each batch and each unit can be undone alone. A batch that fails is
//! rolled back and replayed row by row, so that a bad row fails alone. Nobody is answered before the
//! commit, and a failed commit is everybody's failure.

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::contacts::WriteContacts;
use crate::error::{Error, Result};
use crate::inbound::KeepEvents;
use crate::messages::{ClaimSends, RecordOutcomes};
use crate::tx::{Tx, Work};

/// The most writes that share a commit.
pub(crate) const MAX_GROUP: usize = 512;

/// How often something is tried that loses to other writers.
pub(crate) const ATTEMPTS: usize = 5;

/// A kind of write that comes often enough to be written many at a time.
pub(crate) trait Batch: 'static {
    /// What one caller wants written.
    type Row: Send + Sync + std::fmt::Debug;
    /// What that caller hears.
    type Out: Send + std::fmt::Debug;

    /// Writes all rows and answers in their order; an error undoes all of them.
    fn run<'t>(tx: &'t mut Tx, rows: &'t [&'t Self::Row]) -> BoxFuture<'t, Result<Vec<Self::Out>>>;

    /// Wraps one row for the queue.
    fn write(item: Item<Self>) -> Write
    where
        Self: Sized;
}

/// One caller's row, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Item<B: Batch> {
    pub(crate) row: B::Row,
    pub(crate) reply: oneshot::Sender<Result<B::Out>>,
}

/// Something that waits to be written.
#[derive(Debug)]
pub(crate) enum Write {
    Contact(Item<WriteContacts>),
    Claim(Item<ClaimSends>),
    Outcome(Item<RecordOutcomes>),
    Events(Item<KeepEvents>),
    Unit(Box<dyn Unit>),
    /// The last write there will be.
    Stop,
}

/// An answer that waits for the commit.
type Answer = Box<dyn FnOnce(Result<()>) + Send>;

/// A unit of work whose result type is forgotten.
pub(crate) trait Unit: Send + std::fmt::Debug {
    /// Runs it; the flag says whether its changes are to stay.
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, (bool, Answer)>;
}

/// A unit of work, and where its answer goes.
pub(crate) struct WorkUnit<T> {
    pub(crate) work: Work<T>,
    pub(crate) reply: oneshot::Sender<Result<T>>,
}

impl<T> std::fmt::Debug for WorkUnit<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WorkUnit")
    }
}

impl<T: Send + 'static> Unit for WorkUnit<T> {
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, (bool, Answer)> {
        Box::pin(async move {
            let result = (self.work)(tx).await;
            (result.is_ok(), answer(self.reply, result))
        })
    }
}

/// A caller that went away is not an error: what it asked for is done all the same.
fn answer<T: Send + 'static>(reply: oneshot::Sender<Result<T>>, result: Result<T>) -> Answer {
    Box::new(move |commit| drop(reply.send(commit.and(result))))
}

/// Writes all of `writes` in the transaction that was begun, commits it, and then answers.
pub(crate) async fn commit(tx: &mut Tx, writes: Vec<Write>) {
    let mut answers = Vec::with_capacity(writes.len());
    let done = match run_all(tx, writes, &mut answers).await {
        Ok(()) => tx.batch("COMMIT").await,
        Err(error) => Err(error),
    };
    if let Err(error) = &done {
        tracing::error!(error = %error, "a group of writes failed");
        tx.batch("ROLLBACK").await.unwrap_or_default();
    }
    // Whoever has no answer yet finds the reply dropped, which is one: see `Database::write`.
    for answer in answers {
        answer(
            done.clone()
                .map_err(|error| Error::Unavailable(error.to_string())),
        );
    }
}

async fn run_all(tx: &mut Tx, writes: Vec<Write>, answers: &mut Vec<Answer>) -> Result<()> {
    let (mut contacts, mut claims, mut outcomes) = (vec![], vec![], vec![]);
    let (mut events, mut units) = (vec![], vec![]);
    for write in writes {
        match write {
            Write::Contact(item) => contacts.push(item),
            Write::Claim(item) => claims.push(item),
            Write::Outcome(item) => outcomes.push(item),
            Write::Events(item) => events.push(item),
            Write::Unit(unit) => units.push(unit),
            Write::Stop => {}
        }
    }
    let mut part = Part::First;
    // Contacts come last: the count of a tenant's contacts is a row that all its writers share, and
    // it is held until the commit.
    run_batch(tx, events, (&mut part, answers)).await?;
    run_batch(tx, outcomes, (&mut part, answers)).await?;
    run_batch(tx, claims, (&mut part, answers)).await?;
    run_batch(tx, contacts, (&mut part, answers)).await?;
    for unit in units {
        part.begin(tx).await?;
        let (is_kept, answer) = unit.run(tx).await;
        part.end(tx, is_kept).await?;
        answers.push(answer);
    }
    Ok(())
}

async fn run_batch<B: Batch>(
    tx: &mut Tx,
    items: Vec<Item<B>>,
    (part, answers): (&mut Part, &mut Vec<Answer>),
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let rows: Vec<&B::Row> = items.iter().map(|item| &item.row).collect();
    let together = run_part::<B>(tx, &rows, (part, answers)).await?;
    let is_alone = rows.len() == 1;
    match together {
        Ok(outs) => {
            for (item, out) in items.into_iter().zip(outs) {
                answers.push(answer(item.reply, Ok(out)));
            }
        }
        Err(error) if is_alone => {
            for item in items {
                answers.push(answer(item.reply, Err(error.clone())));
            }
        }
        Err(error) => {
            tracing::debug!(error = %error, "a batch failed; writing its rows one by one");
            for item in items {
                let alone = run_part::<B>(tx, &[&item.row], (part, answers)).await?;
                let first = |outs: Vec<B::Out>| outs.into_iter().next();
                let missing = || Error::Corrupt("a batch gave no answer for a row".into());
                let out = alone.and_then(|outs| first(outs).ok_or_else(missing));
                answers.push(answer(item.reply, out));
            }
        }
    }
    Ok(())
}

/// The outer error is the transaction's, the inner one the batch's own.
async fn run_part<B: Batch>(
    tx: &mut Tx,
    rows: &[&B::Row],
    (part, answers): (&mut Part, &mut Vec<Answer>),
) -> Result<Result<Vec<B::Out>>> {
    let mut attempt = 1;
    loop {
        part.begin(tx).await?;
        let outs = B::run(tx, rows).await;
        part.end(tx, outs.is_ok()).await?;
        match outs {
            Err(error) if error.is_lost_race() && attempt < ATTEMPTS => {
                part.let_go(tx, answers).await?;
                attempt += 1;
            }
            outs => return Ok(outs),
        }
    }
}

/// A part of the transaction, which is undone alone if it fails.
enum Part {
    /// Nothing was written before it: it needs no savepoint, for all there is can be undone.
    First,
    Later,
}

impl Part {
    async fn begin(&self, tx: &mut Tx) -> Result<()> {
        match self {
            Self::First => Ok(()),
            Self::Later => tx.batch_with_next("SAVEPOINT unit").await,
        }
    }

    /// Commits what was written before and answers it, so that a part which lost to another writer
    /// holds nothing that the other one waits for when it tries again: it would lose each time.
    async fn let_go(&mut self, tx: &mut Tx, answers: &mut Vec<Answer>) -> Result<()> {
        if matches!(self, Self::First) {
            return Ok(());
        }
        tx.batch("COMMIT").await?;
        *self = Self::First;
        for answer in answers.drain(..) {
            answer(Ok(()));
        }
        tx.begin().await
    }

    async fn end(&mut self, tx: &mut Tx, is_kept: bool) -> Result<()> {
        match (&self, is_kept) {
            (Self::First, true) => {
                *self = Self::Later;
                Ok(())
            }
            (Self::First, false) => tx.begin_anew().await,
            (Self::Later, true) => tx.batch_with_next("RELEASE unit").await,
            (Self::Later, false) => tx.batch_with_next("ROLLBACK TO unit; RELEASE unit").await,
        }
    }
}
