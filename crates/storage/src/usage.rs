//! How much of what its plan limits a tenant has.

use domain::ids::ContactId;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::error::Result;
use crate::store::Store;

impl Store {
    /// Returns how many conversations began in the month of an instant.
    pub async fn conversations_begun(&self, at: Timestamp) -> Result<i64> {
        let month = at.to_zoned(TimeZone::UTC).date().first_of_month();
        let from = month.to_zoned(TimeZone::UTC).map(|it| it.timestamp());
        let values = [self.tenant_value(), from.unwrap_or(at).into()];
        let sql = "SELECT COUNT(*) FROM conversations WHERE tenant_id = ?1 AND created_at >= ?2";
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        row.map_or(Ok(0), |mut row| row.int())
    }

    /// Returns whether a contact has a conversation, on whichever channel.
    pub async fn has_conversation(&self, contact: ContactId) -> Result<bool> {
        let values = [self.tenant_value(), contact.get().into()];
        let sql = "SELECT 1 FROM conversations WHERE tenant_id = ?1 AND contact_id = ?2 LIMIT 1";
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        Ok(row.is_some())
    }
}
