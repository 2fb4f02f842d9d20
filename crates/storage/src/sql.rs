//! Building the few statements whose length depends on how many rows they carry.
//!
//! Parameters are written `?1`, `?2`, … in every statement: SQLite binds them by number as they
//! stand, and for Postgres they become `$1`, `$2`, … once, when the statement is prepared.

use std::fmt::Write;

/// The most rows one statement carries; larger batches are cut.
pub(crate) const MAX_ROWS: usize = 256;

/// Returns `(?1,?2),(?3,?4),…` for `rows` rows of `columns` values.
pub(crate) fn tuples(rows: usize, columns: usize) -> String {
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

/// Returns a `WITH v (…) AS (VALUES …)` of typed columns; Postgres learns the types of all rows
/// from the casts in the first one.
pub(crate) fn with_values(columns: &[(&str, &str)], rows: usize) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let first: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(index, (_, ty))| format!("CAST(?{} AS {ty})", index + 1))
        .collect();
    let all = tuples(rows, columns.len());
    let rest = all.split_once(')').map_or("", |(_, rest)| rest);
    format!(
        "WITH v ({}) AS (VALUES ({}){rest}) ",
        names.join(", "),
        first.join(",")
    )
}

/// Returns the sizes in which `rows` rows are sent: powers of two, so that few distinct statements
/// are ever prepared.
pub(crate) fn chunks(mut rows: usize) -> Vec<usize> {
    let mut sizes = Vec::new();
    while rows > 0 {
        let size = MAX_ROWS.min(1 << rows.ilog2());
        sizes.push(size);
        rows -= size;
    }
    sizes
}

/// Returns the statement with `$1` for `?1`.
pub(crate) fn for_postgres(sql: &str) -> String {
    sql.replace('?', "$")
}

#[cfg(test)]
mod tests {
    use super::{chunks, for_postgres, list, tuples, with_values};

    #[test]
    fn tuples_are_numbered_through() {
        assert_eq!(tuples(2, 3), "(?1,?2,?3),(?4,?5,?6)");
        assert_eq!(for_postgres(&tuples(1, 2)), "($1,$2)");
        assert_eq!(list(2, 3), "(?2,?3,?4)");
    }

    #[test]
    fn the_first_tuple_of_a_values_list_carries_the_types() {
        let text = with_values(&[("v_id", "BIGINT"), ("v_key", "TEXT")], 2);
        let expected =
            "WITH v (v_id, v_key) AS (VALUES (CAST(?1 AS BIGINT),CAST(?2 AS TEXT)),(?3,?4)) ";
        assert_eq!(text, expected);
    }

    #[test]
    fn chunks_are_powers_of_two_that_add_up() {
        assert_eq!(chunks(7), [4, 2, 1]);
        assert_eq!(chunks(600), [256, 256, 64, 16, 8]);
        assert_eq!(chunks(0), Vec::<usize>::new());
    }
}
