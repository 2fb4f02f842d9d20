//! Where a contact went that was merged away.

use crate::error::Result;
use crate::tx::Tx;

/// Returns the contact that stands for one that was merged away, as it is now; nothing where this
/// one never was. Whether the survivor was deleted since is not looked at.
pub(crate) async fn survivor(tx: &mut Tx, tenant: i64, contact: i64) -> Result<Option<i64>> {
    let mut last = None;
    while let Some((_, kept)) = end_of(tx, tenant, last.unwrap_or(contact)).await? {
        last = Some(kept);
    }
    Ok(last)
}

/// Returns the merge that ended a contact, and what it was merged into.
pub(super) async fn end_of(tx: &mut Tx, tenant: i64, contact: i64) -> Result<Option<(i64, i64)>> {
    let sql = "SELECT id, keep_id FROM contact_merges \
         WHERE tenant_id = ?1 AND gone_id = ?2 AND undone_at IS NULL";
    match tx.first(sql, &[tenant.into(), contact.into()]).await? {
        Some(mut row) => Ok(Some((row.int()?, row.int()?))),
        None => Ok(None),
    }
}

/// Returns the contact itself, or the one that stands for it, if it is there.
pub(crate) async fn present(tx: &mut Tx, tenant: i64, contact: i64) -> Result<Option<i64>> {
    let mut now = contact;
    loop {
        let sql = "SELECT id FROM contacts WHERE tenant_id = ?1 AND id = ?2";
        if tx.first(sql, &[tenant.into(), now.into()]).await?.is_some() {
            return Ok(Some(now));
        }
        // A contact goes and its merge is recorded in one moment, so the record is looked for only
        // after the contact was not found: in the other order both could be missed.
        match survivor(tx, tenant, now).await? {
            Some(kept) => now = kept,
            None => return Ok(None),
        }
    }
}
