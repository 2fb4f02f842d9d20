//! Conversations and their messages: there may be many of the latter, so none is looked at one by
//! one. Each says itself which merge moved it first; merges nest, and so do the marks.

use serde_json::Value as Json;

use super::Merge;
use super::snapshot::{self, CONVERSATIONS, Fields, Person, number};
use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::Value;
use crate::{ids, sql};

/// Brings the conversations of the contact that goes. Where both have one on a channel, the
/// messages move into the survivor's.
pub(super) async fn bring(tx: &mut Tx, merge: &Merge, own: &Person, other: &Person) -> Result<()> {
    for theirs in &other.conversations {
        let mine = on_channel(&own.conversations, theirs);
        let from = number(theirs, "id")?;
        let into = match mine {
            Some(mine) => number(mine, "id")?,
            None => from,
        };
        move_messages(tx, merge, from, into).await?;
        let tenant: Value = merge.tenant.into();
        if mine.is_some() {
            extend(tx, merge.tenant, into, theirs).await?;
            let sql = "DELETE FROM conversations WHERE tenant_id = ?1 AND id = ?2";
            tx.execute(sql, &[tenant, from.into()]).await?;
        } else {
            let sql = "UPDATE conversations SET contact_id = ?3 WHERE tenant_id = ?1 AND id = ?2";
            tx.execute(sql, &[tenant, from.into(), merge.keep.into()])
                .await?;
        }
    }
    Ok(())
}

async fn move_messages(tx: &mut Tx, merge: &Merge, from: i64, into: i64) -> Result<()> {
    // In the order of their ids, as those do who write down what became of them.
    let lock = tx.for_update();
    let sql = format!(
        "UPDATE messages SET conversation_id = ?3, contact_id = ?4, \
             brought_by = COALESCE(brought_by, ?5) \
         WHERE tenant_id = ?1 AND id IN (SELECT m.id FROM messages m \
             WHERE m.tenant_id = ?1 AND m.conversation_id = ?2 ORDER BY m.id{lock})"
    );
    let values = [
        merge.tenant.into(),
        from.into(),
        into.into(),
        merge.keep.into(),
        merge.id.into(),
    ];
    tx.execute(&sql, &values).await.map(drop)
}

/// The later window and the later last message are both's.
async fn extend(tx: &mut Tx, tenant: i64, conversation: i64, other: &Fields) -> Result<()> {
    let sql = "UPDATE conversations SET \
         window_expires_at = CASE WHEN ?3 > COALESCE(window_expires_at, 0) THEN ?3 \
             ELSE window_expires_at END, \
         last_message_at = CASE WHEN ?4 > last_message_at THEN ?4 ELSE last_message_at END, \
         created_at = CASE WHEN ?5 < created_at THEN ?5 ELSE created_at END \
         WHERE tenant_id = ?1 AND id = ?2";
    let field = |column| other.get(column).map_or(Value::Null, snapshot::bind);
    let values = [
        tenant.into(),
        conversation.into(),
        field("window_expires_at"),
        field("last_message_at"),
        field("created_at"),
    ];
    tx.execute(sql, &values).await.map(drop)
}

/// Gives the conversations of the contact that went, which is back by now, back to it with the
/// messages that it brought; what came since stays with the survivor.
pub(super) async fn give_back(
    tx: &mut Tx,
    merge: &Merge,
    [other, before, after]: [&Person; 3],
) -> Result<()> {
    let marks = marks(tx, merge).await?;
    let now = snapshot::rows(tx, &CONVERSATIONS, merge.tenant, merge.keep).await?;
    for theirs in &other.conversations {
        // What is not there any more has taken its messages along.
        let Some(shared) = on_channel(&now, theirs) else {
            continue;
        };
        let Some(then) = on_channel(&after.conversations, theirs) else {
            continue;
        };
        if number(shared, "id")? != number(then, "id")? {
            continue;
        }
        let mine = on_channel(&before.conversations, theirs);
        let rest = rest(mine, then, shared);
        if mine.is_some() {
            snapshot::put(tx, &CONVERSATIONS, merge.tenant, theirs).await?;
            set(tx, merge.tenant, &rest).await?;
            return_messages(tx, merge, &marks, [&rest, theirs]).await?;
        } else {
            set(tx, merge.tenant, theirs).await?;
            part(tx, merge, &marks, theirs, rest).await?;
        }
    }
    Ok(())
}

/// Returns the survivor's conversation as it is without the other's: what it had only from the
/// other goes.
fn rest(before: Option<&Fields>, after: &Fields, now: &Fields) -> Fields {
    let mut rest = now.clone();
    for column in ["window_expires_at", "last_message_at", "created_at"] {
        if now.get(column) == after.get(column)
            && let Some(value) = before.map_or(Some(&Json::Null), |before| before.get(column))
            && (column == "window_expires_at" || !value.is_null())
        {
            rest.insert(column.into(), value.clone());
        }
    }
    rest
}

/// Messages that came since the merge into a conversation that the survivor had only from the other
/// get one of their own.
async fn part(
    tx: &mut Tx,
    merge: &Merge,
    marks: &[i64],
    theirs: &Fields,
    mut rest: Fields,
) -> Result<()> {
    let from = number(theirs, "id")?;
    let (list, values) = listed(marks, &[merge.tenant.into(), from.into()]);
    let sql = format!(
        "SELECT MIN(created_at) FROM messages m WHERE m.tenant_id = ?1 \
         AND m.conversation_id = ?2 AND COALESCE(m.brought_by, 0) NOT IN {list}"
    );
    let first = match tx.first(&sql, &values).await? {
        Some(mut row) => row.opt_int()?,
        None => None,
    };
    if let Some(first) = first {
        let id = ids::take_block(tx, 1).await?.start;
        rest.insert("id".into(), id.into());
        rest.insert("contact_id".into(), merge.keep.into());
        rest.insert("created_at".into(), first.into());
        snapshot::put(tx, &CONVERSATIONS, merge.tenant, &rest).await?;
        let lock = tx.for_update();
        let (list, values) = listed(marks, &[merge.tenant.into(), from.into(), id.into()]);
        let sql = format!(
            "UPDATE messages SET conversation_id = ?3 WHERE tenant_id = ?1 AND id IN \
             (SELECT m.id FROM messages m WHERE m.tenant_id = ?1 AND m.conversation_id = ?2 \
                 AND COALESCE(m.brought_by, 0) NOT IN {list} ORDER BY m.id{lock})"
        );
        tx.execute(&sql, &values).await?;
    }
    return_messages(tx, merge, marks, [theirs, theirs]).await
}

async fn return_messages(
    tx: &mut Tx,
    merge: &Merge,
    marks: &[i64],
    [from, into]: [&Fields; 2],
) -> Result<()> {
    let lock = tx.for_update();
    let fixed = [
        merge.tenant.into(),
        number(from, "id")?.into(),
        number(into, "id")?.into(),
        merge.gone.into(),
        merge.id.into(),
    ];
    let (list, values) = listed(marks, &fixed);
    let sql = format!(
        "UPDATE messages SET conversation_id = ?3, contact_id = ?4, \
             brought_by = CASE WHEN brought_by = ?5 THEN NULL ELSE brought_by END \
         WHERE tenant_id = ?1 AND id IN (SELECT m.id FROM messages m WHERE m.tenant_id = ?1 \
             AND m.conversation_id = ?2 AND m.brought_by IN {list} ORDER BY m.id{lock})"
    );
    tx.execute(&sql, &values).await.map(drop)
}

/// Gives the entries of the log of consents, the comments and the recipients of jobs back.
pub(super) async fn give_back_log(tx: &mut Tx, merge: &Merge) -> Result<()> {
    let marks = marks(tx, merge).await?;
    let fixed = [
        merge.tenant.into(),
        merge.keep.into(),
        merge.gone.into(),
        merge.id.into(),
    ];
    let (list, values) = listed(&marks, &fixed);
    for table in ["consent_log", "comments", "job_recipients"] {
        let sql = format!(
            "UPDATE {table} SET contact_id = ?3, \
                 brought_by = CASE WHEN brought_by = ?4 THEN NULL ELSE brought_by END \
             WHERE tenant_id = ?1 AND contact_id = ?2 AND brought_by IN {list}"
        );
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

/// Returns the merges whose marks are on what this one brought: itself, and all that had gone into
/// the contact before.
async fn marks(tx: &mut Tx, merge: &Merge) -> Result<Vec<i64>> {
    let (mut marks, mut waiting) = (vec![merge.id], vec![merge.gone]);
    let sql = "SELECT id, gone_id FROM contact_merges \
         WHERE tenant_id = ?1 AND keep_id = ?2 AND undone_at IS NULL";
    while let Some(contact) = waiting.pop() {
        for mut row in tx
            .query(sql, &[merge.tenant.into(), contact.into()])
            .await?
        {
            marks.push(row.int()?);
            waiting.push(row.int()?);
        }
    }
    Ok(marks)
}

/// Returns a list of parameters for the marks, and all values of the statement.
fn listed(marks: &[i64], fixed: &[Value]) -> (String, Vec<Value>) {
    let mut values = fixed.to_vec();
    values.extend(marks.iter().copied().map(Value::from));
    // Nobody's mark, to keep the number of distinct statements small; a null would make `NOT IN`
    // true of nothing.
    let count = marks.len().next_power_of_two();
    values.resize(fixed.len() + count, Value::from(-1));
    (sql::list(fixed.len() + 1, count), values)
}

fn on_channel<'c>(conversations: &'c [Fields], like: &Fields) -> Option<&'c Fields> {
    let channel = like.get("channel_id");
    conversations
        .iter()
        .find(|it| it.get("channel_id") == channel)
}

async fn set(tx: &mut Tx, tenant: i64, conversation: &Fields) -> Result<()> {
    let field = |column| conversation.get(column).map_or(Value::Null, snapshot::bind);
    let sql = "UPDATE conversations SET contact_id = ?3, window_expires_at = ?4, \
         last_message_at = ?5, created_at = ?6 WHERE tenant_id = ?1 AND id = ?2";
    let values = [
        tenant.into(),
        field("id"),
        field("contact_id"),
        field("window_expires_at"),
        field("last_message_at"),
        field("created_at"),
    ];
    match tx.execute(sql, &values).await? {
        1 => Ok(()),
        _ => Err(Error::lost_race("a conversation vanished meanwhile")),
    }
}
