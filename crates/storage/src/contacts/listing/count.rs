//! How many contacts a filter leaves, and how many a list has.

use std::ops::Bound;

use domain::contact::ContactField;
use domain::ids::ContactId;
use domain::listing::{Filter, Operand, Test};

use super::condition::{Use, column, condition, singles};
use super::{EXACT, List};
use crate::contacts::limit;
use crate::error::Result;
use crate::sql;
use crate::tx::Tx;
use crate::value::{Row, Value};

/// How many rows each filter leaves, as far as that is known.
pub(super) type Sizes = Vec<Option<i64>>;

impl List {
    pub(super) async fn sizes(&self, tx: &mut Tx) -> Result<Sizes> {
        let mut sizes = Vec::with_capacity(self.listing.filters.len());
        for filter in &self.listing.filters {
            sizes.push(self.size(tx, filter).await?);
        }
        Ok(sizes)
    }

    async fn size(&self, tx: &mut Tx, filter: &Filter<ContactField>) -> Result<Option<i64>> {
        if filter.field == ContactField::CreatedAt {
            return self.span(tx, filter).await;
        }
        let Some(values) = singles(filter) else {
            return Ok(None);
        };
        if values.is_empty() {
            return Ok(Some(0));
        }
        if filter.field == ContactField::GroupId {
            return self.members(tx, values).await.map(Some);
        }
        self.kept(tx, column(filter.field), &values).await.map(Some)
    }

    /// Counts by what is kept.
    async fn kept(&self, tx: &mut Tx, field: &str, values: &[Value]) -> Result<i64> {
        let mut bound: Vec<Value> = vec![self.tenant.into(), field.into()];
        let all = values.iter().map(super::filed::counted).map(Value::from);
        let list = sql::list_of(all, &mut bound);
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(contacts), 0) AS BIGINT) FROM listed_counts \
             WHERE tenant_id = ?1 AND field = ?2 AND value IN {list}"
        );
        number(tx, &sql, &bound).await
    }

    /// Counts members as far as it may be, and estimates from there by how far their ids reach.
    async fn members(&self, tx: &mut Tx, groups: Vec<Value>) -> Result<i64> {
        let mut count = 0;
        for group in groups {
            count += self.members_of(tx, group).await?;
        }
        Ok(count)
    }

    async fn members_of(&self, tx: &mut Tx, group: Value) -> Result<i64> {
        let values = [self.tenant.into(), group];
        let sql = format!(
            "SELECT COUNT(*), MIN(contact_id), MAX(contact_id) FROM (SELECT m.contact_id \
             FROM group_members m WHERE m.tenant_id = ?1 AND m.group_id = ?2 \
             ORDER BY m.contact_id LIMIT {EXACT}) AS counted"
        );
        let Some(mut row) = tx.first(&sql, &values).await? else {
            return Ok(0);
        };
        let (counted, first, reached) = (row.int()?, row.opt_int()?, row.opt_int()?);
        if counted < EXACT {
            return Ok(counted);
        }
        let sql = "SELECT m.contact_id FROM group_members m WHERE m.tenant_id = ?1 \
             AND m.group_id = ?2 ORDER BY m.contact_id DESC LIMIT 1";
        let last = number(tx, sql, &values).await?;
        let reached = reached.unwrap_or(0) - first.unwrap_or(0);
        Ok(estimate(counted, reached, last - first.unwrap_or(0)))
    }

    /// Counts a span of time as far as it may be, and estimates from there by how long it is.
    async fn span(&self, tx: &mut Tx, filter: &Filter<ContactField>) -> Result<Option<i64>> {
        let Test::Within(spans) = &filter.test else {
            return Ok(None);
        };
        if filter.is_negated {
            return Ok(None);
        }
        let mut values: Vec<Value> = vec![self.tenant.into()];
        let condition = condition(filter, Use::Leading, &mut values);
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM listed_contacts l \
             WHERE l.tenant_id = ?1 AND {condition} LIMIT {EXACT} + 1) AS counted"
        );
        let counted = number(tx, &sql, &values).await?;
        if counted <= EXACT {
            return Ok(Some(counted));
        }
        let sql = "SELECT \
             (SELECT created_at FROM listed_contacts WHERE tenant_id = ?1 \
                 ORDER BY created_at LIMIT 1), \
             (SELECT created_at FROM listed_contacts WHERE tenant_id = ?1 \
                 ORDER BY created_at DESC LIMIT 1)";
        let Some(mut row) = tx.first(sql, &values[..1]).await? else {
            return Ok(None);
        };
        let (first, last) = (row.opt_int()?.unwrap_or(0), row.opt_int()?.unwrap_or(0));
        let end = |bound: &Bound<Operand>, none: i64| match bound {
            Bound::Included(Operand::Time(at)) | Bound::Excluded(Operand::Time(at)) => {
                at.as_microsecond().clamp(first, last)
            }
            _ => none,
        };
        let lengths = spans.iter();
        let lengths = lengths.map(|it| (end(&it.to, last) - end(&it.from, first)).max(0));
        let (covered, all) = (i128::from(lengths.sum::<i64>()), i128::from(last - first));
        let count = i128::from(limit::count(tx, self.tenant).await?);
        let estimate = i64::try_from(count * covered / all.max(1)).unwrap_or(i64::MAX);
        Ok(Some(estimate.max(counted)))
    }

    /// Returns how many rows the list has, of `all` contacts. `waiting` are looked at by themselves, and `fresh` of
    /// them pass.
    pub(super) async fn total(
        &self,
        tx: &mut Tx,
        (sizes, all): (&Sizes, i64),
        (waiting, fresh): (&[ContactId], usize),
    ) -> Result<i64> {
        let filters = &self.listing.filters;
        if filters.is_empty() {
            return Ok(all);
        }
        let fresh = i64::try_from(fresh).unwrap_or(i64::MAX);
        let known = sizes.iter().enumerate();
        let known = known.filter_map(|(index, size)| Some(((*size)?, index)));
        let fewest = known.min();
        if let ([filter], Some((size, _))) = (filters.as_slice(), fewest)
            && filter.field != ContactField::CreatedAt
        {
            if filter.field == ContactField::GroupId {
                return Ok(size);
            }
            return Ok(size - self.stale(tx, waiting).await? + fresh);
        }
        let (mut values, mut conditions) = (vec![self.tenant.into()], Vec::new());
        let (size, lead) = fewest.unwrap_or((all, usize::MAX));
        let mut leading = String::new();
        for (index, filter) in filters.iter().enumerate() {
            if index == lead {
                leading = format!(" AND {}", condition(filter, Use::Leading, &mut values));
            } else {
                conditions.push(condition(filter, Use::Idle, &mut values));
            }
        }
        conditions.push(not_in(waiting, &mut values));
        let conditions = conditions.join(" AND ");
        // Looked at one by one as far as it may be, whatever the others leave of it.
        let sql = format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(passes), 0) AS BIGINT) FROM \
             (SELECT CASE WHEN {conditions} THEN 1 ELSE 0 END AS passes FROM listed_contacts l \
              WHERE l.tenant_id = ?1{leading} LIMIT {EXACT} + 1) AS looked_at"
        );
        let (mut seen, mut passed) = (0, 0);
        if let Some(mut row) = tx.first(&sql, &values).await? {
            (seen, passed) = (row.int()?, row.int()?);
        }
        if seen <= EXACT {
            return Ok(passed + fresh);
        }
        let estimate = i128::from(passed) * i128::from(size.max(seen)) / i128::from(seen);
        Ok(i64::try_from(estimate).unwrap_or(i64::MAX) + fresh)
    }

    /// Counts those that are filed as passing and wait to be filed anew.
    async fn stale(&self, tx: &mut Tx, waiting: &[ContactId]) -> Result<i64> {
        if waiting.is_empty() {
            return Ok(0);
        }
        let mut values: Vec<Value> = vec![self.tenant.into()];
        let list = sql::list_of(waiting.iter().map(|id| id.get().into()), &mut values);
        let filters = self.listing.filters.iter();
        let conditions = filters.map(|it| condition(it, Use::Idle, &mut values));
        let conditions: Vec<String> = conditions.collect();
        let sql = format!(
            "SELECT COUNT(*) FROM listed_contacts l \
             WHERE l.tenant_id = ?1 AND l.id IN {list} AND {}",
            conditions.join(" AND ")
        );
        number(tx, &sql, &values).await
    }
}

/// Returns the condition that leaves out what is looked at by itself.
pub(super) fn not_in(waiting: &[ContactId], values: &mut Vec<Value>) -> String {
    if waiting.is_empty() {
        return "1 = 1".to_owned();
    }
    let list = sql::list_of(waiting.iter().map(|id| id.get().into()), values);
    format!("l.id NOT IN {list}")
}

async fn number(tx: &mut Tx, sql: &str, values: &[Value]) -> Result<i64> {
    let row: Option<Row> = tx.first(sql, values).await?;
    row.map_or(Ok(0), |mut row| row.int())
}

/// Counts the contacts that have a source or a status, by the column of the two: by what is kept,
/// corrected by all that waits to be filed.
pub(crate) async fn filed_with(tx: &mut Tx, tenant: i64, column: &str, id: i64) -> Result<i64> {
    let values = [tenant.into(), column.into(), id.to_string().into()];
    let sql = "SELECT contacts FROM listed_counts \
         WHERE tenant_id = ?1 AND field = ?2 AND value = ?3";
    let kept = number(tx, sql, &values).await?;
    let mut waiting = [0, 0];
    for (table, count) in ["listed_contacts", "contacts"]
        .into_iter()
        .zip(&mut waiting)
    {
        let sql = format!(
            "SELECT COUNT(*) FROM {table} l WHERE l.tenant_id = ?1 AND (l.{column} + 0) = ?2 \
             AND l.id IN (SELECT w.subject_id FROM search_waiting w \
                 WHERE w.tenant_id = ?1 AND w.kind = 'contact')"
        );
        *count = number(tx, &sql, &[tenant.into(), id.into()]).await?;
    }
    let [stale, fresh] = waiting;
    Ok(kept - stale + fresh)
}

/// Returns how many there are where so many are within a part of the way, and at least those.
fn estimate(counted: i64, part: i64, way: i64) -> i64 {
    let all = i128::from(counted) * i128::from(way) / i128::from(part.max(1));
    i64::try_from(all).unwrap_or(i64::MAX).max(counted)
}

#[cfg(test)]
mod tests {
    use super::estimate;

    #[test]
    fn what_is_not_counted_is_taken_to_be_as_dense() {
        assert_eq!(estimate(50_000, 100_000, 800_000), 400_000);
        assert_eq!(estimate(50_000, 0, 0), 50_000);
    }
}
