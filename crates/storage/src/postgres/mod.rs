//! The engine for scale: Postgres, with a few pipelined connections.

mod pool;
mod writer;

pub(crate) use pool::Pool;
pub(crate) use writer::Writers;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{try_join, try_join_all};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement};
use tokio_util::task::TaskTracker;

use crate::error::{Error, Result};
use crate::sql;
use crate::value::{Row, Value};

/// More statements than the code has, so that only a mistake ever empties the cache.
const MAX_STATEMENTS: usize = 500;

/// What every connection is told when it opens. Every statement reaches its rows by an index, and
/// a plan made while a table was empty must not be a scan that stays. Joins are made in the order in
/// which they are written: of tables that it takes for empty, the planner may join all rows of a
/// tenant before it looks at the few that are asked for. No statement runs for so long that it is
/// worth compiling.
const SESSION: &str = "SET application_name = 'switchboard'; SET synchronous_commit = on; \
     SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET enable_seqscan = off; SET join_collapse_limit = 1; SET jit = off; \
     SET max_parallel_workers_per_gather = 0";

/// What connections that read are told besides.
const READER_SESSION: &str = "SET default_transaction_read_only = on";

/// What connections that write are told besides: their statements join a few values with a table,
/// which is a loop over the values.
const WRITER_SESSION: &str = "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; \
     SET enable_mergejoin = off";

/// One Postgres connection and the statements it knows.
#[derive(Debug)]
pub(crate) struct Pg {
    client: Client,
    statements: Mutex<HashMap<Box<str>, Prepared>>,
    kept: Mutex<Vec<&'static str>>,
    growth: Arc<Growth>,
    /// How many writes there were when the last plan was first made, and how many there will be when
    /// all are made anew.
    plans_made_at: AtomicU64,
    plans_expire_at: AtomicU64,
}

/// A statement as Postgres knows it.
#[derive(Clone, Debug)]
struct Prepared {
    statement: Statement,
    /// How many columns its values have, where they are a list of rows.
    columns: Option<usize>,
}

/// How many writes this process has done, as a measure of how the tables have grown.
#[derive(Debug, Default)]
pub(crate) struct Growth(AtomicU64);

impl Growth {
    pub(crate) fn add(&self, writes: usize) {
        self.0.fetch_add(writes as u64, Ordering::Relaxed);
    }
}

/// Plans made in a smaller world than this are not yet worth making again.
const SMALL_WORLD: u64 = 512;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
}

impl Pg {
    pub(crate) async fn connect(
        config: &Config,
        purpose: Purpose,
        tasks: &TaskTracker,
        growth: Arc<Growth>,
    ) -> Result<Self> {
        let (client, connection) = config.connect(NoTls).await?;
        tasks.spawn(async move {
            if let Err(error) = connection.await.map_err(Error::from) {
                tracing::warn!(error = %error, "a connection to Postgres ended");
            }
        });
        let besides = match purpose {
            Purpose::Read => READER_SESSION,
            Purpose::Write => WRITER_SESSION,
        };
        client
            .batch_execute(&format!("{SESSION}; {besides}"))
            .await?;
        Ok(Self {
            client,
            statements: Mutex::default(),
            kept: Mutex::default(),
            growth,
            plans_made_at: AtomicU64::new(0),
            plans_expire_at: AtomicU64::new(SMALL_WORLD),
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    async fn prepared(&self, sql: &str) -> Result<Prepared> {
        let known = || {
            self.statements
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(statement) = known().get(sql) {
            return Ok(statement.clone());
        }
        // A transaction that failed prepares nothing before it is rolled back.
        self.first().await?;
        let (own, columns) = sql::for_postgres(sql);
        let statement = self.client.prepare(&own).await?;
        // Its table may be as small as any, however many rows the others have.
        let writes = self.growth.0.load(Ordering::Relaxed);
        self.plans_made_at.store(writes, Ordering::Relaxed);
        self.plans_expire_at
            .fetch_min(writes.saturating_add(SMALL_WORLD), Ordering::Relaxed);
        let prepared = Prepared { statement, columns };
        let mut statements = known();
        if statements.len() >= MAX_STATEMENTS {
            statements.clear();
        }
        statements.insert(sql.into(), prepared.clone());
        Ok(prepared)
    }

    /// Drops the plans whenever the writes since the last new one have doubled. One made for a handful
    /// of rows may take any index for as good as another; Postgres itself would keep it until its next
    /// autoanalyze, and an import into an empty database would read all rows for each row by then.
    async fn renew_plans(&self) -> Result<()> {
        let writes = self.growth.0.load(Ordering::Relaxed);
        if writes < self.plans_expire_at.load(Ordering::Relaxed) {
            return Ok(());
        }
        let since = writes.saturating_sub(self.plans_made_at.load(Ordering::Relaxed));
        self.plans_expire_at.store(
            writes.saturating_add(since.max(SMALL_WORLD)),
            Ordering::Relaxed,
        );
        self.batch("DISCARD PLANS").await
    }

    pub(crate) async fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        self.renew_plans().await?;
        let prepared = self.prepared(sql).await?;
        let rows = self.answer(&prepared, values);
        let ((), rows) = try_join(self.first(), rows).await?;
        rows.iter().map(Row::from_postgres).collect()
    }

    pub(crate) async fn query_all(&self, all: &[sql::Statement]) -> Result<Vec<Vec<Row>>> {
        self.renew_plans().await?;
        let mut statements = Vec::with_capacity(all.len());
        for (sql, values) in all {
            statements.push((self.prepared(sql).await?, values));
        }
        let answers = statements
            .iter()
            .map(|(prepared, values)| self.answer(prepared, values));
        let ((), answers) = try_join(self.first(), try_join_all(answers)).await?;
        let rows = |answer: &Vec<_>| answer.iter().map(Row::from_postgres).collect();
        answers.iter().map(rows).collect()
    }

    pub(crate) async fn execute(&self, sql: &str, values: &[Value]) -> Result<u64> {
        self.renew_plans().await?;
        let prepared = self.prepared(sql).await?;
        let lists = prepared.lists(values);
        let params = params(&lists, values);
        let touched = async { Ok(self.client.execute(&prepared.statement, &params).await?) };
        let ((), touched) = try_join(self.first(), touched).await?;
        Ok(touched)
    }

    async fn answer(
        &self,
        prepared: &Prepared,
        values: &[Value],
    ) -> Result<Vec<tokio_postgres::Row>> {
        let lists = prepared.lists(values);
        let params = params(&lists, values);
        Ok(self.client.query(&prepared.statement, &params).await?)
    }

    pub(crate) async fn batch(&self, sql: &str) -> Result<()> {
        let batch = async { Ok(self.client.batch_execute(sql).await?) };
        try_join(self.first(), batch).await.map(drop)
    }

    /// Keeps a statement until the next one is sent: one trip for both.
    pub(crate) fn batch_with_next(&self, sql: &'static str) {
        self.kept().push(sql);
    }

    /// Runs what was kept.
    async fn first(&self) -> Result<()> {
        let kept = std::mem::take(&mut *self.kept());
        if kept.is_empty() {
            return Ok(());
        }
        Ok(self.client.batch_execute(&kept.join(";")).await?)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Prepared {
    /// Returns the columns of a list of rows, without the rows of nulls that fill it up; none where
    /// the values are no such list.
    fn lists<'v>(&self, values: &'v [Value]) -> Vec<Vec<&'v Value>> {
        let Some(columns) = self.columns else {
            return Vec::new();
        };
        let is_row = |row: &&[Value]| row.first() != Some(&Value::Null);
        let rows = values.chunks_exact(columns).take_while(is_row);
        let rows = rows.collect::<Vec<_>>();
        let column = |it: usize| rows.iter().map(|row| &row[it]).collect();
        (0..columns).map(column).collect()
    }
}

/// Returns what is bound: the lists, or the values where there are none.
fn params<'v>(lists: &'v [Vec<&'v Value>], values: &'v [Value]) -> Vec<&'v (dyn ToSql + Sync)> {
    if lists.is_empty() {
        values.iter().map(|it| it as _).collect()
    } else {
        lists.iter().map(|it| it as _).collect()
    }
}
