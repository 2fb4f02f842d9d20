//! Events on their way into the ledger.

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::error::Result;
use crate::group::{Batch, Item, Write};
use crate::sql::{self, Statement};
use crate::system::System;
use crate::tx::Tx;
use crate::value::Value;

/// An event that Meta posted.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The same for every repetition, and for nothing else.
    pub key: Vec<u8>,
    /// The app that posted it.
    pub app_id: i64,
    /// The business account it is of.
    pub waba_id: String,
    /// The number it is of, if it names one.
    pub phone_number_id: Option<String>,
    /// What it is about, in a word.
    pub kind: &'static str,
    /// All of it, as Meta says it.
    pub body: String,
    /// When it came.
    pub at: Timestamp,
}

/// Events on their way into the ledger.
#[derive(Debug)]
pub(crate) struct KeepEvents;

impl Batch for KeepEvents {
    /// The events of one request, with an id for each.
    type Row = Vec<(i64, NewEvent)>;
    type Out = ();

    fn run<'t>(tx: &'t mut Tx, rows: &'t [&'t Self::Row]) -> BoxFuture<'t, Result<Vec<()>>> {
        Box::pin(keep(tx, rows))
    }

    fn write(item: Item<Self>) -> Write {
        Write::Events(item)
    }
}

impl System {
    /// Keeps the events of one request, all of them or none; those that are there already, once.
    pub async fn keep_events(&self, events: Vec<NewEvent>) -> Result<()> {
        let mut rows = Vec::with_capacity(events.len());
        for event in events {
            rows.push((self.database().next_id().await?, event));
        }
        self.database().write_row::<KeepEvents>(rows).await
    }
}

const EVENT_COLUMNS: [(&str, &str); 8] = [
    ("id", "BIGINT"),
    ("key", "BLOB"),
    ("app_id", "BIGINT"),
    ("waba_id", "TEXT"),
    ("phone_number_id", "TEXT"),
    ("kind", "TEXT"),
    ("body", "TEXT"),
    ("received_at", "BIGINT"),
];

const ID_COLUMNS: [(&str, &str); 1] = [("v_id", "BIGINT")];

/// Keeps in the order of the keys, so that two writers never wait for each other.
async fn keep(tx: &mut Tx, all: &[&Vec<(i64, NewEvent)>]) -> Result<Vec<()>> {
    let mut events: Vec<&(i64, NewEvent)> = all.iter().copied().flatten().collect();
    events.sort_by(|(_, one), (_, other)| one.key.cmp(&other.key));
    events.dedup_by(|(_, one), (_, other)| one.key == other.key);
    let mut statements = Vec::new();
    for chunk in events.chunks(sql::MAX_ROWS) {
        statements.push(insert_events(chunk));
        statements.push(let_wait(chunk));
    }
    tx.query_all(&statements).await?;
    Ok(vec![(); all.len()])
}

fn insert_events(chunk: &[&(i64, NewEvent)]) -> Statement {
    let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * EVENT_COLUMNS.len());
    for (id, event) in chunk {
        values.extend([(*id).into(), event.key.as_slice().into()]);
        values.extend([event.app_id.into(), event.waba_id.as_str().into()]);
        values.push(event.phone_number_id.as_deref().into());
        values.extend([event.kind.into(), event.body.as_str().into()]);
        values.push(event.at.into());
    }
    let insert = sql::insert("inbound_events", &EVENT_COLUMNS, &mut values);
    (format!("{insert} ON CONFLICT DO NOTHING"), values)
}

/// Only what was news has its id in the ledger.
fn let_wait(chunk: &[&(i64, NewEvent)]) -> Statement {
    let mut values: Vec<Value> = chunk.iter().map(|(id, _)| (*id).into()).collect();
    let with = sql::with_values(&ID_COLUMNS, &mut values);
    let sql = format!(
        "{with} INSERT INTO inbound_waiting (event_id, due_at, attempts) \
         SELECT e.id, e.received_at, 0 FROM v JOIN inbound_events e ON e.id = v_id"
    );
    (sql, values)
}
