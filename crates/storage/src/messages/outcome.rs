//! What became of messages that were sent.

use domain::event::EventKind;
use domain::ids::MessageId;
use domain::message::{Failure, Kind, Status};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::error::Result;
use crate::events::{Announcement, announce};
use crate::group::{Batch, Item, Write};
use crate::sql;
use crate::store::Store;
use crate::tallies::{Counted, Moves};
use crate::tx::Tx;
use crate::value::Value;

/// What became of a message that was `sending`.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which message.
    pub message_id: MessageId,
    /// How far it got.
    pub status: Status,
    /// WhatsApp's id of it.
    pub wamid: Option<String>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When it is tried again; only one that is `queued` again has a time.
    pub due_at: Option<Timestamp>,
    /// When.
    pub at: Timestamp,
}

/// Outcomes on their way into the rows.
#[derive(Debug)]
pub(crate) struct RecordOutcomes;

impl Batch for RecordOutcomes {
    type Row = (i64, Outcome);
    type Out = ();

    fn run<'t>(tx: &'t mut Tx, rows: &'t [&'t Self::Row]) -> BoxFuture<'t, Result<Vec<()>>> {
        Box::pin(record(tx, rows))
    }

    fn write(item: Item<Self>) -> Write {
        Write::Outcome(item)
    }
}

impl Store {
    /// Records what became of a message; only one that is `sending` or `unconfirmed` changes.
    pub async fn record_outcome(&self, outcome: Outcome) -> Result<()> {
        self.database
            .write_row::<RecordOutcomes>((self.tenant.get(), outcome))
            .await
    }
}

const COLUMNS: [(&str, &str); 9] = [
    ("v_tenant_id", "BIGINT"),
    ("v_id", "BIGINT"),
    ("v_status", "TEXT"),
    ("v_wamid", "TEXT"),
    ("v_error_code", "BIGINT"),
    ("v_error_title", "TEXT"),
    ("v_error_details", "TEXT"),
    ("v_due_at", "BIGINT"),
    ("v_at", "BIGINT"),
];

/// Records in the order of the ids, so that two writers never wait for each other; what is said of
/// one message twice is recorded one after the other.
async fn record(tx: &mut Tx, all: &[&(i64, Outcome)]) -> Result<Vec<()>> {
    let id = |it: &&(i64, Outcome)| (it.0, it.1.message_id);
    let mut waiting = all.to_vec();
    waiting.sort_by_key(id);
    while !waiting.is_empty() {
        let (mut now, mut later) = (Vec::with_capacity(waiting.len()), Vec::new());
        for outcome in waiting {
            let is_again = now.last().is_some_and(|last| id(last) == id(&outcome));
            let list = if is_again { &mut later } else { &mut now };
            list.push(outcome);
        }
        record_once_each(tx, &now).await?;
        waiting = later;
    }
    Ok(vec![(); all.len()])
}

async fn record_once_each(tx: &mut Tx, outcomes: &[&(i64, Outcome)]) -> Result<()> {
    let (mut moves, mut failed) = (Moves::default(), Vec::new());
    for chunk in outcomes.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for (tenant, outcome) in chunk {
            let failure = outcome.failure.as_ref();
            values.extend([(*tenant).into(), outcome.message_id.get().into()]);
            values.extend([
                outcome.status.as_str().into(),
                outcome.wamid.as_deref().into(),
            ]);
            values.extend([failure.and_then(|failure| failure.code).into()]);
            values.extend([failure.map(|failure| failure.title.as_str()).into()]);
            values.extend([failure
                .and_then(|failure| failure.details.as_deref())
                .into()]);
            values.extend([outcome.due_at.into(), outcome.at.into()]);
        }
        let with = sql::with_values(&COLUMNS, &mut values);
        let sql = format!(
            "{with} UPDATE messages SET status = v_status, wamid = v_wamid, \
             error_code = v_error_code, error_title = v_error_title, \
             error_details = v_error_details, updated_at = v_at, attempts = attempts + 1, \
             content = CASE WHEN v_status = 'queued' THEN content \
                 ELSE COALESCE(bare_content, content) END, \
             bare_content = CASE WHEN v_status = 'queued' THEN bare_content END, \
             due_at = v_due_at, failed_at = CASE WHEN v_status = 'failed' THEN v_at END FROM v \
             WHERE messages.tenant_id = v_tenant_id AND messages.id = v_id \
             AND messages.status IN ('sending', 'unconfirmed') \
             RETURNING tenant_id, id, status, kind, created_at, updated_at"
        );
        for mut row in tx.query(&sql, &values).await? {
            let (tenant, subject) = (row.int()?, row.int()?);
            let status = row.word(Status::parse)?;
            let message = Counted {
                tenant,
                id: subject,
                kind: row.word(Kind::parse)?,
                at: row.time()?,
            };
            moves.moved(message, Status::Sending, status);
            if status == Status::Failed {
                failed.push(Announcement {
                    tenant,
                    kind: EventKind::MessageFailed,
                    subject,
                    at: row.time()?,
                });
            }
        }
    }
    announce(tx, &failed).await?;
    moves.write(tx).await
}
