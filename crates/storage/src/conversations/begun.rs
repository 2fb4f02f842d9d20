//! How many conversations begin in a month: kept, and limited by the tenant's plan.
//!
//! The count is a row that all writers of a tenant share, so whoever begins conversations holds it
//! from there to the commit.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::error::Result;
use crate::sql::{self, Statement};
use crate::store::Store;
use crate::tenants;
use crate::tx::Tx;
use crate::value::{Row, Value};

/// A conversation that began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    pub(crate) tenant: i64,
    pub(crate) conversation: i64,
    pub(crate) at: Timestamp,
}

/// Returns the name of the count of a month.
fn month_of(at: Timestamp) -> String {
    let month = at.to_zoned(TimeZone::UTC);
    format!("conversations {}", month.strftime("%Y-%m"))
}

fn by_month(begun: impl IntoIterator<Item = Begun>) -> BTreeMap<(i64, String), Vec<i64>> {
    let mut months: BTreeMap<(i64, String), Vec<i64>> = BTreeMap::new();
    for it in begun {
        let month = months.entry((it.tenant, month_of(it.at))).or_default();
        month.push(it.conversation);
    }
    months
}

/// Counts conversations that may begin whatever the plan says.
pub(crate) async fn count(tx: &mut Tx, begun: impl IntoIterator<Item = Begun>) -> Result<()> {
    tx.query_all(&counting(begun)).await?;
    Ok(())
}

/// Returns the statements that count conversations which may begin whatever the plan says.
pub(crate) fn counting(begun: impl IntoIterator<Item = Begun>) -> Vec<Statement> {
    let months = by_month(begun).into_iter();
    months
        .map(|((tenant, month), begun)| taking((tenant, &month), (begun.len(), i64::MAX)))
        .collect()
}

/// How many conversations the plans of tenants let begin in a month, of those that say so.
pub(crate) struct Limits(HashMap<i64, i64>);

impl Limits {
    const COLUMNS: [(&str, &str); 1] = [("v_tenant_id", "BIGINT")];

    /// Returns the statement that reads the limits of tenants, at most [`sql::MAX_ROWS`].
    pub(crate) fn asking(tenants: &[i64]) -> Statement {
        let mut values: Vec<Value> = tenants.iter().copied().map(Value::from).collect();
        let with = sql::with_values(&Self::COLUMNS, &mut values);
        // global: the tenants themselves.
        let sql = format!("{with} SELECT t.id, t.plan FROM v JOIN tenants t ON t.id = v_tenant_id");
        (sql, values)
    }

    pub(crate) fn read(rows: impl IntoIterator<Item = Row>) -> Result<Self> {
        let mut limits = HashMap::new();
        for mut row in rows {
            let tenant = row.int()?;
            let plan = tenants::read_plan(row.opt_text()?.as_deref())?;
            if let Some(maximum) = plan.conversation_limit {
                limits.insert(tenant, maximum);
            }
        }
        Ok(Self(limits))
    }

    /// Whether the plan of a tenant says how many may begin.
    pub(crate) fn concern(&self, tenant: i64) -> bool {
        self.0.contains_key(&tenant)
    }
}

/// Counts conversations as far as the plans of their tenants allow. Those beyond, the last ones, are
/// deleted; returns with each how many there are and how many there may be.
pub(crate) async fn limit(
    tx: &mut Tx,
    begun: impl IntoIterator<Item = Begun>,
    limits: &Limits,
) -> Result<HashMap<i64, (i64, i64)>> {
    let mut beyond = HashMap::new();
    for ((tenant, month), conversations) in by_month(begun) {
        let maximum = limits.0.get(&tenant).copied().unwrap_or(i64::MAX);
        let mut granted = conversations.len();
        while !take(tx, (tenant, &month), (granted, maximum)).await? {
            let current = value(tx, tenant, &month).await?;
            let room = usize::try_from(maximum.saturating_sub(current)).unwrap_or(0);
            // Another writer may have taken some since; ever fewer are asked for.
            granted = room.min(granted.saturating_sub(1));
        }
        let others = &conversations[granted..];
        if !others.is_empty() {
            let current = value(tx, tenant, &month).await?;
            beyond.extend(others.iter().map(|id| (*id, (current, maximum))));
            unmake(tx, tenant, others).await?;
        }
    }
    Ok(beyond)
}

/// Adds to a count, unless that makes it more than it may be.
async fn take(tx: &mut Tx, month: (i64, &str), (wanted, maximum): (usize, i64)) -> Result<bool> {
    if wanted == 0 {
        return Ok(true);
    }
    let (sql, values) = taking(month, (wanted, maximum));
    Ok(tx.execute(&sql, &values).await? == 1)
}

fn taking((tenant, month): (i64, &str), (wanted, maximum): (usize, i64)) -> Statement {
    let sql = "INSERT INTO counters (tenant_id, name, value) \
         SELECT CAST(?1 AS BIGINT), CAST(?2 AS TEXT), CAST(?3 AS BIGINT) \
         WHERE CAST(?3 AS BIGINT) <= CAST(?4 AS BIGINT) \
         ON CONFLICT (tenant_id, name) DO UPDATE SET value = counters.value + excluded.value \
         WHERE counters.value + excluded.value <= CAST(?4 AS BIGINT)";
    let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
    let values = vec![tenant.into(), month.into(), wanted.into(), maximum.into()];
    (sql.to_owned(), values)
}

async fn value(tx: &mut Tx, tenant: i64, month: &str) -> Result<i64> {
    let sql = "SELECT value FROM counters WHERE tenant_id = ?1 AND name = ?2";
    let row: Option<Row> = tx.first(sql, &[tenant.into(), month.into()]).await?;
    row.map_or(Ok(0), |mut row| row.int())
}

/// Deletes conversations that were made in this transaction.
async fn unmake(tx: &mut Tx, tenant: i64, conversations: &[i64]) -> Result<()> {
    for chunk in conversations.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = vec![tenant.into()];
        let list = sql::list_of(chunk.iter().map(|id| (*id).into()), &mut values);
        let sql = format!("DELETE FROM conversations WHERE tenant_id = ?1 AND id IN {list}");
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

impl Store {
    /// Returns how many conversations began in the month of an instant. One that is deleted, or
    /// merged into another, began all the same.
    pub async fn conversations_begun(&self, at: Timestamp) -> Result<i64> {
        let (tenant, month) = (self.tenant.get(), month_of(at));
        self.database
            .read(|tx| Box::pin(async move { value(tx, tenant, &month).await }))
            .await
    }
}
