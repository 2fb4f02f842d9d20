//! A tenant's conversations in their order, those first in which something was said last.

use std::collections::HashMap;

use domain::Contact;
use domain::conversation::{Conversation, ConversationStatus};
use domain::ids::ConversationId;
use jiff::Timestamp;

use super::{COLUMNS, read};
use crate::contacts;
use crate::error::Result;
use crate::store::Store;
use crate::tx::Tx;

/// A place in the order of conversations: what is older comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversationPlace {
    /// When something was said last.
    pub last_message_at: Timestamp,
    /// The conversation's id.
    pub id: ConversationId,
}

impl Store {
    /// Returns the conversations that come after a place, or the first of all, with their contacts;
    /// only those of a status, or all.
    pub async fn conversations_after(
        &self,
        place: Option<ConversationPlace>,
        status: Option<ConversationStatus>,
        limit: usize,
    ) -> Result<Vec<(Conversation, Contact)>> {
        let tenant = self.tenant.get();
        self.database
            .read(|tx| {
                Box::pin(async move {
                    let found = after(tx, tenant, place, status, limit).await?;
                    with_contacts(tx, tenant, found).await
                })
            })
            .await
    }

    /// Returns conversations in the order of their ids, from the one after an id on, with their
    /// contacts.
    pub async fn conversations_by_id(
        &self,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<(Conversation, Contact)>> {
        let (tenant, after) = (self.tenant.get(), after.map_or(0, ConversationId::get));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.database
            .read(|tx| {
                Box::pin(async move {
                    let found = by_id(tx, tenant, after, limit).await?;
                    with_contacts(tx, tenant, found).await
                })
            })
            .await
    }
}

async fn by_id(tx: &mut Tx, tenant: i64, after: i64, limit: i64) -> Result<Vec<Conversation>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM conversations WHERE tenant_id = ?1 AND id > ?2 \
         ORDER BY id LIMIT ?3"
    );
    let values = [tenant.into(), after.into(), limit.into()];
    let mut found = tx.query(&sql, &values).await?;
    found.iter_mut().map(read).collect()
}

/// The index has them by status, so all of them are the first of each.
async fn after(
    tx: &mut Tx,
    tenant: i64,
    place: Option<ConversationPlace>,
    status: Option<ConversationStatus>,
    limit: usize,
) -> Result<Vec<Conversation>> {
    let (at, id) = place.map_or((i64::MAX, i64::MAX), |place| {
        (place.last_message_at.as_microsecond(), place.id.get())
    });
    let all = ConversationStatus::ALL;
    let statuses = status.as_ref().map_or(&all[..], std::slice::from_ref);
    let sql = format!(
        "SELECT {COLUMNS} FROM conversations WHERE tenant_id = ?1 AND status = ?2 \
         AND (last_message_at, id) < (?3, ?4) ORDER BY last_message_at DESC, id DESC LIMIT ?5"
    );
    let mut found = Vec::new();
    for status in statuses {
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [
            tenant.into(),
            status.as_str().into(),
            at.into(),
            id.into(),
            most.into(),
        ];
        for mut row in tx.query(&sql, &values).await? {
            found.push(read(&mut row)?);
        }
    }
    found.sort_unstable_by_key(|it| std::cmp::Reverse((it.last_message_at, it.id)));
    found.truncate(limit);
    Ok(found)
}

async fn with_contacts(
    tx: &mut Tx,
    tenant: i64,
    found: Vec<Conversation>,
) -> Result<Vec<(Conversation, Contact)>> {
    let ids: Vec<_> = found.iter().map(|it| it.contact_id).collect();
    let contacts = contacts::in_order(tx, tenant, &ids).await?;
    // A contact has a conversation for each channel, but is in the list of contacts once.
    let contacts: HashMap<_, _> = contacts.into_iter().map(|it| (it.id, it)).collect();
    let contact = |it: &Conversation| contacts.get(&it.contact_id).cloned();
    let pair = |it: Conversation| contact(&it).map(|contact| (it, contact));
    Ok(found.into_iter().filter_map(pair).collect())
}
