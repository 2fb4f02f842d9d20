//! Messages of long ago, written down in great numbers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::ids::{ChannelId, ContactId};
use domain::message::{Content, Direction, Status};
use jiff::Timestamp;

use crate::conversations::begun::{self, Begun};
use crate::error::{Error, Result};
use crate::inbound::{Pair, Touch, Touched, touch};
use crate::messages::{INSERT_COLUMNS, content_text};
use crate::search;
use crate::sql;
use crate::store::Store;
use crate::tallies::{Counted, Moves};
use crate::tx::{Tx, work};
use crate::value::Value;

/// A message that came or went long ago.
#[derive(Clone, Debug)]
pub struct PastMessage {
    /// With whom.
    pub contact_id: ContactId,
    /// By which number.
    pub channel_id: ChannelId,
    /// Whether it came or went.
    pub direction: Direction,
    /// What it says.
    pub content: Content,
    /// How far it got.
    pub status: Status,
    /// When it was made.
    pub at: Timestamp,
}

/// A message with its id, and the id of its conversation if it is the first of that.
type Numbered = (i64, i64, PastMessage);

/// Writes messages down in one transaction, with all that their senders and the events of Meta's would
/// have left behind: conversations, counts, and what is to be filed.
pub async fn keep_messages(store: &Store, messages: Vec<PastMessage>) -> Result<()> {
    let mut numbered = Vec::with_capacity(messages.len());
    for message in messages {
        let (id, talk) = (
            store.database.next_id().await?,
            store.database.next_id().await?,
        );
        numbered.push((id, talk, message));
    }
    let (tenant, numbered) = (store.tenant.get(), Arc::new(numbered));
    let unit = work(move |tx| {
        let numbered = Arc::clone(&numbered);
        Box::pin(async move { keep(tx, tenant, &numbered).await })
    });
    store.database.write(unit).await
}

fn pair(tenant: i64, message: &PastMessage) -> Pair {
    (tenant, message.contact_id.get(), message.channel_id.get())
}

async fn keep(tx: &mut Tx, tenant: i64, all: &[Numbered]) -> Result<()> {
    // In one order, so that two writers never wait for each other.
    let mut touches: BTreeMap<Pair, Touch> = BTreeMap::new();
    let mut moves = Moves::default();
    for (id, talk, message) in all {
        let pair = pair(tenant, message);
        let touch = touches.entry(pair).or_insert(Touch {
            pair,
            fresh_id: *talk,
            last_at: message.at,
            written_at: None,
            count: 0,
        });
        touch.count += 1;
        touch.last_at = touch.last_at.max(message.at);
        if message.direction == Direction::Inbound {
            touch.written_at = touch.written_at.max(Some(message.at));
        }
        let counted = Counted {
            tenant,
            id: *id,
            kind: message.content.kind(),
            at: message.at,
        };
        moves.made(counted, message.status);
    }
    let touches: Vec<Touch> = touches.into_values().collect();
    let talks = touch(tx, &touches).await?;
    write(tx, (tenant, all), &talks).await?;
    moves.write(tx).await?;
    let is_fresh = |it: &&Touch| {
        talks
            .get(&it.pair)
            .is_some_and(|talk| talk.id == it.fresh_id)
    };
    let begun = touches.iter().filter(is_fresh);
    let begun = begun.map(|it| Begun {
        tenant,
        conversation: it.fresh_id,
        at: it.last_at,
    });
    begun::count(tx, begun).await
}

async fn write(
    tx: &mut Tx,
    (tenant, all): (i64, &[Numbered]),
    talks: &HashMap<Pair, Touched>,
) -> Result<()> {
    let mut statements = Vec::new();
    for chunk in all.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * INSERT_COLUMNS.len());
        for (id, _, message) in chunk {
            let lost = || Error::Corrupt("a conversation vanished".into());
            let talk = talks.get(&pair(tenant, message)).ok_or_else(lost)?.id;
            let wamid = format!("wamid.HBgLpast{id}");
            values.extend([tenant.into(), (*id).into(), talk.into()]);
            values.push(message.contact_id.get().into());
            values.push(message.channel_id.get().into());
            values.push(message.direction.as_str().into());
            values.push(message.content.kind().as_str().into());
            values.push(content_text(&message.content)?.into());
            values.push(message.status.as_str().into());
            values.extend([wamid.into(), Value::Null]);
            values.extend([message.at.into(), message.at.into()]);
        }
        let insert = sql::insert("messages", &INSERT_COLUMNS, &mut values);
        statements.push((insert, values));
        let made = chunk.iter().map(|(id, _, _)| (tenant, *id, 0));
        statements.push(search::mark(search::Kind::Message, made));
    }
    tx.query_all(&statements).await.map(drop)
}
