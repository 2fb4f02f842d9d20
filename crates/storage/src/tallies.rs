//! How many messages a tenant sent, and how far they got: kept, not counted.
//!
//! Whoever writes messages adds what changed as rows of its own, so that no two writers wait for one
//! count. In the background these rows are summed up, by the minute and by the day in which the
//! messages were made. A reader adds up both, so it sees each change with its commit.

use std::collections::BTreeMap;

use domain::message::Status;
use jiff::Timestamp;

use crate::error::Result;
use crate::sql;
use crate::store::Store;
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

const MINUTE: i64 = 60 * 1_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// How many minutes are summed up at most at a time.
const FOLD: usize = 256;

/// How many messages got how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Not taken by Meta yet, or not known to be.
    pub pending: i64,
    /// Taken by Meta.
    pub sent: i64,
    /// On the phone.
    pub delivered: i64,
    /// Read, or listened to.
    pub read: i64,
    /// They will not arrive.
    pub failed: i64,
}

impl Tally {
    /// Returns how many messages these are.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.pending + self.sent + self.delivered + self.read + self.failed
    }

    /// Returns the count that messages of a status belong to; nothing for what was never to go out.
    fn of(&mut self, status: Status) -> Option<&mut i64> {
        match status {
            Status::Queued | Status::Sending | Status::Unconfirmed => Some(&mut self.pending),
            Status::Accepted | Status::Sent => Some(&mut self.sent),
            Status::Delivered => Some(&mut self.delivered),
            Status::Read | Status::Played => Some(&mut self.read),
            Status::Failed => Some(&mut self.failed),
            Status::Cancelled | Status::Skipped | Status::Received => None,
        }
    }

    fn values(self) -> [Value; 5] {
        [
            self.pending,
            self.sent,
            self.delivered,
            self.read,
            self.failed,
        ]
        .map(Value::from)
    }

    fn read(row: &mut Row) -> Result<Self> {
        Ok(Self {
            pending: row.int()?,
            sent: row.int()?,
            delivered: row.int()?,
            read: row.int()?,
            failed: row.int()?,
        })
    }
}

/// A message that is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) tenant: i64,
    pub(crate) id: i64,
    /// When it was made.
    pub(crate) at: Timestamp,
}

/// What a batch of writes changes: by tenant and by the minute in which the messages were made.
///
/// A row of it is named by one of these messages. So no two writers ever write one row at a time:
/// whoever else changes that message waits for it already.
#[derive(Debug, Default)]
#[must_use = "write it before the commit"]
pub(crate) struct Moves(BTreeMap<(i64, i64), (i64, Tally)>);

impl Moves {
    /// Counts a message that was made.
    pub(crate) fn made(&mut self, message: Counted, status: Status) {
        self.add(message, status, 1);
    }

    /// Counts a message that got from one status to another.
    pub(crate) fn moved(&mut self, message: Counted, from: Status, to: Status) {
        self.add(message, from, -1);
        self.add(message, to, 1);
    }

    fn add(&mut self, message: Counted, status: Status, change: i64) {
        let at = message.at.as_microsecond();
        let minute = (message.tenant, at - at.rem_euclid(MINUTE));
        let (_, tally) = self
            .0
            .entry(minute)
            .or_insert((message.id, Tally::default()));
        if let Some(count) = tally.of(status) {
            *count += change;
        }
    }

    /// Writes what changed, if anything did.
    pub(crate) async fn write(self, tx: &mut Tx) -> Result<()> {
        let changed = self.0.into_iter();
        let changed: Vec<_> = changed
            .filter(|(_, (_, tally))| *tally != Tally::default())
            .collect();
        for chunk in changed.chunks(sql::MAX_ROWS) {
            let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
            for ((tenant, minute), (message, tally)) in chunk {
                values.extend([(*tenant).into(), (*minute).into(), (*message).into()]);
                values.extend(tally.values());
            }
            let insert = sql::insert("outbound_news", &COLUMNS, &mut values);
            let sql = added(&insert, "outbound_news", "tenant_id, minute, message_id");
            tx.execute(&sql, &values).await?;
        }
        Ok(())
    }
}

const COLUMNS: [(&str, &str); 8] = [
    ("tenant_id", "BIGINT"),
    ("minute", "BIGINT"),
    ("message_id", "BIGINT"),
    ("pending", "BIGINT"),
    ("sent", "BIGINT"),
    ("delivered", "BIGINT"),
    ("read", "BIGINT"),
    ("failed", "BIGINT"),
];

impl Store {
    /// Counts the messages that were made from one instant up to another, both at a full minute.
    pub async fn tally(&self, from: Timestamp, until: Timestamp) -> Result<Tally> {
        let (from, until) = (from.as_microsecond(), until.as_microsecond());
        let first_day = from + (-from).rem_euclid(DAY);
        let last_day = (until - until.rem_euclid(DAY)).max(first_day);
        // Where no whole day lies between, the first stretch of minutes reaches to the end.
        let (first_day, last_day) = (first_day.min(until), last_day.min(until));
        let values = [from, until, first_day, last_day].map(Value::from);
        let values = [&[self.tenant_value()][..], &values].concat();
        let part = |table: &str, range: &str| {
            format!(
                "SELECT pending, sent, delivered, read, failed FROM {table} \
                 WHERE tenant_id = ?1 AND {range}"
            )
        };
        let parts = [
            part("outbound_minutes", "minute >= ?2 AND minute < ?4"),
            part("outbound_days", "day >= ?4 AND day < ?5"),
            part("outbound_minutes", "minute >= ?5 AND minute < ?3"),
            part("outbound_news", "minute >= ?2 AND minute < ?3"),
        ];
        let sums: Vec<String> = COLUMNS[3..]
            .iter()
            .map(|(name, _)| format!("COALESCE(CAST(SUM({name}) AS BIGINT), 0)"))
            .collect();
        // global: each part names the tenant.
        let sql = format!(
            // global: each part names its tenant.
            "SELECT {} FROM ({}) AS v",
            sums.join(", "),
            parts.join(" UNION ALL ")
        );
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(&sql, &values).await }))
            .await?;
        row.map_or(Ok(Tally::default()), |mut row| Tally::read(&mut row))
    }
}

impl System {
    /// Sums up what changed, some minutes of it at a time; returns whether there may be more.
    pub async fn fold_tallies(&self) -> Result<bool> {
        self.database()
            .write(work(move |tx| Box::pin(fold(tx))))
            .await
    }
}

async fn fold(tx: &mut Tx) -> Result<bool> {
    let mut minutes: Vec<(i64, i64)> = Vec::new();
    let (mut tenant, mut minute) = (0, i64::MIN);
    while minutes.len() < FOLD {
        // global: every tenant's minutes in turn, each found by a jump in the index.
        let sql = "SELECT tenant_id, minute FROM outbound_news \
             WHERE (tenant_id, minute) > (?1, ?2) ORDER BY tenant_id, minute LIMIT 1";
        let Some(mut row) = tx.first(sql, &[tenant.into(), minute.into()]).await? else {
            break;
        };
        (tenant, minute) = (row.int()?, row.int()?);
        minutes.push((tenant, minute));
    }
    let mut days: BTreeMap<(i64, i64), [i64; 5]> = BTreeMap::new();
    for (tenant, minute) in &minutes {
        let sql = "DELETE FROM outbound_news WHERE tenant_id = ?1 AND minute = ?2 \
             RETURNING pending, sent, delivered, read, failed";
        let mut sum = [0; 5];
        let day = days.entry((*tenant, minute - minute.rem_euclid(DAY)));
        let day = day.or_default();
        for mut row in tx.query(sql, &[(*tenant).into(), (*minute).into()]).await? {
            for (count, of_day) in sum.iter_mut().zip(&mut *day) {
                let change = row.int()?;
                *count += change;
                *of_day += change;
            }
        }
        let values = key_and_counts((*tenant, *minute), sum);
        tx.execute(&add("outbound_minutes", "minute"), &values)
            .await?;
    }
    // After all the minutes, in their order: two who sum up at once never wait for each other.
    for (day, sum) in days {
        let values = key_and_counts(day, sum);
        tx.execute(&add("outbound_days", "day"), &values).await?;
    }
    Ok(minutes.len() == FOLD)
}

fn key_and_counts((tenant, at): (i64, i64), counts: [i64; 5]) -> Vec<Value> {
    let key = [tenant, at].into_iter();
    key.chain(counts).map(Value::from).collect()
}

fn add(table: &str, column: &str) -> String {
    let insert = format!(
        "INSERT INTO {table} (tenant_id, {column}, pending, sent, delivered, read, failed) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    added(&insert, table, &format!("tenant_id, {column}"))
}

/// Returns an `INSERT` that adds to what is there.
fn added(insert: &str, table: &str, key: &str) -> String {
    let sums: Vec<String> = COLUMNS[3..]
        .iter()
        .map(|(name, _)| format!("{name} = {table}.{name} + excluded.{name}"))
        .collect();
    let sums = sums.join(", ");
    format!("{insert} ON CONFLICT ({key}) DO UPDATE SET {sums}")
}
