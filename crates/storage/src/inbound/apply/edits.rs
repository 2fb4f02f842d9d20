//! What people changed or took back; a change may come before the message it is of.

use std::collections::HashSet;

use domain::message::{Kind, Status};
use jiff::Timestamp;

use super::Owned;
use super::changes::InboundEdit;
use crate::error::Result;
use crate::messages::{content_text, read_content};
use crate::sql;
use crate::tallies::{Counted, Moves};
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
    let lock = tx.for_update();
    let sql = format!(
        "SELECT id, kind, status, created_at, edited_at, revoked_at FROM messages \
         WHERE tenant_id = ?1 AND channel_id = ?2 AND wamid = ?3 ORDER BY id{lock}"
    );
    let mut moves = Moves::default();
    for mut row in tx.query(&sql, &values).await? {
        let mut message = Edited {
            counted: Counted {
                tenant: target.tenant,
                id: row.int()?,
                kind: row.word(Kind::parse)?,
                at: Timestamp::UNIX_EPOCH,
            },
            status: row.word(Status::parse)?,
        };
        message.counted.at = row.time()?;
        let (edited_at, was_revoked) = (row.opt_time()?, row.opt_time()?.is_some());
        if let Some((content, at)) = &newest
            && edited_at.is_none_or(|it| it <= *at)
        {
            let kind = (!was_revoked).then(|| read_content(content).map(|it| it.kind()));
            message
                .rewrite(tx, (content, *at), edited_at.is_none())
                .await?;
            message.turn(tx, kind.transpose()?, &mut moves).await?;
        }
        if let Some(at) = revoked_at.filter(|_| !was_revoked) {
            message.revoke(tx, at).await?;
            message
                .turn(tx, Some(Kind::Unsupported), &mut moves)
                .await?;
        }
    }
    moves.write(tx).await
}

/// A message that is changed.
struct Edited {
    counted: Counted,
    status: Status,
}

impl Edited {
    fn key(&self) -> [Value; 2] {
        [self.counted.tenant.into(), self.counted.id.into()]
    }

    /// Lets it say what its newest version says; what it said first is kept.
    async fn rewrite(
        &self,
        tx: &mut Tx,
        (content, at): (&str, Timestamp),
        is_first: bool,
    ) -> Result<()> {
        let [tenant, id] = self.key();
        if is_first {
            let sql = "INSERT INTO message_edits \
                 (tenant_id, channel_id, message_wamid, wamid, content, at) \
                 SELECT tenant_id, channel_id, wamid, '', content, created_at FROM messages \
                 WHERE tenant_id = ?1 AND id = ?2 ON CONFLICT DO NOTHING";
            tx.execute(sql, &[tenant.clone(), id.clone()]).await?;
        }
        let sql = "UPDATE messages SET content = ?3, edited_at = ?4 \
             WHERE tenant_id = ?1 AND id = ?2";
        let values = [tenant, id, content.into(), at.into()];
        tx.execute(sql, &values).await.map(drop)
    }

    async fn revoke(&self, tx: &mut Tx, at: Timestamp) -> Result<()> {
        let [tenant, id] = self.key();
        let sql = "UPDATE messages SET revoked_at = ?3 WHERE tenant_id = ?1 AND id = ?2";
        tx.execute(sql, &[tenant, id, at.into()]).await.map(drop)
    }

    /// Lists and counts it as what it has become.
    async fn turn(&mut self, tx: &mut Tx, into: Option<Kind>, moves: &mut Moves) -> Result<()> {
        let Some(into) = into.filter(|it| *it != self.counted.kind) else {
            return Ok(());
        };
        let [tenant, id] = self.key();
        let sql = "UPDATE messages SET kind = ?3 WHERE tenant_id = ?1 AND id = ?2";
        tx.execute(sql, &[tenant, id, into.as_str().into()]).await?;
        moves.turned(self.counted, into, self.status);
        self.counted.kind = into;
        Ok(())
    }
}
