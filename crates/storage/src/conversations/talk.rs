//! What was said with a contact, page by page, on all channels together.

use std::collections::HashSet;

use domain::conversation::Conversation;
use domain::ids::{ConversationId, MessageId};
use domain::message::Message;

use crate::error::Result;
use crate::messages;
use crate::search::{self, Found, MAX_FOUND, MessageSearch, Total};
use crate::store::Store;
use crate::tx::Tx;
use crate::value::{Row, Value};

/// How many messages of a contact are read one by one for a search; of more, it goes by the index.
const MAX_READ: i64 = 10_000;

/// How many messages are read at once.
const READ: i64 = 500;

/// Which messages of a contact are asked for.
#[derive(Clone, Copy, Debug)]
pub struct TalkPage {
    /// How many messages come before.
    pub offset: usize,
    /// How many there are at most.
    pub limit: usize,
    /// Whether the oldest come first.
    pub is_ascending: bool,
}

impl Store {
    /// Returns a page of what was said in the conversations of a contact.
    ///
    /// The kept counts tell from which end it is nearer, and an index of nothing but times and ids
    /// is walked from there.
    pub async fn talk_page(&self, talk: &[Conversation], page: TalkPage) -> Result<Vec<Message>> {
        let tenant = self.tenant.get();
        let talks: Vec<i64> = talk.iter().map(|it| it.id.get()).collect();
        let total = count(talk);
        self.database
            .read(|tx| {
                Box::pin(async move {
                    let ids = ids(tx, tenant, &talks, (page, total)).await?;
                    messages::in_order(tx, tenant, &ids).await
                })
            })
            .await
    }

    /// Returns a page of what was said in the conversations of a contact with any of some texts
    /// in it.
    pub async fn search_talk(
        &self,
        talk: &[Conversation],
        search: &MessageSearch,
        page: TalkPage,
    ) -> Result<Found<Message>> {
        let (mut ids, total) = if count(talk) <= MAX_READ {
            let found = self.read_through(talk, search).await?;
            let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
            let is_exact = true;
            (found, Total { count, is_exact })
        } else {
            self.found_among(talk, search).await?
        };
        if page.is_ascending {
            ids.reverse();
        }
        let ids: Vec<_> = ids.into_iter().skip(page.offset).take(page.limit).collect();
        let tenant = self.tenant.get();
        let page = self
            .database
            .read(|tx| Box::pin(async move { messages::in_order(tx, tenant, &ids).await }))
            .await?;
        Ok(Found { page, total })
    }

    /// Reads all that was said and returns what is found, the newest first.
    async fn read_through(
        &self,
        talk: &[Conversation],
        search: &MessageSearch,
    ) -> Result<Vec<MessageId>> {
        let (tenant, mut found) = (self.tenant.get(), Vec::new());
        for talk in talk {
            let talk = talk.id.get();
            let mut place = (i64::MAX, i64::MAX);
            loop {
                let read = self
                    .database
                    .read(|tx| Box::pin(said_before(tx, tenant, talk, place)))
                    .await?;
                let Some((last, _)) = read.last() else {
                    break;
                };
                place = *last;
                let hits = read.iter().filter(|(_, said)| {
                    said.as_ref()
                        .is_some_and(|said| search::says_any(said, &search.texts))
                });
                found.extend(hits.map(|(place, _)| *place));
            }
        }
        found.sort_unstable_by(|one, other| other.cmp(one));
        Ok(found
            .into_iter()
            .filter_map(|(_, id)| MessageId::new(id))
            .collect())
    }

    /// Returns what the index finds in these conversations, the newest first.
    async fn found_among(
        &self,
        talk: &[Conversation],
        search: &MessageSearch,
    ) -> Result<(Vec<MessageId>, Total)> {
        let found = self.found_messages(search, MAX_FOUND).await?;
        let wanted: HashSet<ConversationId> = talk.iter().map(|it| it.id).collect();
        let tenant = self.tenant.get();
        let mut ids = Vec::new();
        for chunk in found.ids.chunks(500) {
            let chunk = chunk.to_vec();
            let talks = self
                .database
                .read(|tx| Box::pin(async move { messages::talks_of(tx, tenant, &chunk).await }))
                .await?;
            let among = talks.into_iter().filter(|(_, talk)| wanted.contains(talk));
            ids.extend(among.map(|(id, _)| id));
        }
        let total = Total {
            count: i64::try_from(ids.len()).unwrap_or(i64::MAX),
            is_exact: found.total.is_exact,
        };
        Ok((ids, total))
    }
}

fn count(talk: &[Conversation]) -> i64 {
    talk.iter().map(|it| it.message_count).sum()
}

/// Walks from the end that is nearer.
async fn ids(
    tx: &mut Tx,
    tenant: i64,
    talks: &[i64],
    (page, total): (TalkPage, i64),
) -> Result<Vec<MessageId>> {
    let total = usize::try_from(total).unwrap_or_default();
    let end = page.offset.saturating_add(page.limit).min(total);
    if page.offset >= end {
        return Ok(Vec::new());
    }
    let is_nearer_to_the_end = page.offset > total - end;
    let (skip, is_ascending) = if is_nearer_to_the_end {
        (total - end, !page.is_ascending)
    } else {
        (page.offset, page.is_ascending)
    };
    let mut ids = walk(tx, tenant, talks, (skip, end - page.offset, is_ascending)).await?;
    if is_nearer_to_the_end {
        ids.reverse();
    }
    Ok(ids)
}

async fn walk(
    tx: &mut Tx,
    tenant: i64,
    talks: &[i64],
    (skip, take, is_ascending): (usize, usize, bool),
) -> Result<Vec<MessageId>> {
    let order = if is_ascending { "ASC" } else { "DESC" };
    let sql = format!(
        "SELECT created_at, id FROM messages WHERE tenant_id = ?1 AND conversation_id = ?2 \
         ORDER BY created_at {order}, id {order} LIMIT ?3 OFFSET ?4"
    );
    let number = |count: usize| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
    // One alone is walked by the database; several are put in one order here.
    let (limit, offset) = match talks {
        [_] => (take, skip),
        _ => (skip + take, 0),
    };
    let mut places: Vec<(i64, i64)> = Vec::new();
    for talk in talks {
        let values = [tenant.into(), (*talk).into(), number(limit), number(offset)];
        for mut row in tx.query(&sql, &values).await? {
            places.push((row.int()?, row.int()?));
        }
    }
    places.sort_unstable();
    if !is_ascending {
        places.reverse();
    }
    let places = places.into_iter().skip(skip - offset).take(take);
    Ok(places.filter_map(|(_, id)| MessageId::new(id)).collect())
}

/// A message's place, and what it says unless it was taken back.
type Said = ((i64, i64), Option<String>);

async fn said_before(
    tx: &mut Tx,
    tenant: i64,
    talk: i64,
    (at, id): (i64, i64),
) -> Result<Vec<Said>> {
    let sql = "SELECT created_at, id, CASE WHEN revoked_at IS NULL THEN content END FROM messages \
         WHERE tenant_id = ?1 AND conversation_id = ?2 AND (created_at, id) < (?3, ?4) \
         ORDER BY created_at DESC, id DESC LIMIT ?5";
    let values = [
        tenant.into(),
        talk.into(),
        at.into(),
        id.into(),
        READ.into(),
    ];
    let rows = tx.query(sql, &values).await?;
    let read = |mut row: Row| Ok(((row.int()?, row.int()?), row.opt_text()?));
    rows.into_iter().map(read).collect()
}
