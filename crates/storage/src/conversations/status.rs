//! Whether a conversation is being worked on.

use domain::conversation::{Conversation, ConversationStatus};
use domain::event::EventKind;
use domain::ids::ConversationId;
use jiff::Timestamp;

use super::{COLUMNS, read};
use crate::error::Result;
use crate::events::{Announcement, announce};
use crate::store::Store;
use crate::tx::{Tx, work};

impl Store {
    /// Gives a conversation a status and returns it as it is then; nothing where there is no such
    /// conversation. One that has the status already stays as it is, and nobody hears of it.
    pub async fn set_conversation_status(
        &self,
        id: ConversationId,
        status: ConversationStatus,
        at: Timestamp,
    ) -> Result<Option<Conversation>> {
        let (tenant, id) = (self.tenant.get(), id.get());
        self.database
            .write(work(move |tx| {
                Box::pin(async move { set(tx, (tenant, id), status, at).await })
            }))
            .await
    }
}

async fn set(
    tx: &mut Tx,
    (tenant, id): (i64, i64),
    status: ConversationStatus,
    at: Timestamp,
) -> Result<Option<Conversation>> {
    let lock = tx.for_update();
    let sql = format!("SELECT {COLUMNS} FROM conversations WHERE tenant_id = ?1 AND id = ?2{lock}");
    let Some(mut row) = tx.first(&sql, &[tenant.into(), id.into()]).await? else {
        return Ok(None);
    };
    let before = read(&mut row)?;
    if before.status == status {
        return Ok(Some(before));
    }
    let sql = "UPDATE conversations SET status = ?3, \
         closed_at = CASE WHEN ?3 = 'closed' THEN ?4 ELSE closed_at END \
         WHERE tenant_id = ?1 AND id = ?2";
    let word = status.as_str();
    let values = [tenant.into(), id.into(), word.into(), at.into()];
    tx.execute(sql, &values).await?;
    if let Some(kind) = happened(before.status, status) {
        let told = Announcement {
            tenant,
            kind,
            subject: id,
            at,
        };
        announce(tx, &[told]).await?;
    }
    Ok(Some(Conversation { status, ..before }))
}

/// Returns what others may want to hear of a change: what is put off or away is not done.
fn happened(before: ConversationStatus, after: ConversationStatus) -> Option<EventKind> {
    match (before, after) {
        (_, ConversationStatus::Closed) => Some(EventKind::ConversationClosed),
        (ConversationStatus::Closed, ConversationStatus::Open) => {
            Some(EventKind::ConversationOpened)
        }
        _ => None,
    }
}
