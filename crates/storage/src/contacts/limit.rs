//! Plan limits on contacts: exact, however many writers there are.

use std::collections::{BTreeMap, HashSet};

use super::Written;
use super::write::ContactRow;
use crate::error::{Error, Result};
use crate::sql::{self, Statement};
use crate::tx::Tx;
use crate::value::Value;

/// Counts the new contacts among `outs`, but for those that were counted. Those beyond a tenant's
/// limit are unmade again, the last ones first, and hear of it.
///
/// The count is a row that all writers of a tenant share, so this is the last thing before the
/// commit.
pub(crate) async fn enforce(
    tx: &mut Tx,
    rows: &[&ContactRow],
    (outs, counted): (&mut [Result<Written>], &HashSet<i64>),
) -> Result<()> {
    let mut created: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (row, out) in rows.iter().zip(&*outs) {
        if matches!(out, Ok(Written::Created(_))) && !counted.contains(&row.id) {
            created.entry(row.tenant).or_default().push(row.id);
        }
    }
    for (tenant, ids) in created {
        let Some((granted, refusal)) = reserve(tx, tenant, ids.len()).await? else {
            continue;
        };
        let beyond = &ids[granted..];
        unmake(tx, tenant, beyond).await?;
        let beyond: HashSet<i64> = beyond.iter().copied().collect();
        // A number that came twice in this batch was met after it was made.
        let is_unmade = |out: &Result<Written>| match out {
            Ok(Written::Created(it) | Written::Known(it) | Written::Updated(it)) => {
                beyond.contains(&it.id.get())
            }
            Err(_) => false,
        };
        for out in outs.iter_mut().filter(|out| is_unmade(out)) {
            *out = Err(refusal.clone());
        }
    }
    Ok(())
}

/// Takes contacts off the tenant's limit; returns how many there was room for and the refusal of
/// the others, where there was not room for all.
async fn reserve(tx: &mut Tx, tenant: i64, wanted: usize) -> Result<Option<(usize, Error)>> {
    if is_taken(tx, tenant, wanted).await? {
        return Ok(None);
    }
    let sql = "SELECT c.value, t.contact_limit FROM counters c \
         JOIN tenants t ON t.id = c.tenant_id WHERE c.tenant_id = ?1 AND c.name = 'contacts'";
    let mut granted = wanted;
    loop {
        let missing = || Error::Corrupt("a tenant has no count of contacts".into());
        let mut row = tx.first(sql, &[tenant.into()]).await?.ok_or_else(missing)?;
        let (current, maximum) = (row.int()?, row.opt_int()?);
        let lifted = || Error::lost_race("the limit was lifted meanwhile");
        let maximum = maximum.ok_or_else(lifted)?;
        let room = usize::try_from(maximum - current).unwrap_or(0);
        // Another writer may have taken some since; ever fewer are asked for.
        granted = room.min(granted.saturating_sub(1));
        if granted == 0 || is_taken(tx, tenant, granted).await? {
            let current = current + i64::try_from(granted).unwrap_or(0);
            return Ok(Some((granted, Error::LimitReached { current, maximum })));
        }
    }
}

async fn is_taken(tx: &mut Tx, tenant: i64, count: usize) -> Result<bool> {
    let (sql, values) = take(tenant, count);
    Ok(tx.first(&sql, &values).await?.is_some())
}

/// Returns the statement that takes contacts off the tenant's limit, and returns a row if there was
/// room for all of them.
pub(super) fn take(tenant: i64, count: usize) -> Statement {
    let sql = "UPDATE counters SET value = value + ?2 WHERE tenant_id = ?1 AND name = 'contacts' \
         AND value + ?2 <= COALESCE((SELECT t.contact_limit FROM tenants t WHERE t.id = ?1), \
             9007199254740991) RETURNING 1";
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    (sql.to_owned(), vec![tenant.into(), count.into()])
}

/// Returns how many contacts a tenant has.
pub(super) async fn count(tx: &mut Tx, tenant: i64) -> Result<i64> {
    let sql = "SELECT value FROM counters WHERE tenant_id = ?1 AND name = 'contacts'";
    let row = tx.first(sql, &[tenant.into()]).await?;
    row.map_or(Ok(0), |mut row| row.int())
}

/// Corrects the count of a tenant's contacts, whatever its plan says.
pub(crate) async fn adjust(tx: &mut Tx, tenant: i64, change: i64) -> Result<()> {
    let sql = "UPDATE counters SET value = value + ?2 WHERE tenant_id = ?1 AND name = 'contacts'";
    tx.execute(sql, &[tenant.into(), change.into()]).await?;
    Ok(())
}

/// Deletes contacts that were made in this transaction.
pub(super) async fn unmake(tx: &mut Tx, tenant: i64, ids: &[i64]) -> Result<()> {
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = vec![tenant.into()];
        values.extend(chunk.iter().copied().map(Value::from));
        // Nulls are nobody's id; they keep the number of distinct statements small.
        let count = chunk.len().next_power_of_two();
        values.resize(1 + count, Value::Null);
        let list = sql::list(2, count);
        // The log of consents outlives contacts; what never was leaves nothing in it.
        for (table, column) in [("consent_log", "contact_id"), ("contacts", "id")] {
            let sql = format!("DELETE FROM {table} WHERE tenant_id = ?1 AND {column} IN {list}");
            tx.execute(&sql, &values).await?;
        }
    }
    Ok(())
}
