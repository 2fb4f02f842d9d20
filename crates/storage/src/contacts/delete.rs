//! Deleting contacts with all that is theirs; what was said about their consent stays in its log.

use domain::ids::ContactId;

use super::limit;
use crate::error::Result;
use crate::search;
use crate::sql;
use crate::store::Store;
use crate::tallies::Gone;
use crate::tx::{Tx, work};
use crate::value::Value;

impl Store {
    /// Deletes those of these contacts that are there, all of them or none, and returns how many
    /// there were. An id that was merged into another is nobody's.
    pub async fn delete_contacts(&self, contacts: Vec<ContactId>) -> Result<usize> {
        let (change, tenant) = (self.database.next_id().await?, self.tenant.get());
        let mut ids: Vec<i64> = contacts.into_iter().map(ContactId::get).collect();
        ids.sort_unstable();
        ids.dedup();
        let unit = work(move |tx| {
            let ids = ids.clone();
            Box::pin(async move { delete(tx, (tenant, change), &ids).await })
        });
        self.database.write(unit).await
    }
}

async fn delete(tx: &mut Tx, (tenant, change): (i64, i64), ids: &[i64]) -> Result<usize> {
    let lock = tx.for_removal();
    let (mut deleted, mut gone) = (0, Gone::default());
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = vec![tenant.into()];
        let list = sql::list_of(chunk.iter().map(|id| (*id).into()), &mut values);
        // In the order of their ids, so that two writers never wait for each other.
        let sql = format!(
            "SELECT id FROM contacts WHERE tenant_id = ?1 AND id IN {list} ORDER BY id{lock}"
        );
        deleted += tx.query(&sql, &values).await?.len();
        search::mark_deleted(tx, (tenant, change), chunk).await?;
        gone.look(tx, tenant, chunk).await?;
        let sql = format!("DELETE FROM contacts WHERE tenant_id = ?1 AND id IN {list}");
        tx.execute(&sql, &values).await?;
    }
    gone.write(tx, tenant).await?;
    if deleted > 0 {
        let count = i64::try_from(deleted).unwrap_or(i64::MAX);
        limit::adjust(tx, tenant, -count).await?;
    }
    Ok(deleted)
}
