//! How messages were reacted to: the last reaction of each side.

use std::collections::{BTreeMap, HashMap};

use domain::message::content::Reaction;
use domain::message::{Content, Direction, Message};
use jiff::Timestamp;

use crate::error::Result;
use crate::sql::{self, Statement};
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Value;

/// A reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reacted {
    /// One emoji.
    pub emoji: String,
    /// Whose it is: inbound ones are the person's.
    pub direction: Direction,
    /// When.
    pub at: Timestamp,
}

/// A message that is about to be written, as far as it may be a reaction.
pub(crate) struct Reacting<'m> {
    pub(crate) tenant: i64,
    pub(crate) channel: i64,
    pub(crate) direction: Direction,
    pub(crate) content: &'m Content,
    pub(crate) at: Timestamp,
}

const COLUMNS: [(&str, &str); 6] = [
    ("tenant_id", "BIGINT"),
    ("channel_id", "BIGINT"),
    ("message_wamid", "TEXT"),
    ("direction", "TEXT"),
    ("emoji", "TEXT"),
    ("at", "BIGINT"),
];

/// Returns the statements that keep those messages that are reactions, in one order; an older one
/// changes nothing.
pub(crate) fn keeping<'m>(messages: impl IntoIterator<Item = Reacting<'m>>) -> Vec<Statement> {
    let mut last: BTreeMap<(i64, i64, &str, &str), (Timestamp, &Reaction)> = BTreeMap::new();
    for message in messages {
        if let Content::Reaction(reaction) = message.content {
            let target = reaction.message_id.as_str();
            let key = (
                message.tenant,
                message.channel,
                target,
                message.direction.as_str(),
            );
            let known = last.entry(key).or_insert((message.at, reaction));
            if known.0 <= message.at {
                *known = (message.at, reaction);
            }
        }
    }
    let last: Vec<_> = last.into_iter().collect();
    let mut statements = Vec::new();
    for chunk in last.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for ((tenant, channel, target, direction), (at, reaction)) in chunk {
            values.extend([(*tenant).into(), (*channel).into(), (*target).into()]);
            values.extend([(*direction).into(), reaction.emoji.as_str().into()]);
            values.push((*at).into());
        }
        let insert = sql::insert("message_reactions", &COLUMNS, &mut values);
        let sql = format!(
            "{insert} ON CONFLICT (tenant_id, channel_id, message_wamid, direction) \
             DO UPDATE SET emoji = excluded.emoji, at = excluded.at \
             WHERE excluded.at >= message_reactions.at"
        );
        statements.push((sql, values));
    }
    statements
}

impl Store {
    /// Returns how each of these messages was reacted to, the person's reaction first.
    pub async fn reactions_to(&self, messages: &[Message]) -> Result<Vec<Vec<Reacted>>> {
        let tenant = self.tenant.get();
        let key = |message: &Message| Some((message.channel_id.get(), message.wamid.clone()?));
        let keys: Vec<Option<(i64, String)>> = messages.iter().map(key).collect();
        let known: Vec<(i64, String)> = keys.iter().flatten().cloned().collect();
        let mut found = self
            .database
            .read(|tx| Box::pin(async move { of(tx, tenant, &known).await }))
            .await?;
        let of = |key: Option<(i64, String)>| key.and_then(|key| found.remove(&key));
        Ok(keys
            .into_iter()
            .map(of)
            .map(Option::unwrap_or_default)
            .collect())
    }
}

async fn of(
    tx: &mut Tx,
    tenant: i64,
    keys: &[(i64, String)],
) -> Result<HashMap<(i64, String), Vec<Reacted>>> {
    let mut found: HashMap<(i64, String), Vec<Reacted>> = HashMap::new();
    let mut channels: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for (channel, wamid) in keys {
        channels.entry(*channel).or_default().push(wamid);
    }
    for (channel, wamids) in channels {
        let mut values = vec![tenant.into(), channel.into()];
        let list = sql::list_of(wamids.into_iter().map(Value::from), &mut values);
        let sql = format!(
            "SELECT message_wamid, emoji, direction, at FROM message_reactions \
             WHERE tenant_id = ?1 AND channel_id = ?2 AND message_wamid IN {list} \
             AND emoji <> '' ORDER BY direction"
        );
        for mut row in tx.query(&sql, &values).await? {
            let key = (channel, row.text()?);
            found.entry(key).or_default().push(Reacted {
                emoji: row.text()?,
                direction: row.word(Direction::parse)?,
                at: row.time()?,
            });
        }
    }
    Ok(found)
}
