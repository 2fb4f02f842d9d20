//! One transaction, on either engine, with one SQL text.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::lite::Lite;
use crate::postgres::{Pg, Pool};
use crate::sql::Statement;
use crate::value::{Row, Value};

/// What a unit of work holds while it runs: a connection of one engine or the other.
///
/// On SQLite its futures are ready at the first poll, so that the writer thread can finish a unit
/// of work without a runtime.
#[derive(Debug)]
pub(crate) enum Tx {
    /// SQLite: this connection alone.
    Lite(Lite),
    /// Postgres: a connection in a transaction.
    Pg(Arc<Pg>),
    /// Postgres, for reads: every statement goes through a connection that others share.
    PgReads(Arc<Pool>),
}

/// A unit of work: run at least once, and again from the start when the engine asks for it.
pub(crate) type Work<T> = Arc<dyn Fn(&mut Tx) -> BoxFuture<'_, Result<T>> + Send + Sync>;

impl Tx {
    /// Runs a statement and returns its rows.
    pub(crate) async fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        tracing::trace!(target: "storage::sql", sql);
        match self {
            Self::Lite(lite) => lite.query(sql, values),
            Self::Pg(pg) => pg.query(sql, values).await,
            Self::PgReads(pool) => pool.query(sql, values).await,
        }
    }

    /// Runs a statement and returns its first row.
    pub(crate) async fn first(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, values).await?.into_iter().next())
    }

    /// Runs a statement and returns how many rows it touched.
    pub(crate) async fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        tracing::trace!(target: "storage::sql", sql);
        match self {
            Self::Lite(lite) => lite.execute(sql, values),
            Self::Pg(pg) => pg.execute(sql, values).await,
            Self::PgReads(_) => Err(read_only()),
        }
    }

    /// Runs statements one after the other and returns the rows of each; on Postgres without
    /// waiting for one before the next is sent.
    pub(crate) async fn query_all(&mut self, statements: &[Statement]) -> Result<Vec<Vec<Row>>> {
        if let Self::Pg(pg) = self {
            for (sql, _) in statements {
                tracing::trace!(target: "storage::sql", sql);
            }
            return pg.query_all(statements).await;
        }
        let mut answers = Vec::with_capacity(statements.len());
        for (sql, values) in statements {
            answers.push(self.query(sql, values).await?);
        }
        Ok(answers)
    }

    /// Runs a statement without values together with the next one; what goes wrong shows there.
    pub(crate) async fn batch_with_next(&mut self, sql: &'static str) -> Result<()> {
        match self {
            Self::Pg(pg) => {
                pg.batch_with_next(sql);
                Ok(())
            }
            Self::Lite(_) | Self::PgReads(_) => self.batch(sql).await,
        }
    }

    /// Runs statements without values, such as `BEGIN`.
    pub(crate) async fn batch(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Lite(lite) => lite.batch(sql),
            Self::Pg(pg) => pg.batch(sql).await,
            Self::PgReads(_) => Err(read_only()),
        }
    }

    /// Undoes all that was done, and begins a transaction in its place.
    pub(crate) async fn begin_anew(&mut self) -> Result<()> {
        self.batch("ROLLBACK").await?;
        self.begin().await
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        let begin = match self {
            Self::Lite(_) => "BEGIN IMMEDIATE",
            Self::Pg(_) | Self::PgReads(_) => "BEGIN",
        };
        self.batch(begin).await
    }

    /// Returns what a `SELECT` ends with whose rows nobody else may change until the commit;
    /// SQLite has one writer.
    pub(crate) fn for_update(&self) -> &'static str {
        match self {
            Self::Lite(_) => "",
            Self::Pg(_) | Self::PgReads(_) => " FOR NO KEY UPDATE",
        }
    }

    /// Returns what a `SELECT` ends with whose rows nobody else may change or refer to anew.
    pub(crate) fn for_removal(&self) -> &'static str {
        match self {
            Self::Lite(_) => "",
            Self::Pg(_) | Self::PgReads(_) => " FOR UPDATE",
        }
    }

    /// Returns what a `SELECT` ends with whose rows must be there until the commit; a read holds
    /// nothing.
    pub(crate) fn for_reference(&self) -> &'static str {
        match self {
            Self::Lite(_) | Self::PgReads(_) => "",
            Self::Pg(_) => " FOR KEY SHARE",
        }
    }
}

/// Returns the pairs of numbers of which an index has something, and when the first of it is due, if
/// it has a time. Jumps from pair to pair, so that a long queue costs no more than a short one: the
/// statement finds the first row of the first pair after two numbers, as pair and time.
pub(crate) async fn first_of_each_pair(
    tx: &mut Tx,
    sql: &str,
) -> Result<Vec<(i64, i64, Option<Timestamp>)>> {
    let (mut found, mut last) = (Vec::new(), (0, 0));
    while let Some(mut row) = tx.first(sql, &[last.0.into(), last.1.into()]).await? {
        last = (row.int()?, row.int()?);
        found.push((last.0, last.1, row.opt_time()?));
    }
    Ok(found)
}

fn read_only() -> Error {
    Error::Refused("a read may not write".into())
}

/// Boxes a unit of work; only says the type that closures need to be told.
pub(crate) fn work<T>(
    unit: impl Fn(&mut Tx) -> BoxFuture<'_, Result<T>> + Send + Sync + 'static,
) -> Work<T> {
    Arc::new(unit)
}
