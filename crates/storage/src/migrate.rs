//! Migrations: forward only, run at start, one process at a time.

use crate::error::{Error, Result};
use crate::tx::Tx;

/// One step of the schema, in the words of each engine.
struct Migration {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }),*]
    };
}

const MIGRATIONS: &[Migration] = migrations![
    1 "0001_first_light",
    2 "0002_line_to_whatsapp",
    3 "0003_one_person",
    4 "0004_media",
    5 "0005_verifications",
    6 "0006_inbound",
    7 "0007_authors",
    8 "0008_templates",
    9 "0009_events",
    10 "0010_idempotency",
    11 "0011_search",
    12 "0012_contact_lists",
    13 "0013_jobs",
    14 "0014_consent_and_counts",
    15 "0015_otps",
    16 "0016_comments",
    17 "0017_message_lists",
    18 "0018_jobs_and_talks",
    20 "0020_names_upwards",
    21 "0021_lists_in_order",
];

const BASE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
        number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS id_sequence (
        name TEXT NOT NULL PRIMARY KEY, next_id BIGINT NOT NULL);
    INSERT INTO id_sequence (name, next_id) VALUES ('rows', 1) ON CONFLICT DO NOTHING;";

/// What SQLite's planner is told of every index, instead of what it would guess: a million rows, of
/// which the first column, the tenant, picks none out and each further one a thousandth. Without it,
/// a tenant's every row would be read where an index finds the one.
const SQLITE_STATISTICS: &str = "ANALYZE schema_migrations;
    DELETE FROM sqlite_stat1;
    INSERT INTO sqlite_stat1 (tbl, idx, stat)
    SELECT t.name, CASE WHEN t.wr AND i.origin = 'pk' THEN t.name ELSE i.name END,
        '1000000 ' || group_concat(CASE
            WHEN i.\"unique\" AND c.name = (SELECT l.name FROM pragma_index_info(i.name) l
                ORDER BY l.seqno DESC LIMIT 1) THEN '1'
            WHEN c.seqno = 0 THEN '1000000' WHEN c.seqno = 1 THEN '1000' ELSE '1' END,
            ' ' ORDER BY c.seqno)
    FROM pragma_table_list t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
    WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
    GROUP BY t.name, i.name;";

#[cfg(test)]
pub(crate) fn sqlite_migrations() -> impl Iterator<Item = &'static str> {
    MIGRATIONS.iter().map(|migration| migration.sqlite)
}

/// An arbitrary number that all nodes agree on.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_xact_lock(7214906213)";

/// Brings the schema up to date; a schema from a newer release is refused.
pub(crate) async fn migrate(tx: &mut Tx) -> Result<()> {
    let is_lite = matches!(tx, Tx::Lite(_));
    tx.batch(if is_lite { "BEGIN IMMEDIATE" } else { "BEGIN" })
        .await?;
    let done = migrate_locked(tx, is_lite).await;
    match done {
        Ok(()) => tx.batch("COMMIT").await,
        Err(error) => {
            tx.batch("ROLLBACK").await?;
            Err(error)
        }
    }
}

async fn migrate_locked(tx: &mut Tx, is_lite: bool) -> Result<()> {
    if !is_lite {
        refuse_ascii_database(tx).await?;
        tx.batch(POSTGRES_LOCK).await?;
    }
    tx.batch(BASE).await?;
    let sql = "SELECT COALESCE(MAX(number), 0) FROM schema_migrations";
    let done = match tx.first(sql, &[]).await? {
        Some(mut row) => row.int()?,
        None => 0,
    };
    let newest = MIGRATIONS.last().map_or(0, |migration| migration.number);
    if done > newest {
        return Err(Error::Unavailable(format!(
            "the database is at schema {done}, this release knows up to {newest}; \
             run the newer release that made it, or restore a backup"
        )));
    }
    for migration in MIGRATIONS
        .iter()
        .filter(|migration| migration.number > done)
    {
        tracing::info!(migration.name = migration.name, "migrating the database");
        tx.batch(if is_lite {
            migration.sqlite
        } else {
            migration.postgres
        })
        .await?;
        let sql = "INSERT INTO schema_migrations (number, name) VALUES (?1, ?2)";
        tx.execute(sql, &[migration.number.into(), migration.name.into()])
            .await?;
    }
    if is_lite && done < newest {
        tx.batch(SQLITE_STATISTICS).await?;
    }
    Ok(())
}

/// With the character type C, `pg_trgm` drops every letter that is not ASCII, and searches would
/// silently find less.
async fn refuse_ascii_database(tx: &mut Tx) -> Result<()> {
    let sql = "SELECT CAST(datctype AS TEXT) FROM pg_database WHERE datname = current_database()";
    let ctype = match tx.first(sql, &[]).await? {
        Some(mut row) => row.text()?,
        None => String::new(),
    };
    if ["C", "POSIX"].contains(&ctype.as_str()) {
        return Err(Error::Unavailable(format!(
            "this Postgres database has LC_CTYPE {ctype}, which knows no letters beyond ASCII; \
             create it with: CREATE DATABASE switchboard TEMPLATE template0 ENCODING 'UTF8' \
             LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )));
    }
    Ok(())
}
