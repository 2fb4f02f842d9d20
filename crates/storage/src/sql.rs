//! Building the few statements whose length depends on how many rows they carry.
//!
//! Parameters are written `?1`, `?2`, … in every statement: SQLite binds them by number as they
//! stand, and for Postgres they become `$1`, `$2`, … once, when the statement is prepared.

use std::fmt::Write;

use crate::value::Value;

/// A statement and its values.
pub(crate) type Statement = (String, Vec<Value>);

/// The most rows one statement carries; larger batches are cut.
pub(crate) const MAX_ROWS: usize = 256;

/// Returns `(?1,?2),(?3,?4),…` for `rows` rows of `columns` values.
fn tuples(rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push(if row == 0 { '(' } else { ',' });
        if row > 0 {
            text.push('(');
        }
        for column in 0..columns {
            let separator = if column == 0 { "" } else { "," };
            // Writing to a String cannot fail.
            write!(text, "{separator}?{}", row * columns + column + 1).unwrap_or_default();
        }
        text.push(')');
    }
    text
}

/// Returns `(?2,?3,…)`: `count` parameters from the `first` on.
pub(crate) fn list(first: usize, count: usize) -> String {
    let parameters: Vec<String> = (first..first + count).map(|it| format!("?{it}")).collect();
    format!("({})", parameters.join(","))
}

/// Adds values to those of a statement and returns their list, filled up with the last of them to a
/// power of two, so that few distinct statements are ever prepared.
pub(crate) fn list_of(more: impl IntoIterator<Item = Value>, values: &mut Vec<Value>) -> String {
    let first = values.len() + 1;
    values.extend(more);
    let count = values.len() + 1 - first;
    let last = values.last().cloned().unwrap_or(Value::Null);
    values.resize(first - 1 + count.next_power_of_two(), last);
    list(first, values.len() + 1 - first)
}

/// The columns of a list of values, by name and type; the first one is a number and never null.
pub(crate) type Columns = [(&'static str, &'static str)];

/// Returns a `WITH v (…) AS (…)` of as many rows as there are values.
pub(crate) fn with_values(columns: &Columns, values: &mut Vec<Value>) -> String {
    let (names, few) = (names(columns), few(columns, values));
    format!("WITH v ({names}) AS ({few}) ")
}

/// Returns a `WITH v (v_tenant_id, v_id) AS (…)` of some ids of a tenant. A join with it loops over
/// them; of a list of them Postgres may make a search for all rows of the tenant.
pub(crate) fn with_ids(tenant: i64, ids: impl IntoIterator<Item = i64>) -> Statement {
    let mut values: Vec<Value> = Vec::new();
    for id in ids {
        values.extend([tenant.into(), id.into()]);
    }
    let columns = [("v_tenant_id", "BIGINT"), ("v_id", "BIGINT")];
    (with_values(&columns, &mut values), values)
}

/// Returns an `INSERT` of as many rows as there are values.
pub(crate) fn insert(table: &str, columns: &Columns, values: &mut Vec<Value>) -> String {
    let (names, few) = (names(columns), few(columns, values));
    format!("INSERT INTO {table} ({names}) {few}")
}

fn names(columns: &Columns) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// Returns a `SELECT` of the values; Postgres learns the types of all rows from the casts in the
/// first one.
///
/// Rows of nulls are added up to a power of two, so that few distinct statements are ever prepared;
/// the condition drops them again. It also makes Postgres's planner expect a single row, so that it
/// always loops over the values and never over a table, however little it knows of it.
fn few(columns: &Columns, values: &mut Vec<Value>) -> String {
    let rows = (values.len() / columns.len()).next_power_of_two();
    values.resize(rows * columns.len(), Value::Null);
    let first: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(index, (_, ty))| format!("CAST(?{} AS {ty})", index + 1))
        .collect();
    let first = first.join(",");
    let all = tuples(rows, columns.len());
    let rest = all.split_once(')').map_or("", |(_, rest)| rest);
    // global: reads no table.
    format!("SELECT * FROM (VALUES ({first}){rest}) AS few WHERE column1 * 0 = 0")
}

/// Returns the statement with `$1` for `?1`, and Postgres's word for bytes.
pub(crate) fn for_postgres(sql: &str) -> String {
    sql.replace('?', "$").replace(" AS BLOB)", " AS BYTEA)")
}

#[cfg(test)]
mod tests {
    use super::{for_postgres, insert, list, tuples, with_values};
    use crate::value::Value;

    #[test]
    fn tuples_are_numbered_through() {
        assert_eq!(tuples(2, 3), "(?1,?2,?3),(?4,?5,?6)");
        assert_eq!(for_postgres(&tuples(1, 2)), "($1,$2)");
        assert_eq!(for_postgres("CAST(?1 AS BLOB)"), "CAST($1 AS BYTEA)");
        assert_eq!(list(2, 3), "(?2,?3,?4)");
    }

    #[test]
    fn the_first_row_of_values_carries_the_types() {
        let mut values: Vec<Value> = vec![1.into(), "a".into(), 2.into(), "b".into()];
        let text = with_values(&[("v_id", "BIGINT"), ("v_key", "TEXT")], &mut values);
        let expected = "WITH v (v_id, v_key) AS (SELECT * FROM (VALUES \
             (CAST(?1 AS BIGINT),CAST(?2 AS TEXT)),(?3,?4)) AS few WHERE column1 * 0 = 0) ";
        assert_eq!(text, expected);
        assert_eq!(values.len(), 4);
    }

    #[test]
    fn values_are_filled_up_to_a_power_of_two() {
        let mut values: Vec<Value> = vec![1.into(), 2.into(), 3.into()];
        let text = insert("t", &[("tenant_id", "BIGINT")], &mut values);
        let expected = "INSERT INTO t (tenant_id) SELECT * FROM (VALUES \
             (CAST(?1 AS BIGINT)),(?2),(?3),(?4)) AS few WHERE column1 * 0 = 0";
        assert_eq!(text, expected);
        assert_eq!(values.last(), Some(&Value::Null));
    }
}
