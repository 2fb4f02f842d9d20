//! What tests of the crates above need of an engine, so that they need not know it.

use tokio_postgres::NoTls;

use crate::database::Database;
use crate::error::Result;
use crate::tx::work;

/// Makes an empty database in the Postgres cluster of a test run.
pub async fn create_database(admin_url: &str, name: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(admin_url, NoTls).await?;
    let run = async {
        let sql = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' \
             LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        );
        let done = client.batch_execute(&sql).await;
        drop(client);
        done
    };
    let (done, ended) = tokio::join!(run, connection);
    done?;
    Ok(ended?)
}

/// Runs one statement, for a state that no operation leads to yet; returns how many rows it
/// changed.
pub async fn execute(database: &Database, sql: &str) -> Result<u64> {
    let sql = sql.to_owned();
    let unit = work(move |tx| {
        let sql = sql.clone();
        Box::pin(async move { tx.execute(&sql, &[]).await })
    });
    database.write(unit).await
}
