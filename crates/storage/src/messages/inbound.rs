//! Messages that come in.

use domain::event::EventKind;
use domain::ids::{ChannelId, ContactId, ConversationId, MessageId};
use domain::message::{Content, Direction, Status};
use jiff::Timestamp;

use super::reactions::{self, Reacting};
use super::rows;
use crate::conversations::begun::{self, Begun};
use crate::error::{Error, Result};
use crate::events::{Announcement, announce};
use crate::search;
use crate::sql;
use crate::store::Store;
use crate::tallies::{Counted, Moves};
use crate::tx::{Tx, work};
use crate::value::Value;

/// How long a person's message lets the tenant answer freely, in microseconds: 24 hours.
const WINDOW: i64 = 24 * 60 * 60 * 1_000_000;

/// A message that came in.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// From whom.
    pub contact_id: ContactId,
    /// To which number.
    pub channel_id: ChannelId,
    /// What.
    pub content: Content,
    /// WhatsApp's id of it.
    pub wamid: String,
    /// When it was written.
    pub at: Timestamp,
}

impl Store {
    /// Keeps a message that came in, opens the service window and marks the contact unread.
    ///
    /// Messages may come in any order: an older one never closes the window.
    pub async fn receive(&self, inbound: Inbound) -> Result<MessageId> {
        let ids = [
            self.database.next_id().await?,
            self.database.next_id().await?,
        ];
        let tenant = self.tenant.get();
        let unit = work(move |tx| {
            let inbound = inbound.clone();
            Box::pin(async move { receive(tx, tenant, ids, &inbound).await })
        });
        self.database.write(unit).await
    }
}

async fn receive(tx: &mut Tx, tenant: i64, ids: [i64; 2], inbound: &Inbound) -> Result<MessageId> {
    let [message, fresh] = ids;
    let (contact, channel) = (inbound.contact_id.get(), inbound.channel_id.get());
    // Before the conversation, as merges lock them; the contact itself is changed last, as all
    // writers do.
    let lock = tx.for_reference();
    let sql = format!("SELECT 1 FROM contacts WHERE tenant_id = ?1 AND id = ?2{lock}");
    tx.query(&sql, &[tenant.into(), contact.into()]).await?;
    let conversation = converse(tx, tenant, fresh, inbound).await?;
    let mut values: Vec<Value> = vec![
        tenant.into(),
        message.into(),
        conversation.get().into(),
        contact.into(),
        channel.into(),
        Direction::Inbound.as_str().into(),
        inbound.content.kind().as_str().into(),
        rows::content_text(&inbound.content)?.into(),
        Status::Received.as_str().into(),
        inbound.wamid.as_str().into(),
        Value::Null,
        inbound.at.into(),
        inbound.at.into(),
    ];
    let sql = sql::insert("messages", &rows::INSERT_COLUMNS, &mut values);
    tx.execute(&sql, &values).await?;
    let happened = |kind, subject| Announcement {
        tenant,
        kind,
        subject,
        at: inbound.at,
    };
    let mut news = vec![happened(EventKind::MessageReceived, message)];
    if conversation.get() == fresh {
        news.push(happened(EventKind::ConversationOpened, fresh));
    }
    announce(tx, &news).await?;
    search::mark_one(tx, search::Kind::Message, (tenant, message, 0)).await?;
    let said = Reacting {
        tenant,
        channel,
        direction: Direction::Inbound,
        content: &inbound.content,
        at: inbound.at,
    };
    tx.query_all(&reactions::keeping([said])).await?;
    count(tx, (tenant, message), inbound).await?;
    let sql = "UPDATE contacts SET has_unread_messages = 1 WHERE tenant_id = ?1 AND id = ?2";
    tx.execute(sql, &[tenant.into(), contact.into()]).await?;
    let began = (conversation.get() == fresh).then_some(Begun {
        tenant,
        conversation: fresh,
        at: inbound.at,
    });
    begun::count(tx, began).await?;
    MessageId::new(message).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))
}

async fn count(tx: &mut Tx, (tenant, id): (i64, i64), inbound: &Inbound) -> Result<()> {
    let counted = Counted {
        tenant,
        id,
        kind: inbound.content.kind(),
        at: inbound.at,
    };
    let mut moves = Moves::default();
    moves.made(counted, Status::Received);
    moves.write(tx).await
}

/// Opens the contact's conversation, or goes on with it, and with it the service window.
async fn converse(
    tx: &mut Tx,
    tenant: i64,
    fresh: i64,
    inbound: &Inbound,
) -> Result<ConversationId> {
    let sql = "INSERT INTO conversations (tenant_id, id, contact_id, channel_id, \
         window_expires_at, last_message_at, message_count, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?6) \
         ON CONFLICT (tenant_id, contact_id, channel_id) DO UPDATE SET \
         window_expires_at = CASE WHEN conversations.window_expires_at > \
             excluded.window_expires_at THEN conversations.window_expires_at \
             ELSE excluded.window_expires_at END, \
         last_message_at = CASE WHEN conversations.last_message_at > excluded.last_message_at \
             THEN conversations.last_message_at ELSE excluded.last_message_at END, \
         message_count = conversations.message_count + 1, status = 'open' \
         RETURNING id";
    let until = inbound.at.as_microsecond() + WINDOW;
    let values = [
        tenant.into(),
        fresh.into(),
        inbound.contact_id.get().into(),
        inbound.channel_id.get().into(),
        until.into(),
        inbound.at.into(),
    ];
    let row = tx.first(sql, &values).await?;
    let lost = || Error::Corrupt("a conversation vanished".into());
    row.ok_or_else(lost)?.id(ConversationId::new)
}
