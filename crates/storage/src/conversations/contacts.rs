//! Contacts in their order, page by page.

use domain::Contact;
use domain::ids::ContactId;

use crate::contacts;
use crate::error::Result;
use crate::store::Store;

impl Store {
    /// Returns a page of all contacts, the newest first, and how many there are. The kept count
    /// tells from which end the page is nearer, and an index of nothing but times and ids is walked
    /// from there.
    pub async fn contacts_page(
        &self,
        (offset, limit): (usize, usize),
    ) -> Result<(Vec<Contact>, i64)> {
        let count = self.contact_count().await?;
        let total = usize::try_from(count).unwrap_or_default();
        let end = offset.saturating_add(limit).min(total);
        if offset >= end {
            return Ok((Vec::new(), count));
        }
        let is_nearer_to_the_end = offset > total - end;
        let (skip, order) = if is_nearer_to_the_end {
            (total - end, "ASC")
        } else {
            (offset, "DESC")
        };
        let sql = format!(
            "SELECT id FROM contacts WHERE tenant_id = ?1 AND created_at > ?2 \
             ORDER BY created_at {order}, id {order} LIMIT ?3 OFFSET ?4"
        );
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let tenant = self.tenant.get();
        let values = [
            tenant.into(),
            i64::MIN.into(),
            number(end - offset).into(),
            number(skip).into(),
        ];
        let page = self
            .database
            .read(|tx| {
                Box::pin(async move {
                    let mut ids = Vec::with_capacity(limit);
                    for mut row in tx.query(&sql, &values).await? {
                        ids.push(row.id(ContactId::new)?);
                    }
                    if is_nearer_to_the_end {
                        ids.reverse();
                    }
                    contacts::in_order(tx, tenant, &ids).await
                })
            })
            .await?;
        Ok((page, count))
    }
}
