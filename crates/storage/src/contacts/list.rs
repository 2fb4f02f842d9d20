//! A tenant's contacts in their order, newest first.

use domain::Contact;
use domain::ids::ContactId;
use jiff::Timestamp;

use super::rows;
use crate::error::Result;
use crate::store::Store;

/// A place in the order of contacts: whatever is older comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactPlace {
    /// When the contact was made.
    pub created_at: Timestamp,
    /// Its id.
    pub id: ContactId,
}

impl Store {
    /// Returns the place of a contact in the order; nothing where the tenant has none of this very
    /// id, be it that it was merged into another.
    pub async fn contact_place(&self, id: ContactId) -> Result<Option<ContactPlace>> {
        let sql = "SELECT created_at FROM contacts WHERE tenant_id = ?1 AND id = ?2";
        let values = [self.tenant_value(), id.get().into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        row.map(|mut row| {
            Ok(ContactPlace {
                created_at: row.time()?,
                id,
            })
        })
        .transpose()
    }

    /// Returns the contacts that come after a place, or the first of all, newest first.
    pub async fn contacts_after(
        &self,
        place: Option<ContactPlace>,
        limit: usize,
    ) -> Result<Vec<Contact>> {
        let (at, id) = place.map_or((i64::MAX, i64::MAX), |place| {
            (place.created_at.as_microsecond(), place.id.get())
        });
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [self.tenant_value(), at.into(), id.into(), limit.into()];
        let columns = rows::COLUMNS;
        let sql = format!(
            "SELECT {columns} FROM contacts WHERE tenant_id = ?1 AND (created_at, id) < (?2, ?3) \
             ORDER BY created_at DESC, id DESC LIMIT ?4"
        );
        self.rows(sql, values, rows::read).await
    }

    /// Returns contacts in the order of their ids, from the one after an id on.
    pub async fn contacts_by_id(
        &self,
        after: Option<ContactId>,
        limit: usize,
    ) -> Result<Vec<Contact>> {
        let after = after.map_or(0, ContactId::get);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [self.tenant_value(), after.into(), limit.into()];
        let columns = rows::COLUMNS;
        let sql = format!(
            "SELECT {columns} FROM contacts WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
        );
        let rows = self
            .database
            .read(|tx| Box::pin(async move { tx.query(&sql, &values).await }))
            .await?;
        rows.into_iter()
            .map(|mut row| rows::read(&mut row))
            .collect()
    }
}
