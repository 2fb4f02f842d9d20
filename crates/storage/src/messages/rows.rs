//! Messages as rows, and reading one.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::Contact;
use domain::ids::{ChannelId, ContactId, ConversationId, JobId, MessageId};
use domain::message::{Author, Content, Direction, Failure, Message, Status};

use super::history::{self, History};
use crate::contacts;
use crate::error::{Error, Result};
use crate::sql;
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Row;

/// Has a message that leaves the queue for good say no one-time code any more.
pub(crate) const FORGET_CODE: &str =
    "content = COALESCE(bare_content, content), bare_content = NULL";

/// What was taken back is kept, and shown to nobody; so is a one-time code.
const COLUMNS: &str = "id, conversation_id, contact_id, channel_id, direction, \
     CASE WHEN revoked_at IS NULL THEN COALESCE(bare_content, content) \
         ELSE '{\"kind\":\"unsupported\",\"name\":\"revoked\"}' END, status, \
     wamid, context_wamid, member_id, job_id, error_code, error_title, error_details, created_at, updated_at";

/// The columns that a new message fills.
pub(crate) const INSERT_COLUMNS: [(&str, &str); 13] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("conversation_id", "BIGINT"),
    ("contact_id", "BIGINT"),
    ("channel_id", "BIGINT"),
    ("direction", "TEXT"),
    ("kind", "TEXT"),
    ("content", "TEXT"),
    ("status", "TEXT"),
    ("wamid", "TEXT"),
    ("context_wamid", "TEXT"),
    ("created_at", "BIGINT"),
    ("updated_at", "BIGINT"),
];

fn read(row: &mut Row) -> Result<Message> {
    let id = row.id(MessageId::new)?;
    let conversation_id = row.id(ConversationId::new)?;
    let contact_id = row.id(ContactId::new)?;
    let channel_id = row.id(ChannelId::new)?;
    let direction = row.word(Direction::parse)?;
    let content = read_content(&row.text()?)?;
    let status = row.word(Status::parse)?;
    let (wamid, context_wamid) = (row.opt_text()?, row.opt_text()?);
    let author = Author {
        member_id: row.opt_text()?,
        job_id: row.opt_id(JobId::new)?,
    };
    let (code, title, details) = (row.opt_int()?, row.opt_text()?, row.opt_text()?);
    Ok(Message {
        id,
        conversation_id,
        contact_id,
        channel_id,
        direction,
        content,
        status,
        wamid,
        context_wamid,
        author,
        failure: title.map(|title| Failure {
            code,
            title,
            details,
        }),
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

pub(crate) fn read_content(json: &str) -> Result<Content> {
    // serde's message could quote the text of the message.
    serde_json::from_str(json).map_err(|_| Error::Corrupt("a message's content".into()))
}

/// Returns the content as it is kept.
pub(crate) fn content_text(content: &Content) -> Result<String> {
    serde_json::to_string(content).map_err(|_| Error::Corrupt("a message's content".into()))
}

/// Returns those of these messages that are there, in the order given.
pub(crate) async fn in_order(tx: &mut Tx, tenant: i64, ids: &[MessageId]) -> Result<Vec<Message>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let (with, values) = sql::with_ids(tenant, chunk.iter().map(|id| id.get()));
        let sql = format!(
            "{with} SELECT {COLUMNS} FROM v JOIN messages \
             ON messages.tenant_id = v_tenant_id AND messages.id = v_id"
        );
        for mut row in tx.query(&sql, &values).await? {
            let message = read(&mut row)?;
            found.insert(message.id, message);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

impl Store {
    /// Takes an id for a broadcast, before there is any message of it.
    pub async fn take_job_id(&self) -> Result<JobId> {
        let id = self.database.next_id().await?;
        JobId::new(id).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))
    }

    /// Returns the message of this id.
    pub async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE tenant_id = ?1 AND id = ?2");
        let values = [self.tenant_value(), id.get().into()];
        self.first(sql, values, read).await
    }

    /// Returns messages in the order of their ids, from the one after an id on, each with its
    /// contact and what happened to it.
    pub async fn messages_by_id(
        &self,
        after: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<(Message, History, Contact)>> {
        let (tenant, after) = (self.tenant.get(), after.map_or(0, MessageId::get));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.database
            .read(|tx| Box::pin(async move { by_id(tx, tenant, after, limit).await }))
            .await
    }

    /// Returns the newest messages of a contact, newest first.
    pub async fn messages_of_contact(&self, id: ContactId, limit: i64) -> Result<Vec<Message>> {
        let (tenant, contact) = (self.tenant.get(), id.get());
        self.database
            .read(|tx| Box::pin(async move { of_contact(tx, tenant, contact, limit).await }))
            .await
    }
}

async fn by_id(
    tx: &mut Tx,
    tenant: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<(Message, History, Contact)>> {
    let history = history::COLUMNS;
    let sql = format!(
        "SELECT {COLUMNS}, {history} FROM messages WHERE tenant_id = ?1 AND id > ?2 \
         ORDER BY id LIMIT ?3"
    );
    let values = [tenant.into(), after.into(), limit.into()];
    let mut found = Vec::new();
    for mut row in tx.query(&sql, &values).await? {
        found.push((read(&mut row)?, history::read(&mut row)?));
    }
    let mut ids: Vec<ContactId> = found
        .iter()
        .map(|(message, _)| message.contact_id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let people = contacts::in_order(tx, tenant, &ids).await?;
    let people: HashMap<ContactId, Contact> = people.into_iter().map(|it| (it.id, it)).collect();
    let with = |(message, history): (Message, History)| {
        // Whoever was deleted between the two statements took the messages along.
        let contact = people.get(&message.contact_id)?.clone();
        Some((message, history, contact))
    };
    Ok(found.into_iter().filter_map(with).collect())
}

/// Takes the newest of each conversation, of which there is one a channel, in the order of an index.
async fn of_contact(tx: &mut Tx, tenant: i64, contact: i64, limit: i64) -> Result<Vec<Message>> {
    let sql = "SELECT id FROM conversations WHERE tenant_id = ?1 AND contact_id = ?2";
    let conversations = tx.query(sql, &[tenant.into(), contact.into()]).await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE tenant_id = ?1 AND conversation_id = ?2 \
         ORDER BY created_at DESC, id DESC LIMIT ?3"
    );
    let mut messages = Vec::new();
    for mut conversation in conversations {
        let values = [tenant.into(), conversation.int()?.into(), limit.into()];
        for mut row in tx.query(&sql, &values).await? {
            messages.push(read(&mut row)?);
        }
    }
    messages.sort_by_key(|message| Reverse((message.created_at, message.id)));
    messages.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(messages)
}
