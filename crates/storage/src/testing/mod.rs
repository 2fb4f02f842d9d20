//! What tests and benchmarks need of an engine, so that they need not know it.

mod past;

pub use past::{PastMessage, keep_messages};

use domain::contact::ContactField;
use domain::ids::ChannelId;
use domain::listing::Listing;
use domain::message::{MessageListing, Status};
use tokio_postgres::NoTls;

use crate::contacts;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::messages;
use crate::sql;
use crate::store::Store;
use crate::tx::work;
use crate::value::Row;

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

/// Returns a statement as SQLite is given it, with two rows where it carries some.
#[must_use]
pub fn for_sqlite(sql: &str) -> String {
    let (_, columns) = sql::for_postgres(sql);
    sql::for_sqlite(sql, 2 * columns.unwrap_or(0)).into_owned()
}

/// Returns a statement as Postgres is given it.
#[must_use]
pub fn for_postgres(sql: &str) -> String {
    sql::for_postgres(sql).0
}

/// Returns the statement that reads the ids of a page of contacts, and whether the rows come by an
/// index in the order of the list.
pub async fn statement_of_contacts(
    store: &Store,
    listing: &Listing<ContactField>,
) -> Result<(String, bool)> {
    let (tenant, listing) = (store.tenant.get(), listing.clone());
    store
        .database
        .read(|tx| Box::pin(async move { contacts::statement_of(tx, tenant, listing).await }))
        .await
}

/// Returns the statement that reads the ids of a page of messages, where all kinds are known.
#[must_use]
pub fn statement_of_messages(listing: &MessageListing) -> Option<String> {
    messages::statement_of(listing.clone())
}

/// How many messages of a channel have a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageCount {
    /// The status.
    pub status: Status,
    /// How many messages have it.
    pub messages: i64,
    /// How often it was reported of them that they were sent, delivered or read.
    pub reports: i64,
}

/// Counts a channel's messages, one by one.
pub async fn count_messages(store: &Store, channel: ChannelId) -> Result<Vec<MessageCount>> {
    let values = [store.tenant_value(), channel.get().into()];
    let sql = "SELECT status, COUNT(*), COUNT(sent_at) + COUNT(delivered_at) + COUNT(read_at) \
         FROM messages WHERE tenant_id = ?1 AND channel_id = ?2 GROUP BY status ORDER BY status";
    let rows = store
        .database
        .read(|tx| Box::pin(async move { tx.query(sql, &values).await }))
        .await?;
    let read = |mut row: Row| {
        Ok(MessageCount {
            status: row.word(Status::parse)?,
            messages: row.int()?,
            reports: row.int()?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// How many events the ledger has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventCounts {
    /// All of them.
    pub kept: i64,
    /// Those that could not be applied.
    pub failed: i64,
}

/// Counts the events of the ledger, one by one.
pub async fn count_events(database: &Database) -> Result<EventCounts> {
    // global: events are whose number they are of.
    let sql = "SELECT (SELECT COUNT(*) FROM inbound_events), (SELECT COUNT(*) FROM inbound_failed)";
    let row = database
        .read(|tx| Box::pin(async move { tx.first(sql, &[]).await }))
        .await?;
    let mut row = row.ok_or_else(|| Error::Corrupt("a count without an answer".into()))?;
    Ok(EventCounts {
        kept: row.int()?,
        failed: row.int()?,
    })
}

/// Returns whether events of the ledger wait to be applied.
pub async fn has_waiting_events(database: &Database) -> Result<bool> {
    // global: events are whose number they are of.
    let sql = "SELECT 1 FROM inbound_waiting LIMIT 1";
    let row = database
        .read(|tx| Box::pin(async move { tx.first(sql, &[]).await }))
        .await?;
    Ok(row.is_some())
}

/// Returns whether something waits to be filed for searches and lists.
pub async fn has_unfiled(database: &Database) -> Result<bool> {
    // global: of any tenant.
    let sql = "SELECT 1 FROM search_waiting LIMIT 1";
    let row = database
        .read(|tx| Box::pin(async move { tx.first(sql, &[]).await }))
        .await?;
    Ok(row.is_some())
}
