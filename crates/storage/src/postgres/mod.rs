//! The engine for scale: Postgres, with a few pipelined connections.

mod pool;
mod writer;

pub(crate) use pool::Pool;
pub(crate) use writer::Writers;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio_postgres::{Client, Config, NoTls, Statement};
use tokio_util::task::TaskTracker;

use crate::error::{Error, Result};
use crate::sql;
use crate::value::{Row, Value};

/// More statements than the code has, so that only a mistake ever empties the cache.
const MAX_STATEMENTS: usize = 500;

/// What every connection is told when it opens. Every statement reaches its rows by an index, and
/// a plan made while a table was empty must not be a scan that stays.
const SESSION: &str = "SET application_name = 'switchboard'; SET synchronous_commit = on; \
     SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET enable_seqscan = off";

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
    statements: Mutex<HashMap<Box<str>, Statement>>,
}

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
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    async fn prepared(&self, sql: &str) -> Result<Statement> {
        let known = || {
            self.statements
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(statement) = known().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&sql::for_postgres(sql)).await?;
        let mut statements = known();
        if statements.len() >= MAX_STATEMENTS {
            statements.clear();
        }
        statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    pub(crate) async fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let statement = self.prepared(sql).await?;
        let rows = self.client.query(&statement, &as_params(values)).await?;
        rows.iter().map(Row::from_postgres).collect()
    }

    pub(crate) async fn execute(&self, sql: &str, values: &[Value]) -> Result<u64> {
        let statement = self.prepared(sql).await?;
        Ok(self.client.execute(&statement, &as_params(values)).await?)
    }

    pub(crate) async fn batch(&self, sql: &str) -> Result<()> {
        Ok(self.client.batch_execute(sql).await?)
    }
}

fn as_params(values: &[Value]) -> Vec<&(dyn tokio_postgres::types::ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}
