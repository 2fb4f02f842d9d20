//! The last step before a message goes out: the rules are checked and the row is written in one
//! transaction, so that nothing is sent without a row that says so.

mod talks;

use std::collections::{HashMap, HashSet};

use domain::consent::Topic;
use domain::event::EventKind;
use domain::ids::{ChannelId, ContactId, JobId, MessageId};
use domain::message::{Author, Content, Direction, Status};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use talks::{Talks, converse};

use super::reactions::{self, Reacting};
use super::rows;
use crate::error::{Error, Result};
use crate::events::{Announcement, announcements};
use crate::group::{Batch, Item, Write};
use crate::search;
use crate::sql::{self, Statement};
use crate::store::Store;
use crate::tallies::{Counted, Moves};
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

/// When a message leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Now, by the holder of the lane's lease with this epoch. Where something else is still under
    /// way to the same person it waits behind it.
    Now {
        /// The epoch.
        lane_epoch: i64,
    },
    /// Once it is due, by whoever holds the lane then.
    Due(Timestamp),
}

/// A message to be sent.
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
    /// Who sends it.
    pub author: Author,
    /// The rule on the service window.
    pub window: Window,
    /// What it is about, which the person may not want to hear of.
    pub topic: Topic,
    /// When it leaves.
    pub start: Start,
    /// When it is no longer wanted, if it has not left by then.
    pub give_up_at: Option<Timestamp>,
    /// When it is made.
    pub at: Timestamp,
}

/// What became of a [`NewSend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The message is written down as `sending`; its sender must send it now.
    Claimed(MessageId),
    /// The message is written down as `queued`.
    Queued(MessageId),
    /// There is no such contact any more.
    NoContact,
    /// The contact opted out, of this channel or of all.
    OptedOut,
    /// The contact is blocked.
    Blocked,
    /// The service window is closed.
    WindowClosed,
    /// It would begin a conversation, of which the plan allows no more this month.
    PlanFull {
        /// How many began.
        current: i64,
        /// How many may begin.
        maximum: i64,
    },
}

#[derive(Debug)]
pub(crate) struct ClaimRow {
    tenant: i64,
    message: i64,
    /// For the conversation, if the message is its first.
    conversation: i64,
    content: String,
    /// What is kept of it once it is sent, where it carries a one-time code.
    bare: Option<String>,
    send: NewSend,
}

impl ClaimRow {
    pub(crate) fn contact_id(&self) -> i64 {
        self.send.contact_id.get()
    }
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
    /// Checks opt-out, block and window, and writes the message down as `sending` or `queued`.
    pub async fn claim_send(&self, send: NewSend) -> Result<Claim> {
        let row = self.claim_row(send).await?;
        self.database.write_row::<ClaimSends>(row).await
    }

    pub(crate) async fn claim_row(&self, send: NewSend) -> Result<ClaimRow> {
        let bare = send.content.without_code();
        Ok(ClaimRow {
            tenant: self.tenant.get(),
            message: self.database.next_id().await?,
            conversation: self.database.next_id().await?,
            content: rows::content_text(&send.content)?,
            bare: bare.as_ref().map(rows::content_text).transpose()?,
            send,
        })
    }
}

/// A contact's conversation on a channel, by tenant, contact and channel.
type Pair = (i64, i64, i64);

/// A conversation, and whether it is about marketing.
type Key = (Pair, bool);

fn key(row: &ClaimRow) -> Key {
    (pair(row), row.send.topic == Topic::Marketing)
}

fn pair(row: &ClaimRow) -> Pair {
    (
        row.tenant,
        row.send.contact_id.get(),
        row.send.channel_id.get(),
    )
}

/// What speaks for or against a message at this moment.
#[derive(Clone, Copy, Debug)]
struct State {
    is_blocked: bool,
    is_opted_out: bool,
    window_expires_at: Option<Timestamp>,
    /// Whether something is queued or being sent to the same person.
    is_behind: bool,
}

pub(crate) async fn claim(tx: &mut Tx, all: &[&ClaimRow]) -> Result<Vec<Claim>> {
    let states = look(tx, all).await?;
    let mut taken: HashSet<Pair> = HashSet::new();
    let mut verdicts = Vec::with_capacity(all.len());
    for row in all {
        verdicts.push(match states.get(&key(row)) {
            None => Claim::NoContact,
            Some(state) => {
                let is_first = !state.is_behind && taken.insert(pair(row));
                judge(row, *state, is_first)?
            }
        });
    }
    let mut allowed = allowed(all, &verdicts);
    let talks = converse(tx, &allowed).await?;
    let full = talks.limit(tx, &allowed).await?;
    if !full.is_empty() {
        for (row, verdict) in all.iter().zip(&mut verdicts) {
            if let (true, Some(refusal)) = (is_kept(verdict), full.get(&pair(row))) {
                *verdict = *refusal;
            }
        }
        allowed.retain(|(row, _)| !full.contains_key(&pair(row)));
    }
    write(tx, &allowed, &talks).await?;
    Ok(verdicts)
}

/// Writes messages down with all that goes with them, in one trip. The counts that all writers of a
/// tenant share come last, for they are held until the commit.
async fn write(tx: &mut Tx, allowed: &[(&ClaimRow, Claim)], talks: &Talks) -> Result<()> {
    let mut statements = Vec::new();
    for chunk in allowed.chunks(sql::MAX_ROWS) {
        statements.push(insert_messages(chunk, &talks.ids)?);
        let made = chunk.iter().map(|(row, _)| (row.tenant, row.message, 0));
        statements.push(search::mark_new(search::Kind::Message, made));
    }
    statements.extend(reactions::keeping(allowed.iter().map(|(row, _)| {
        Reacting {
            tenant: row.tenant,
            channel: row.send.channel_id.get(),
            direction: Direction::Outbound,
            content: &row.send.content,
            at: row.send.at,
        }
    })));
    let mut moves = Moves::default();
    for (row, _) in allowed {
        let message = Counted {
            tenant: row.tenant,
            id: row.message,
            kind: row.send.content.kind(),
            at: row.send.at,
        };
        moves.made(message, Status::Queued);
    }
    statements.extend(moves.statements());
    let opened = allowed.iter().map(|(row, _)| *row);
    let opened: Vec<&ClaimRow> = opened.filter(|row| talks.is_first(row)).collect();
    let told = opened.iter().map(|row| Announcement {
        tenant: row.tenant,
        kind: EventKind::ConversationOpened,
        subject: row.conversation,
        at: row.send.at,
    });
    statements.extend(announcements(&told.collect::<Vec<_>>()));
    statements.extend(talks.counting(&opened));
    tx.query_all(&statements).await?;
    Ok(())
}

fn is_kept(claim: &Claim) -> bool {
    matches!(claim, Claim::Claimed(_) | Claim::Queued(_))
}

fn allowed<'r>(all: &[&'r ClaimRow], verdicts: &[Claim]) -> Vec<(&'r ClaimRow, Claim)> {
    let all = all.iter().zip(verdicts);
    let allowed = all.filter(|(_, verdict)| is_kept(verdict));
    allowed.map(|(row, verdict)| (*row, *verdict)).collect()
}

fn judge(row: &ClaimRow, state: State, is_first: bool) -> Result<Claim> {
    let id = MessageId::new(row.message);
    let id = id.ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))?;
    let is_open = state
        .window_expires_at
        .is_some_and(|until| until > row.send.at);
    Ok(match row.send.start {
        _ if state.is_blocked => Claim::Blocked,
        _ if state.is_opted_out => Claim::OptedOut,
        _ if row.send.window == Window::MustBeOpen && !is_open => Claim::WindowClosed,
        Start::Now { .. } if is_first => Claim::Claimed(id),
        Start::Now { .. } | Start::Due(_) => Claim::Queued(id),
    })
}

/// The columns that a message on its way out fills.
const COLUMNS: [(&str, &str); 20] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("conversation_id", "BIGINT"),
    ("contact_id", "BIGINT"),
    ("channel_id", "BIGINT"),
    ("direction", "TEXT"),
    ("kind", "TEXT"),
    ("content", "TEXT"),
    ("bare_content", "TEXT"),
    ("status", "TEXT"),
    ("context_wamid", "TEXT"),
    ("member_id", "TEXT"),
    ("job_id", "BIGINT"),
    ("due_at", "BIGINT"),
    ("give_up_at", "BIGINT"),
    ("lane_epoch", "BIGINT"),
    ("needs_window", "BIGINT"),
    ("topic", "TEXT"),
    ("created_at", "BIGINT"),
    ("updated_at", "BIGINT"),
];

fn insert_messages(
    chunk: &[(&ClaimRow, Claim)],
    conversations: &HashMap<Pair, i64>,
) -> Result<Statement> {
    let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
    for (row, claim) in chunk {
        let lost = || Error::Corrupt("a conversation vanished".into());
        let conversation = *conversations.get(&pair(row)).ok_or_else(lost)?;
        let send = &row.send;
        let (status, due_at, epoch) = match (claim, send.start) {
            (Claim::Claimed(_), Start::Now { lane_epoch }) => {
                (Status::Sending, None, Some(lane_epoch))
            }
            (_, Start::Now { .. }) => (Status::Queued, Some(send.at), None),
            (_, Start::Due(due_at)) => (Status::Queued, Some(due_at), None),
        };
        values.extend([row.tenant.into(), row.message.into(), conversation.into()]);
        values.extend([send.contact_id.get().into(), send.channel_id.get().into()]);
        values.push(Direction::Outbound.as_str().into());
        values.push(send.content.kind().as_str().into());
        values.push(row.content.as_str().into());
        values.push(row.bare.as_deref().into());
        values.push(status.as_str().into());
        values.push(send.context_wamid.as_deref().into());
        values.push(send.author.member_id.as_deref().into());
        values.push(send.author.job_id.map(JobId::get).into());
        values.extend([due_at.into(), send.give_up_at.into(), epoch.into()]);
        values.push((send.window == Window::MustBeOpen).into());
        values.push(send.topic.as_str().into());
        values.extend([send.at.into(), send.at.into()]);
    }
    let sql = sql::insert("messages", &COLUMNS, &mut values);
    Ok((sql, values))
}

const LOOK_COLUMNS: [(&str, &str); 5] = [
    ("v_tenant_id", "BIGINT"),
    ("v_contact_id", "BIGINT"),
    ("v_channel_id", "BIGINT"),
    ("v_topic", "TEXT"),
    ("v_at", "BIGINT"),
];

/// Whether the contact `c` wants to hear nothing of the topic, on the channel, as a number. The copy
/// that contacts carry spares most of them the look at their consents.
pub(super) fn opted_out(channel: &str, topic: &str) -> String {
    let says = |about: &str| {
        format!(
            "EXISTS (SELECT 1 FROM consents o WHERE o.tenant_id = c.tenant_id \
             AND o.contact_id = c.id AND o.channel_id IN (0, {channel}) \
             AND o.topic = '{about}' AND o.is_opted_out = 1)"
        )
    };
    let (all, marketing) = (says("all"), says("marketing"));
    format!(
        "CASE WHEN (c.is_opted_out = 1 AND {all}) OR ({topic} = 'marketing' AND {marketing}) \
         THEN 1 ELSE 0 END"
    )
}

/// Returns what is known of each row's recipient; nothing where there is no such contact.
async fn look(tx: &mut Tx, all: &[&ClaimRow]) -> Result<HashMap<Key, State>> {
    let mut states = HashMap::with_capacity(all.len());
    // In one order, for the contacts are held: none may be merged into another until the commit.
    let mut rows = all.to_vec();
    rows.sort_by_key(|row| pair(row));
    let lock = tx.for_reference();
    for chunk in rows.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * LOOK_COLUMNS.len());
        for row in chunk {
            let (tenant, contact, channel) = pair(row);
            values.extend([tenant.into(), contact.into(), channel.into()]);
            values.extend([row.send.topic.as_str().into(), row.send.at.into()]);
        }
        let with = sql::with_values(&LOOK_COLUMNS, &mut values);
        let opted_out = opted_out("v_channel_id", "v_topic");
        let sql = format!(
            "{with} SELECT v_tenant_id, v_contact_id, v_channel_id, v_topic, c.is_blocked, \
             {opted_out}, \
             (SELECT k.window_expires_at FROM conversations k WHERE k.tenant_id = c.tenant_id \
                 AND k.contact_id = c.id AND k.channel_id = v_channel_id), \
             CASE WHEN EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = c.tenant_id \
                 AND m.channel_id = v_channel_id AND m.contact_id = c.id \
                 AND m.status IN ('queued', 'sending') AND (m.status = 'sending' \
                 OR m.due_at <= v_at OR m.attempts > 0)) THEN 1 ELSE 0 END \
             FROM v JOIN contacts c ON c.tenant_id = v_tenant_id AND c.id = v_contact_id{lock}"
        );
        for mut row in tx.query(&sql, &values).await? {
            let pair = (row.int()?, row.int()?, row.int()?);
            let topic = row.text()?;
            let state = State {
                is_blocked: row.flag()?,
                is_opted_out: row.flag()?,
                window_expires_at: row.opt_time()?,
                is_behind: row.flag()?,
            };
            states.insert((pair, topic == Topic::Marketing.as_str()), state);
        }
    }
    Ok(states)
}
