//! How many messages a tenant has, and how far they got: kept, not counted.
//!
//! Whoever writes messages adds what changed as rows of its own, so that no two writers wait for one
//! count. In the background these rows are summed up: by the minute and by the day in which the
//! messages were made, as far as they went out, and all of them by their kind. A reader adds up both,
//! so it sees each change with its commit.

use std::collections::BTreeMap;

use domain::message::{Kind, Stage, Status};
use jiff::Timestamp;

use crate::error::Result;
use crate::sql::{self, Statement};
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

/// How many messages got how far, in the order of [`Stage::ALL`].
pub(crate) type Counts = [i64; Stage::ALL.len()];

/// How many of the counts are of what went out, or is to: the first ones.
const OUTBOUND: usize = 5;

/// A message that is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) tenant: i64,
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    /// When it was made.
    pub(crate) at: Timestamp,
}

/// What a batch of writes changes: by tenant, by the minute in which the messages were made, and by
/// their kind.
///
/// A row of it is named by one of these messages. So no two writers ever write one row at a time:
/// whoever else changes that message waits for it already.
#[derive(Debug, Default)]
#[must_use = "write it before the commit"]
pub(crate) struct Moves(BTreeMap<(i64, i64, Kind), (i64, Counts)>);

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

    /// Counts a message that became one of another kind.
    pub(crate) fn turned(&mut self, message: Counted, into: Kind, status: Status) {
        self.add(message, status, -1);
        let message = Counted {
            kind: into,
            ..message
        };
        self.add(message, status, 1);
    }

    fn add(&mut self, message: Counted, status: Status, change: i64) {
        let at = message.at.as_microsecond();
        let minute = at - at.rem_euclid(MINUTE);
        let key = (message.tenant, minute, message.kind);
        let (_, counts) = self.0.entry(key).or_insert((message.id, Counts::default()));
        counts[status.stage() as usize] += change;
    }

    /// Writes what changed, if anything did.
    pub(crate) async fn write(self, tx: &mut Tx) -> Result<()> {
        tx.query_all(&self.statements()).await?;
        Ok(())
    }

    /// Returns the statements that write what changed.
    pub(crate) fn statements(self) -> Vec<Statement> {
        let changed = self.0.into_iter();
        let changed: Vec<_> = changed
            .filter(|(_, (_, counts))| *counts != Counts::default())
            .collect();
        let mut statements = Vec::new();
        for chunk in changed.chunks(sql::MAX_ROWS) {
            let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
            for ((tenant, minute, kind), (message, counts)) in chunk {
                values.extend([(*tenant).into(), (*minute).into(), (*message).into()]);
                values.push(kind.as_str().into());
                values.extend(counts.map(Value::from));
            }
            let insert = sql::insert("message_news", &COLUMNS, &mut values);
            let key = "tenant_id, minute, message_id, kind";
            let sql = added(&insert, "message_news", key, &Stage::ALL);
            statements.push((sql, values));
        }
        statements
    }
}

const COLUMNS: [(&str, &str); 11] = [
    ("tenant_id", "BIGINT"),
    ("minute", "BIGINT"),
    ("message_id", "BIGINT"),
    ("kind", "TEXT"),
    ("pending", "BIGINT"),
    ("sent", "BIGINT"),
    ("delivered", "BIGINT"),
    ("read", "BIGINT"),
    ("failed", "BIGINT"),
    ("dropped", "BIGINT"),
    ("received", "BIGINT"),
];

/// Returns the columns of stages.
fn names(stages: &[Stage]) -> String {
    let names: Vec<&str> = stages.iter().map(|it| it.as_str()).collect();
    names.join(", ")
}

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
            part("message_news", "minute >= ?2 AND minute < ?3"),
        ];
        let sum = |it: &Stage| format!("COALESCE(CAST(SUM({}) AS BIGINT), 0)", it.as_str());
        let sums: Vec<String> = Stage::ALL[..OUTBOUND].iter().map(sum).collect();
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
        let sql = "SELECT tenant_id, minute FROM message_news \
             WHERE (tenant_id, minute) > (?1, ?2) ORDER BY tenant_id, minute LIMIT 1";
        let Some(mut row) = tx.first(sql, &[tenant.into(), minute.into()]).await? else {
            break;
        };
        (tenant, minute) = (row.int()?, row.int()?);
        minutes.push((tenant, minute));
    }
    let mut days: BTreeMap<(i64, i64), Counts> = BTreeMap::new();
    let mut kinds: BTreeMap<(i64, String), Counts> = BTreeMap::new();
    for (tenant, minute) in &minutes {
        let stages = names(&Stage::ALL);
        let sql = format!(
            "DELETE FROM message_news WHERE tenant_id = ?1 AND minute = ?2 \
             RETURNING kind, {stages}"
        );
        let mut sum = Counts::default();
        let day = days.entry((*tenant, minute - minute.rem_euclid(DAY)));
        let day = day.or_default();
        for mut row in tx
            .query(&sql, &[(*tenant).into(), (*minute).into()])
            .await?
        {
            let of_kind = kinds.entry((*tenant, row.text()?)).or_default();
            for ((count, of_day), of_kind) in sum.iter_mut().zip(&mut *day).zip(of_kind) {
                let change = row.int()?;
                *count += change;
                *of_day += change;
                *of_kind += change;
            }
        }
        add_outbound(tx, ("outbound_minutes", "minute"), (*tenant, *minute), sum).await?;
    }
    // After all the minutes, in their order: two who sum up at once never wait for each other.
    for (day, sum) in days {
        add_outbound(tx, ("outbound_days", "day"), day, sum).await?;
    }
    for ((tenant, kind), sum) in kinds {
        add_to_kind(tx, (tenant, &kind), sum).await?;
    }
    Ok(minutes.len() == FOLD)
}

async fn add_outbound(
    tx: &mut Tx,
    (table, column): (&str, &str),
    (tenant, at): (i64, i64),
    counts: Counts,
) -> Result<()> {
    let counts = &counts[..OUTBOUND];
    if counts.iter().all(|count| *count == 0) {
        return Ok(());
    }
    let stages = &Stage::ALL[..OUTBOUND];
    let insert = format!(
        "INSERT INTO {table} (tenant_id, {column}, {}) VALUES {}",
        names(stages),
        sql::list(1, 2 + OUTBOUND)
    );
    let sql = added(&insert, table, &format!("tenant_id, {column}"), stages);
    let values: Vec<Value> = [tenant, at]
        .iter()
        .chain(counts)
        .copied()
        .map(Value::from)
        .collect();
    tx.execute(&sql, &values).await.map(drop)
}

/// Adds to the counts of a kind; whoever adds to several does so in their order.
async fn add_to_kind(tx: &mut Tx, (tenant, kind): (i64, &str), counts: Counts) -> Result<()> {
    let insert = format!(
        "INSERT INTO message_counts (tenant_id, kind, {}) VALUES {}",
        names(&Stage::ALL),
        sql::list(1, 2 + Stage::ALL.len())
    );
    let sql = added(&insert, "message_counts", "tenant_id, kind", &Stage::ALL);
    let mut values: Vec<Value> = vec![tenant.into(), kind.into()];
    values.extend(counts.map(Value::from));
    tx.execute(&sql, &values).await.map(drop)
}

/// Returns an `INSERT` that adds to what is there.
fn added(insert: &str, table: &str, key: &str, stages: &[Stage]) -> String {
    let sum = |it: &Stage| format!("{0} = {table}.{0} + excluded.{0}", it.as_str());
    let sums: Vec<String> = stages.iter().map(sum).collect();
    let sums = sums.join(", ");
    format!("{insert} ON CONFLICT ({key}) DO UPDATE SET {sums}")
}

/// Returns how many messages there are of each kind that there ever was one of.
pub(crate) async fn by_kind(tx: &mut Tx, tenant: i64) -> Result<BTreeMap<Kind, Counts>> {
    let stages = names(&Stage::ALL);
    let sql = format!(
        "SELECT kind, {stages} FROM message_counts WHERE tenant_id = ?1 \
         UNION ALL SELECT kind, {stages} FROM message_news WHERE tenant_id = ?1"
    );
    let mut kinds: BTreeMap<Kind, Counts> = BTreeMap::new();
    for mut row in tx.query(&sql, &[tenant.into()]).await? {
        let counts = kinds.entry(row.word(Kind::parse)?).or_default();
        for count in counts {
            *count += row.int()?;
        }
    }
    Ok(kinds)
}

/// Messages that are deleted, by their kind.
#[derive(Debug, Default)]
#[must_use = "write it before the commit"]
pub(crate) struct Gone(BTreeMap<String, Counts>);

impl Gone {
    /// Counts the messages of contacts that are about to be deleted, [`sql::MAX_ROWS`] at most.
    pub(crate) async fn look(&mut self, tx: &mut Tx, tenant: i64, contacts: &[i64]) -> Result<()> {
        let mut values: Vec<Value> = vec![tenant.into()];
        let list = sql::list_of(contacts.iter().map(|id| (*id).into()), &mut values);
        // Held, so that nobody moves one of them from count to count meanwhile.
        let lock = tx.for_update();
        let sql = format!(
            "SELECT kind, status, COUNT(*) FROM (SELECT m.kind, m.status FROM messages m \
                 WHERE m.tenant_id = ?1 AND m.conversation_id IN (SELECT k.id \
                     FROM conversations k WHERE k.tenant_id = ?1 AND k.contact_id IN {list}) \
                 ORDER BY m.id{lock}) AS held GROUP BY kind, status"
        );
        for mut row in tx.query(&sql, &values).await? {
            let counts = self.0.entry(row.text()?).or_default();
            let status = row.word(Status::parse)?;
            counts[status.stage() as usize] -= row.int()?;
        }
        Ok(())
    }

    /// Takes them off the counts of their kinds. Those of the minutes and days stay: they tell what
    /// was sent.
    pub(crate) async fn write(self, tx: &mut Tx, tenant: i64) -> Result<()> {
        for (kind, counts) in self.0 {
            add_to_kind(tx, (tenant, &kind), counts).await?;
        }
        Ok(())
    }
}
