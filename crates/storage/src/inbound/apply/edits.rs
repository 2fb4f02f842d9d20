//! What people changed or took back; a change may come before the message it is of.

use std::collections::HashSet;

use jiff::Timestamp;

use super::Owned;
use super::changes::InboundEdit;
use crate::error::Result;
use crate::messages::content_text;
use crate::sql;
use crate::tx::Tx;
use crate::value::Value;

/// A message, by what names it.
#[derive(Clone, Copy)]
pub(super) struct Target<'e> {
    pub(super) tenant: i64,
    pub(super) channel: i64,
    pub(super) wamid: &'e str,
}

impl Target<'_> {
    fn values(&self) -> [Value; 3] {
        [self.tenant.into(), self.channel.into(), self.wamid.into()]
    }
}

/// Keeps a change, and makes it where its message is here.
pub(super) async fn apply(tx: &mut Tx, owned: Owned<'_>, edit: &InboundEdit) -> Result<()> {
    let target = Target {
        tenant: owned.owner.tenant.id.get(),
        channel: owned.owner.channel_id,
        wamid: &edit.message_wamid,
    };
    let content = edit.content.as_ref().map(content_text).transpose()?;
    let sql = "INSERT INTO message_edits (tenant_id, channel_id, message_wamid, wamid, content, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    let mut values = target.values().to_vec();
    values.extend([edit.wamid.as_str().into(), content.into()]);
    values.push(owned.event.change.at.into());
    tx.execute(sql, &values).await?;
    make(tx, target).await?;
    mark_for_search(tx, target, owned.event.message_id()).await
}

async fn mark_for_search(tx: &mut Tx, target: Target<'_>, change: i64) -> Result<()> {
    let sql = "INSERT INTO search_waiting (tenant_id, kind, subject_id, change_id) \
         SELECT tenant_id, 'message', id, CAST(?4 AS BIGINT) FROM messages \
         WHERE tenant_id = ?1 AND channel_id = ?2 AND wamid = ?3 ON CONFLICT DO NOTHING";
    let [tenant, channel, wamid] = target.values();
    tx.execute(sql, &[tenant, channel, wamid, change.into()])
        .await
        .map(drop)
}

const COLUMNS: [(&str, &str); 3] = [
    ("v_tenant_id", "BIGINT"),
    ("v_channel_id", "BIGINT"),
    ("v_wamid", "TEXT"),
];

/// Makes the changes that were here before these messages.
pub(super) async fn catch_up(tx: &mut Tx, messages: &[Target<'_>]) -> Result<()> {
    for chunk in messages.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for target in chunk {
            values.extend(target.values());
        }
        let with = sql::with_values(&COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT e.tenant_id, e.channel_id, e.message_wamid FROM v \
             JOIN message_edits e ON e.tenant_id = v_tenant_id AND e.channel_id = v_channel_id \
                 AND e.message_wamid = v_wamid"
        );
        let mut early = HashSet::new();
        for mut row in tx.query(&sql, &values).await? {
            early.insert((row.int()?, row.int()?, row.text()?));
        }
        for (tenant, channel, wamid) in early {
            let target = Target {
                tenant,
                channel,
                wamid: &wamid,
            };
            make(tx, target).await?;
        }
    }
    Ok(())
}

/// Makes all changes of a message that are kept, as far as they are not made yet.
async fn make(tx: &mut Tx, target: Target<'_>) -> Result<()> {
    let values = target.values();
    let sql = "SELECT content, at FROM message_edits WHERE tenant_id = ?1 AND channel_id = ?2 \
         AND message_wamid = ?3 AND wamid <> '' ORDER BY at, wamid";
    let (mut newest, mut revoked_at) = (None, None);
    for mut row in tx.query(sql, &values).await? {
        match (row.opt_text()?, row.time()?) {
            (Some(content), at) => newest = Some((content, at)),
            (None, at) => revoked_at = revoked_at.or(Some(at)),
        }
    }
    if let Some((content, at)) = newest {
        rewrite(tx, &values, (content, at)).await?;
    }
    if let Some(at) = revoked_at {
        let sql = "UPDATE messages SET revoked_at = ?4 WHERE tenant_id = ?1 AND channel_id = ?2 \
             AND wamid = ?3 AND revoked_at IS NULL";
        let [tenant, channel, wamid] = values;
        tx.execute(sql, &[tenant, channel, wamid, at.into()])
            .await?;
    }
    Ok(())
}

/// Lets a message say what its newest version says; what it said first is kept.
async fn rewrite(tx: &mut Tx, values: &[Value; 3], to: (String, Timestamp)) -> Result<()> {
    let sql = "INSERT INTO message_edits (tenant_id, channel_id, message_wamid, wamid, content, at) \
         SELECT tenant_id, channel_id, wamid, '', content, created_at FROM messages \
         WHERE tenant_id = ?1 AND channel_id = ?2 AND wamid = ?3 AND edited_at IS NULL \
         ON CONFLICT DO NOTHING";
    tx.execute(sql, values).await?;
    let sql = "UPDATE messages SET content = ?4, edited_at = ?5 WHERE tenant_id = ?1 \
         AND channel_id = ?2 AND wamid = ?3 AND (edited_at IS NULL OR edited_at <= ?5)";
    let [tenant, channel, wamid] = values.clone();
    let values = [tenant, channel, wamid, to.0.into(), to.1.into()];
    tx.execute(sql, &values).await.map(drop)
}
