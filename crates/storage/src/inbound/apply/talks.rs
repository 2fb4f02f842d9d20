//! The conversations that messages belong to, and the contacts they make unread.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::error::Result;
use crate::sql;
use crate::tx::Tx;
use crate::value::Value;

/// How long a person's message lets the tenant answer freely, in microseconds: 24 hours.
const WINDOW: i64 = 24 * 60 * 60 * 1_000_000;

/// A contact's conversation on a channel, by tenant, contact and channel.
pub(crate) type Pair = (i64, i64, i64);

/// What messages do to a conversation.
#[derive(Clone, Copy)]
pub(crate) struct Touch {
    pub(crate) pair: Pair,
    /// The conversation's id, if these messages are its first.
    pub(crate) fresh_id: i64,
    /// When the newest of them was written.
    pub(crate) last_at: Timestamp,
    /// When the person wrote the newest of theirs.
    pub(crate) written_at: Option<Timestamp>,
    /// How many messages there are; one who only opens the chat says nothing.
    pub(crate) count: i64,
}

const CONTACT_COLUMNS: [(&str, &str); 2] = [("v_tenant_id", "BIGINT"), ("v_id", "BIGINT")];

/// Marks contacts unread.
pub(super) async fn mark_unread(tx: &mut Tx, contacts: &[(i64, i64)]) -> Result<()> {
    for chunk in contacts.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 2);
        for (tenant, contact) in chunk {
            values.extend([(*tenant).into(), (*contact).into()]);
        }
        let with = sql::with_values(&CONTACT_COLUMNS, &mut values);
        let sql = format!(
            "{with} UPDATE contacts SET has_unread_messages = 1 FROM v \
             WHERE contacts.tenant_id = v_tenant_id AND contacts.id = v_id"
        );
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

const COLUMNS: [(&str, &str); 8] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("contact_id", "BIGINT"),
    ("channel_id", "BIGINT"),
    ("window_expires_at", "BIGINT"),
    ("last_message_at", "BIGINT"),
    ("message_count", "BIGINT"),
    ("created_at", "BIGINT"),
];

/// A conversation that was touched.
#[derive(Clone, Copy)]
pub(crate) struct Touched {
    pub(crate) id: i64,
    /// Whether it was begun, or was closed and is open again.
    pub(super) is_opened: bool,
    /// When it was closed last.
    pub(super) closed_at: Option<Timestamp>,
}

/// Opens or touches conversations, each at most once. Messages come in any order: an older one never
/// closes the window. What a person writes opens the conversation again.
pub(crate) async fn touch(tx: &mut Tx, touches: &[Touch]) -> Result<HashMap<Pair, Touched>> {
    let mut found = HashMap::with_capacity(touches.len());
    for chunk in touches.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for touch in chunk {
            let (tenant, contact, channel) = touch.pair;
            let until = touch.written_at.map(|at| at.as_microsecond() + WINDOW);
            values.extend([tenant.into(), touch.fresh_id.into(), contact.into()]);
            values.extend([channel.into(), until.into()]);
            values.extend([touch.last_at.into(), touch.count.into()]);
            values.push(touch.last_at.into());
        }
        let insert = sql::insert("conversations", &COLUMNS, &mut values);
        let sql = format!(
            "{insert} ON CONFLICT (tenant_id, contact_id, channel_id) DO UPDATE SET \
             window_expires_at = CASE WHEN excluded.window_expires_at IS NULL \
                 OR conversations.window_expires_at > excluded.window_expires_at \
                 THEN conversations.window_expires_at ELSE excluded.window_expires_at END, \
             last_message_at = CASE \
                 WHEN conversations.last_message_at > excluded.last_message_at \
                 THEN conversations.last_message_at ELSE excluded.last_message_at END, \
             message_count = conversations.message_count + excluded.message_count, \
             reopened_by = CASE WHEN conversations.status = 'closed' \
                 AND excluded.window_expires_at IS NOT NULL \
                 THEN excluded.id ELSE conversations.reopened_by END, \
             status = CASE WHEN excluded.window_expires_at IS NULL \
                 THEN conversations.status ELSE 'open' END \
             RETURNING tenant_id, contact_id, channel_id, id, reopened_by, closed_at"
        );
        let fresh: HashMap<Pair, i64> = chunk.iter().map(|it| (it.pair, it.fresh_id)).collect();
        for mut row in tx.query(&sql, &values).await? {
            let pair = (row.int()?, row.int()?, row.int()?);
            let (id, reopened_by) = (row.int()?, row.opt_int()?);
            let fresh = fresh.get(&pair).copied();
            let is_opened = fresh == Some(id) || (fresh.is_some() && fresh == reopened_by);
            let touched = Touched {
                id,
                is_opened,
                closed_at: row.opt_time()?,
            };
            found.insert(pair, touched);
        }
    }
    Ok(found)
}
