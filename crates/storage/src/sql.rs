//! Building the few statements whose length depends on how many rows they carry.
//!
//! Parameters are written `?1`, `?2`, … in every statement: SQLite binds them by number as they
//! stand, and for Postgres they become `$1`, `$2`, … once, when the statement is prepared.

use std::borrow::Cow;
use std::fmt::Write;

use crate::value::Value;

/// A statement and its values.
pub(crate) type Statement = (String, Vec<Value>);

/// The most rows one statement carries; larger batches are cut.
pub(crate) const MAX_ROWS: usize = 256;

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

/// What a list of values is written between.
const FEW: (&str, &str) = ("(VALUES (", ")) AS few");

/// Returns a `SELECT` of the values, as for a single row of them: how many rows there are, each
/// engine is told in its own way.
///
/// Rows of nulls are added up to a power of two, so that few distinct statements are ever prepared;
/// the condition drops them again. It also makes Postgres's planner expect a single row, so that it
/// always loops over the values and never over a table, however little it knows of it.
fn few(columns: &Columns, values: &mut Vec<Value>) -> String {
    let rows = (values.len() / columns.len()).next_power_of_two();
    values.resize(rows * columns.len(), Value::Null);
    let row: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(index, (_, ty))| format!("CAST(?{} AS {ty})", index + 1))
        .collect();
    let (before, row, after) = (FEW.0, row.join(","), FEW.1);
    // global: reads no table.
    format!("SELECT * FROM {before}{row}{after} WHERE column1 * 0 = 0")
}

/// Returns what comes before the row of values of a statement, the row, and what comes after.
fn split_few(sql: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = sql.split_once(FEW.0)?;
    let (row, after) = rest.split_once(FEW.1)?;
    Some((before, row, after))
}

/// Returns the statement with as many rows of values as there are.
pub(crate) fn for_sqlite(sql: &str, values: usize) -> Cow<'_, str> {
    let Some((before, row, after)) = split_few(sql) else {
        return sql.into();
    };
    let columns = row.split(',').count();
    let mut text = String::with_capacity(sql.len() + values * 6);
    text.extend([before, FEW.0, row]);
    for number in columns + 1..=values {
        let separator = if (number - 1) % columns == 0 {
            "),("
        } else {
            ","
        };
        // Writing to a String cannot fail.
        write!(text, "{separator}?{number}").unwrap_or_default();
    }
    text.extend([FEW.1, after]);
    text.into()
}

/// Returns the statement with `$1` for `?1`, and Postgres's word for bytes; and how many columns
/// its values have, if it has a list of them. That list comes as one array for each column: one
/// statement, however many rows there are, and less to bind. Unnested side by side, for `UNNEST` of
/// many arrays in a `FROM` would copy each of them first.
pub(crate) fn for_postgres(sql: &str) -> (String, Option<usize>) {
    let own = |sql: &str| sql.replace('?', "$").replace(" AS BLOB)", " AS BYTEA)");
    let Some((before, row, after)) = split_few(sql) else {
        return (own(sql), None);
    };
    let arrays = own(row).replace(')', "[])");
    let columns: Vec<String> = (1..)
        .zip(arrays.split(','))
        .map(|(number, array)| format!("UNNEST({array}) AS column{number}"))
        .collect();
    let (before, after) = (own(before), own(after));
    let sql = format!("{before}(SELECT {}) AS few{after}", columns.join(","));
    (sql, Some(columns.len()))
}

#[cfg(test)]
mod tests {
    use super::{for_postgres, for_sqlite, insert, list, with_values};
    use crate::value::Value;

    #[test]
    fn parameters_are_numbered_as_each_engine_has_it() {
        assert_eq!(list(2, 3), "(?2,?3,?4)");
        let sql = "VALUES (CAST(?1 AS BLOB), ?2)";
        assert_eq!(for_sqlite(sql, 2), sql);
        let own = "VALUES (CAST($1 AS BYTEA), $2)".to_owned();
        assert_eq!(for_postgres(sql), (own, None));
    }

    #[test]
    fn each_engine_gets_its_own_list_of_values() {
        let mut values: Vec<Value> = vec![1.into(), "a".into(), 2.into(), "b".into()];
        let text = with_values(&[("v_id", "BIGINT"), ("v_key", "TEXT")], &mut values);
        let text = format!("{text}SELECT v_id FROM v");
        let expected = "WITH v (v_id, v_key) AS (SELECT * FROM (VALUES \
             (CAST(?1 AS BIGINT),CAST(?2 AS TEXT)),(?3,?4)) AS few WHERE column1 * 0 = 0) \
             SELECT v_id FROM v";
        assert_eq!(for_sqlite(&text, values.len()), expected);
        let expected = "WITH v (v_id, v_key) AS (SELECT * FROM \
             (SELECT UNNEST(CAST($1 AS BIGINT[])) AS column1,\
             UNNEST(CAST($2 AS TEXT[])) AS column2) AS few \
             WHERE column1 * 0 = 0) SELECT v_id FROM v";
        assert_eq!(for_postgres(&text), (expected.to_owned(), Some(2)));
    }

    #[test]
    fn values_are_filled_up_to_a_power_of_two() {
        let mut values: Vec<Value> = vec![1.into(), 2.into(), 3.into()];
        let text = insert("t", &[("tenant_id", "BIGINT")], &mut values);
        let expected = "INSERT INTO t (tenant_id) SELECT * FROM (VALUES \
             (CAST(?1 AS BIGINT)),(?2),(?3),(?4)) AS few WHERE column1 * 0 = 0";
        assert_eq!(for_sqlite(&text, values.len()), expected);
        assert_eq!(values.last(), Some(&Value::Null));
    }
}
