//! The last step before a message goes out: the rules are checked and the row is written in one
//! transaction, so that nothing is sent without a row that says so.

use std::collections::HashMap;

use domain::ids::{ChannelId, ContactId, MessageId};
use domain::message::{Content, Direction, Status};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::rows;
use crate::error::{Error, Result};
use crate::group::{Batch, Item, Write};
use crate::sql::{self, Statement};
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Value;

/// Whether a message may go to somebody whose 24-hour service window is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The message is taken all the same; its status will tell.
    MayBeClosed,
    /// The message is refused.
    MustBeOpen,
}

/// A message to be sent now.
#[derive(Clone, Debug)]
pub struct NewSend {
    /// To whom.
    pub contact_id: ContactId,
    /// From which number.
    pub channel_id: ChannelId,
    /// What.
    pub content: Content,
    /// The WhatsApp id of the message it answers.
    pub context_wamid: Option<String>,
    /// The rule on the service window.
    pub window: Window,
    /// When.
    pub at: Timestamp,
}

/// What became of a [`NewSend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The message is written down as `sending`; its sender must send it now.
    Claimed(MessageId),
    /// There is no such contact any more.
    NoContact,
    /// The contact opted out, of this channel or of all.
    OptedOut,
    /// The contact is blocked.
    Blocked,
    /// The service window is closed.
    WindowClosed,
}

#[derive(Debug)]
pub(crate) struct ClaimRow {
    tenant: i64,
    message: i64,
    /// For the conversation, if the message is its first.
    conversation: i64,
    content: String,
    send: NewSend,
}

/// Sends on their way out.
#[derive(Debug)]
pub(crate) struct ClaimSends;

impl Batch for ClaimSends {
    type Row = ClaimRow;
    type Out = Claim;

    fn run<'t>(tx: &'t mut Tx, rows: &'t [&'t ClaimRow]) -> BoxFuture<'t, Result<Vec<Claim>>> {
        Box::pin(claim(tx, rows))
    }

    fn write(item: Item<Self>) -> Write {
        Write::Claim(item)
    }
}

impl Store {
    /// Checks opt-out, block and window, and writes the message down as `sending`.
    pub async fn claim_send(&self, send: NewSend) -> Result<Claim> {
        let row = ClaimRow {
            tenant: self.tenant.get(),
            message: self.database.next_id().await?,
            conversation: self.database.next_id().await?,
            content: rows::content_text(&send.content)?,
            send,
        };
        self.database.write_row::<ClaimSends>(row).await
    }
}

/// A contact's conversation on a channel, by tenant, contact and channel.
type Pair = (i64, i64, i64);

fn pair(row: &ClaimRow) -> Pair {
    (
        row.tenant,
        row.send.contact_id.get(),
        row.send.channel_id.get(),
    )
}

async fn claim(tx: &mut Tx, all: &[&ClaimRow]) -> Result<Vec<Claim>> {
    let verdicts = check(tx, all).await?;
    let allowed: Vec<&ClaimRow> = all
        .iter()
        .zip(&verdicts)
        .filter(|(_, no)| no.is_none())
        .map(|(row, _)| *row)
        .collect();
    let conversations = converse(tx, &allowed).await?;
    let mut statements = Vec::new();
    for chunk in allowed.chunks(sql::MAX_ROWS) {
        statements.push(insert_messages(chunk, &conversations)?);
    }
    tx.query_all(&statements).await?;
    let claimed = |row: &ClaimRow| MessageId::new(row.message).map(Claim::Claimed);
    let fresh = || Error::Corrupt("a fresh id is no id".into());
    all.iter()
        .zip(verdicts)
        .map(|(row, verdict)| verdict.or_else(|| claimed(row)).ok_or_else(fresh))
        .collect()
}

fn insert_messages(chunk: &[&ClaimRow], conversations: &HashMap<Pair, i64>) -> Result<Statement> {
    let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * rows::INSERT_COLUMNS.len());
    for row in chunk {
        let lost = || Error::Corrupt("a conversation vanished".into());
        let conversation = *conversations.get(&pair(row)).ok_or_else(lost)?;
        let send = &row.send;
        values.extend([row.tenant.into(), row.message.into(), conversation.into()]);
        values.extend([send.contact_id.get().into(), send.channel_id.get().into()]);
        values.push(Direction::Outbound.as_str().into());
        values.push(row.content.as_str().into());
        values.extend([Status::Sending.as_str().into(), Value::Null]);
        values.push(send.context_wamid.as_deref().into());
        values.extend([send.at.into(), send.at.into()]);
    }
    let sql = sql::insert("messages", &rows::INSERT_COLUMNS, &mut values);
    Ok((sql, values))
}

const CHECK_COLUMNS: [(&str, &str); 3] = [
    ("v_tenant_id", "BIGINT"),
    ("v_contact_id", "BIGINT"),
    ("v_channel_id", "BIGINT"),
];

/// Returns for each row what speaks against it, if anything.
async fn check(tx: &mut Tx, all: &[&ClaimRow]) -> Result<Vec<Option<Claim>>> {
    let mut states: HashMap<Pair, (bool, bool, Option<Timestamp>)> = HashMap::new();
    // In one order, for the contacts are held: none may be merged into another until the commit.
    let mut pairs: Vec<Pair> = all.iter().map(|row| pair(row)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let lock = tx.for_reference();
    for chunk in pairs.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 3);
        for (tenant, contact, channel) in chunk {
            values.extend([(*tenant).into(), (*contact).into(), (*channel).into()]);
        }
        let with = sql::with_values(&CHECK_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT v_tenant_id, v_contact_id, v_channel_id, c.is_blocked, \
             CASE WHEN c.is_opted_out = 1 AND EXISTS (SELECT 1 FROM consents o \
                 WHERE o.tenant_id = c.tenant_id AND o.contact_id = c.id \
                 AND o.channel_id IN (0, v_channel_id) AND o.topic = 'all' \
                 AND o.is_opted_out = 1) THEN 1 ELSE 0 END, \
             (SELECT k.window_expires_at FROM conversations k WHERE k.tenant_id = c.tenant_id \
                 AND k.contact_id = c.id AND k.channel_id = v_channel_id) \
             FROM v JOIN contacts c ON c.tenant_id = v_tenant_id AND c.id = v_contact_id{lock}"
        );
        for mut row in tx.query(&sql, &values).await? {
            let pair = (row.int()?, row.int()?, row.int()?);
            states.insert(pair, (row.flag()?, row.flag()?, row.opt_time()?));
        }
    }
    let verdict = |row: &&ClaimRow| match states.get(&pair(row)) {
        None => Some(Claim::NoContact),
        Some((true, _, _)) => Some(Claim::Blocked),
        Some((_, true, _)) => Some(Claim::OptedOut),
        Some((_, _, window)) => {
            let is_open = window.is_some_and(|until| until > row.send.at);
            (row.send.window == Window::MustBeOpen && !is_open).then_some(Claim::WindowClosed)
        }
    };
    Ok(all.iter().map(verdict).collect())
}

const CONVERSATION_COLUMNS: [(&str, &str); 6] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("contact_id", "BIGINT"),
    ("channel_id", "BIGINT"),
    ("last_message_at", "BIGINT"),
    ("created_at", "BIGINT"),
];

/// Opens or touches the conversations of these messages and returns their ids.
async fn converse(tx: &mut Tx, allowed: &[&ClaimRow]) -> Result<HashMap<Pair, i64>> {
    let mut rows: Vec<(Pair, &ClaimRow)> = allowed.iter().map(|row| (pair(row), *row)).collect();
    rows.sort_by_key(|(pair, _)| *pair);
    rows.dedup_by_key(|(pair, _)| *pair);
    let mut statements = Vec::new();
    for chunk in rows.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * CONVERSATION_COLUMNS.len());
        for ((tenant, contact, channel), row) in chunk {
            let at = row.send.at;
            values.extend([(*tenant).into(), row.conversation.into(), (*contact).into()]);
            values.extend([(*channel).into(), at.into(), at.into()]);
        }
        let insert = sql::insert("conversations", &CONVERSATION_COLUMNS, &mut values);
        let sql = format!(
            "{insert} \
             ON CONFLICT (tenant_id, contact_id, channel_id) \
             DO UPDATE SET last_message_at = CASE \
                 WHEN conversations.last_message_at > excluded.last_message_at \
                 THEN conversations.last_message_at ELSE excluded.last_message_at END \
             RETURNING tenant_id, contact_id, channel_id, id"
        );
        statements.push((sql, values));
    }
    let mut found = HashMap::with_capacity(rows.len());
    for mut row in tx.query_all(&statements).await?.into_iter().flatten() {
        found.insert((row.int()?, row.int()?, row.int()?), row.int()?);
    }
    Ok(found)
}
