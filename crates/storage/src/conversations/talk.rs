//! What was said with a contact, page by page, on all channels together.

use domain::conversation::Conversation;
use domain::ids::MessageId;
use domain::message::Message;

use crate::error::Result;
use crate::messages;
use crate::search::{Found, MessageSearch, Total};
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Value;

/// How many messages of a contact are looked at for a search.
const MAX_SEARCHED: usize = 10_000;

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
    /// in it, of the first 10,000 messages in the order of the page.
    pub async fn search_talk(
        &self,
        talk: &[Conversation],
        search: &MessageSearch,
        page: TalkPage,
    ) -> Result<Found<Message>> {
        let (all, tenant) = (count(talk), self.tenant.get());
        let talks: Vec<i64> = talk.iter().map(|it| it.id.get()).collect();
        let part = (0, MAX_SEARCHED, page.is_ascending);
        let looked_at = self
            .database
            .read(|tx| Box::pin(async move { walk(tx, tenant, &talks, part).await }))
            .await?;
        let wanted = page.offset.saturating_add(page.limit);
        let mut found = self.messages_among(search, &looked_at, wanted).await?;
        if looked_at.len() == MAX_SEARCHED {
            // The rest is taken to say it as often.
            let share = found.total.count * all / i64::try_from(MAX_SEARCHED).unwrap_or(i64::MAX);
            found.total = Total {
                count: share.max(found.total.count),
                is_exact: false,
            };
        }
        let (ids, total) = (found.ids.into_iter(), found.total);
        let ids: Vec<_> = ids.skip(page.offset).take(page.limit).collect();
        let tenant = self.tenant.get();
        let page = self
            .database
            .read(|tx| Box::pin(async move { messages::in_order(tx, tenant, &ids).await }))
            .await?;
        Ok(Found { page, total })
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
