//! The two schemas, side by side.

use std::collections::BTreeMap;

use crate::place::Place;

/// Of each table, its columns: name, type and whether it may be null, as Postgres says it.
type Tables = BTreeMap<String, Vec<[String; 3]>>;

#[tokio::test]
async fn both_engines_have_the_same_tables_columns_and_keys() {
    let (lite, postgres) = (Place::sqlite(), Place::postgres().await);
    lite.open().await;
    postgres.open().await;
    let (lite_tables, postgres_tables) = (of_sqlite(&lite).await, of_postgres(&postgres).await);
    assert_eq!(lite_tables, postgres_tables);
    assert!(lite_tables.len() > 10);
    assert_eq!(
        indexes_of_sqlite(&lite).await,
        indexes_of_postgres(&postgres).await
    );
    postgres.remove().await;
}

#[tokio::test]
async fn every_text_of_postgres_sorts_by_its_bytes() {
    let postgres = Place::postgres().await;
    postgres.open().await;
    let raw = postgres.raw().await;
    let loose = "SELECT table_name, column_name FROM information_schema.columns \
         WHERE table_schema = 'public' AND data_type = 'text' \
         AND collation_name IS DISTINCT FROM 'C' \
         AND table_name NOT IN ('schema_migrations', 'id_sequence')";
    assert_eq!(raw.rows(loose).await, Vec::<Vec<String>>::new());
    postgres.remove().await;
}

async fn of_sqlite(place: &Place) -> Tables {
    let columns = "SELECT t.name, c.name, c.type, c.\"notnull\" FROM sqlite_schema t \
         JOIN pragma_table_info(t.name) c WHERE t.type = 'table' \
         AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid";
    let word = |ty: &str| match ty {
        "BLOB" => "bytea".to_owned(),
        ty => ty.to_lowercase(),
    };
    collect(place.raw().await.rows(columns).await, |row| {
        [row[1].clone(), word(&row[2]), row[3].clone()]
    })
}

async fn of_postgres(place: &Place) -> Tables {
    let columns = "SELECT table_name, column_name, data_type, \
         CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END FROM information_schema.columns \
         WHERE table_schema = 'public' ORDER BY table_name, ordinal_position";
    collect(place.raw().await.rows(columns).await, |row| {
        [row[1].clone(), row[2].clone(), row[3].clone()]
    })
}

fn collect(rows: Vec<Vec<String>>, column: impl Fn(&[String]) -> [String; 3]) -> Tables {
    let mut tables = Tables::new();
    for row in rows {
        tables.entry(row[0].clone()).or_default().push(column(&row));
    }
    tables
}

/// Of each table, the columns of its indexes, primary keys and unique constraints included.
async fn indexes_of_sqlite(place: &Place) -> Vec<String> {
    let columns = "SELECT t.name || ' ' || i.\"unique\" || ' ' || i.partial || ' (' || \
         (SELECT group_concat(c.name, ',' ORDER BY c.seqno) FROM pragma_index_info(i.name) c) \
         || ')' FROM sqlite_schema t JOIN pragma_index_list(t.name) i \
         WHERE t.type = 'table'";
    sorted(place.raw().await.rows(columns).await)
}

async fn indexes_of_postgres(place: &Place) -> Vec<String> {
    let columns = "SELECT t.relname || ' ' || i.indisunique::int || ' ' || \
         (i.indpred IS NOT NULL)::int || ' (' || (SELECT string_agg(a.attname, ',' ORDER BY k.n) \
             FROM unnest(i.indkey) WITH ORDINALITY k (attnum, n) \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')' \
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
         WHERE t.relnamespace = 'public'::regnamespace";
    sorted(place.raw().await.rows(columns).await)
}

fn sorted(rows: Vec<Vec<String>>) -> Vec<String> {
    let mut lines: Vec<String> = rows.into_iter().flatten().collect();
    lines.sort();
    lines
}
