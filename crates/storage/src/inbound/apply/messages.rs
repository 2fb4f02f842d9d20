//! Messages that came in, many at a time.

use std::collections::{HashMap, HashSet};

use domain::event::EventKind;
use domain::ids::{ChannelId, MessageId};
use domain::message::{Direction, Status};
use jiff::SignedDuration;

use super::changes::{Change, InboundMessage};
use super::talks::{self, Pair, Touch, Touched};
use super::{Endings, Owned, by_key, edits, people};
use crate::contacts::Rest;
use crate::conversations::begun::{self, Begun};
use crate::error::{Error, Result};
use crate::events::{Announcement, announcements};
use crate::media::{self, NewDownload};
use crate::messages::reactions::{self, Reacting};
use crate::messages::{INSERT_COLUMNS, content_text};
use crate::search;
use crate::sql::{self, Statement};
use crate::tallies::{Counted, Moves};
use crate::tx::Tx;
use crate::value::Value;

/// A message and whose it is.
struct Row<'e> {
    owned: Owned<'e>,
    message: &'e InboundMessage,
    contact: i64,
    /// Whether the contact has something unread already.
    is_unread: bool,
}

impl Row<'_> {
    fn tenant(&self) -> i64 {
        self.owned.owner.tenant.id.get()
    }

    fn pair(&self) -> Pair {
        (self.tenant(), self.contact, self.owned.owner.channel_id)
    }

    fn is_inbound(&self) -> bool {
        self.message.direction == Direction::Inbound
    }
}

/// Messages that are written, and what must be written after everything else.
#[derive(Default)]
#[must_use = "call `finish` after everything else"]
pub(super) struct Written<'e> {
    rows: Vec<Row<'e>>,
    rest: Rest,
    begun: Vec<Begun>,
}

/// Keeps messages: makes or meets their contacts and opens the windows. One that is here already
/// changes nothing.
pub(super) async fn apply<'e>(
    tx: &mut Tx,
    messages: &[Owned<'e>],
    endings: &mut Endings,
) -> Result<Written<'e>> {
    let messages: Vec<_> = messages.iter().filter_map(|it| said(*it)).collect();
    let people: Vec<_> = messages
        .iter()
        .map(|(owned, message)| (*owned, &message.person))
        .collect();
    if people.is_empty() {
        return Ok(Written::default());
    }
    let (contacts, rest) = people::meet(tx, &people).await?;
    let mut rows: Vec<Row<'e>> = Vec::with_capacity(messages.len());
    for ((owned, message), contact) in messages.into_iter().zip(contacts) {
        match contact {
            Some(contact) => rows.push(Row {
                owned,
                message,
                contact: contact.id.get(),
                is_unread: contact.flags.has_unread_messages,
            }),
            None => {
                let id = owned.event.change.event_id;
                endings.failures.push((id, "it names nobody"));
            }
        }
    }
    drop_known(tx, &mut rows).await?;
    let talks = converse(tx, &rows).await?;
    let begun = rows.iter().filter(|row| is_first(row, &talks));
    let begun = begun.map(|row| Begun {
        tenant: row.tenant(),
        conversation: row.owned.event.conversation_id(),
        at: row.owned.event.change.at,
    });
    let begun = begun.collect();
    Ok(Written { rows, rest, begun })
}

impl Written<'_> {
    /// Writes what is of the contacts, which all writers change last.
    pub(super) async fn finish(self, tx: &mut Tx) -> Result<()> {
        let written = self.rows.iter().filter(|row| row.is_inbound());
        let seen = written.map(|row| (row.owned, &row.message.person));
        people::note_reached(tx, seen).await?;
        for row in &self.rows {
            download(tx, row).await?;
        }
        let unread = self.rows.iter();
        let unread = unread.filter(|row| row.is_inbound() && !row.is_unread);
        let mut unread: Vec<_> = unread.map(|row| (row.tenant(), row.contact)).collect();
        unread.sort_unstable();
        unread.dedup();
        talks::mark_unread(tx, &unread).await?;
        for row in &self.rows {
            if let Some(wish) = &row.message.wish {
                people::record_wish(tx, row.owned, (row.contact, wish)).await?;
            }
        }
        self.rest.write(tx).await?;
        begun::count(tx, self.begun).await
    }
}

fn said<'e>(owned: Owned<'e>) -> Option<(Owned<'e>, &'e InboundMessage)> {
    match &owned.event.change.change {
        Change::Said(message) => Some((owned, message)),
        _ => None,
    }
}

/// Has the file of a message downloaded.
async fn download(tx: &mut Tx, row: &Row<'_>) -> Result<()> {
    let event = row.owned.event;
    let ids = (
        MessageId::new(event.message_id()),
        ChannelId::new(row.owned.owner.channel_id),
    );
    let (Some(file), (Some(message_id), Some(channel_id))) = (&row.message.file, ids) else {
        return Ok(());
    };
    let new = NewDownload {
        message_id,
        channel_id,
        media_id: file.media_id.clone(),
        kind: file.kind,
        mime_type: file.mime_type.clone(),
        sha256: file.sha256.clone(),
        at: event.change.at,
    };
    media::enqueue(tx, row.tenant(), &new).await
}

const WAMID_COLUMNS: [(&str, &str); 4] = [
    ("v_tenant_id", "BIGINT"),
    ("v_channel_id", "BIGINT"),
    ("v_wamid", "TEXT"),
    ("v_direction", "TEXT"),
];

/// Leaves only messages that are news.
async fn drop_known(tx: &mut Tx, rows: &mut Vec<Row<'_>>) -> Result<()> {
    let mut known: HashSet<(i64, i64, String)> = HashSet::new();
    for chunk in rows.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * WAMID_COLUMNS.len());
        for row in chunk {
            values.extend([row.tenant().into(), row.owned.owner.channel_id.into()]);
            values.push(row.message.wamid.as_str().into());
            values.push(row.message.direction.as_str().into());
        }
        let with = sql::with_values(&WAMID_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT m.tenant_id, m.channel_id, m.wamid FROM v \
             JOIN messages m ON m.tenant_id = v_tenant_id AND m.wamid = v_wamid \
             WHERE m.channel_id = v_channel_id AND m.direction = v_direction"
        );
        for mut row in tx.query(&sql, &values).await? {
            known.insert((row.int()?, row.int()?, row.text()?));
        }
    }
    rows.retain(|row| {
        let channel = row.owned.owner.channel_id;
        known.insert((row.tenant(), channel, row.message.wamid.clone()))
    });
    Ok(())
}

/// Writes conversations, then messages: the order in which everybody locks them.
async fn converse(tx: &mut Tx, rows: &[Row<'_>]) -> Result<HashMap<Pair, Touched>> {
    let mut touches: Vec<Touch> = Vec::new();
    for (pair, rows) in by_key(rows.iter().map(|row| (row.pair(), row))) {
        let newest = |rows: &mut dyn Iterator<Item = &&Row<'_>>| {
            rows.map(|row| row.owned.event.change.at).max()
        };
        let (Some(first), Some(last_at)) = (rows.first(), newest(&mut rows.iter())) else {
            continue;
        };
        touches.push(Touch {
            pair,
            fresh_id: first.owned.event.conversation_id(),
            last_at,
            written_at: newest(&mut rows.iter().filter(|row| row.is_inbound())),
            count: i64::try_from(
                rows.iter()
                    .filter(|row| row.message.content.is_some())
                    .count(),
            )
            .unwrap_or_default(),
        });
    }
    touches.sort_by_key(|touch| touch.pair);
    let conversations = talks::touch(tx, &touches).await?;
    let mut statements = insert(rows, &conversations)?;
    statements.extend(reactions::keeping(rows.iter().filter_map(reacting)));
    statements.extend(announcements(&news(rows, &conversations)));
    tx.query_all(&statements).await?;
    let said = rows.iter().filter(|row| row.message.content.is_some());
    let said: Vec<edits::Target<'_>> = said
        .map(|row| edits::Target {
            tenant: row.tenant(),
            channel: row.owned.owner.channel_id,
            wamid: &row.message.wamid,
        })
        .collect();
    edits::catch_up(tx, &said).await?;
    Ok(conversations)
}

fn reacting<'r>(row: &'r Row<'_>) -> Option<Reacting<'r>> {
    Some(Reacting {
        tenant: row.tenant(),
        channel: row.owned.owner.channel_id,
        direction: row.message.direction,
        content: row.message.content.as_ref()?,
        at: row.owned.event.change.at,
    })
}

/// A conversation that is new has the id that its first message brought for it.
fn is_first(row: &Row<'_>, talks: &HashMap<Pair, Touched>) -> bool {
    let brought = row.owned.event.conversation_id();
    let talk = talks.get(&row.pair());
    talk.is_some_and(|talk| talk.id == brought)
}

/// Returns what is told: the messages, and the conversations that they began or opened again.
fn news(rows: &[Row<'_>], talks: &HashMap<Pair, Touched>) -> Vec<Announcement> {
    let mut told: HashSet<Pair> = HashSet::new();
    let mut opened = Vec::new();
    for row in rows {
        let talk = talks.get(&row.pair()).filter(|talk| talk.is_opened);
        if let Some(talk) = talk
            && told.insert(row.pair())
        {
            // A message may have been written before the conversation was closed, and come after.
            let after = talk.closed_at.map(|at| at + SignedDuration::from_micros(1));
            let at = row.owned.event.change.at;
            opened.push(Announcement {
                tenant: row.tenant(),
                kind: EventKind::ConversationOpened,
                subject: talk.id,
                at: after.map_or(at, |after| after.max(at)),
            });
        }
    }
    let is_said = |row: &&Row<'_>| row.message.content.is_some();
    let said = rows.iter().filter(is_said).map(|row| Announcement {
        tenant: row.tenant(),
        kind: match row.message.direction {
            Direction::Inbound => EventKind::MessageReceived,
            Direction::Outbound => EventKind::MessageSent,
        },
        subject: row.owned.event.message_id(),
        at: row.owned.event.change.at,
    });
    opened.into_iter().chain(said).collect()
}

fn insert(rows: &[Row<'_>], talks: &HashMap<Pair, Touched>) -> Result<Vec<Statement>> {
    let (mut statements, mut moves) = (Vec::new(), Moves::default());
    for chunk in rows.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * INSERT_COLUMNS.len());
        for row in chunk {
            let Some(content) = &row.message.content else {
                continue;
            };
            let lost = || Error::Corrupt("a conversation vanished".into());
            let conversation = talks.get(&row.pair()).ok_or_else(lost)?.id;
            let (event, message) = (row.owned.event, row.message);
            let status = match message.direction {
                Direction::Inbound => Status::Received,
                Direction::Outbound => Status::Sent,
            };
            let counted = Counted {
                tenant: row.tenant(),
                id: event.message_id(),
                kind: content.kind(),
                at: event.change.at,
            };
            moves.made(counted, status);
            values.extend([row.tenant().into(), event.message_id().into()]);
            values.extend([conversation.into(), row.contact.into()]);
            values.push(row.owned.owner.channel_id.into());
            values.push(message.direction.as_str().into());
            values.push(content.kind().as_str().into());
            values.push(content_text(content)?.into());
            values.push(status.as_str().into());
            values.push(message.wamid.as_str().into());
            values.push(message.context_wamid.as_deref().into());
            values.extend([event.change.at.into(), event.change.at.into()]);
        }
        if !values.is_empty() {
            let sql = sql::insert("messages", &INSERT_COLUMNS, &mut values);
            statements.push((sql, values));
            let made = chunk.iter().filter(|row| row.message.content.is_some());
            let made = made.map(|row| (row.tenant(), row.owned.event.message_id(), 0));
            statements.push(search::mark_new(search::Kind::Message, made));
        }
    }
    statements.extend(moves.statements());
    Ok(statements)
}
