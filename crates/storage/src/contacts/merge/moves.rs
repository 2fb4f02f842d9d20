//! What moves from one contact to another, but for what they talked about.

use super::Merge;
use crate::error::Result;
use crate::tx::Tx;

/// Keeps everybody else off both contacts and their conversations until the commit; `false` where
/// one of the two is not there.
pub(super) async fn lock(tx: &mut Tx, merge: &Merge) -> Result<bool> {
    let lock = tx.for_removal();
    let values = [merge.tenant.into(), merge.keep.into(), merge.gone.into()];
    let sql = format!(
        "SELECT id FROM contacts WHERE tenant_id = ?1 AND id IN (?2, ?3) ORDER BY id{lock}"
    );
    if tx.query(&sql, &values).await?.len() != 2 {
        return Ok(false);
    }
    let sql = format!(
        "SELECT id FROM conversations WHERE tenant_id = ?1 AND contact_id IN (?2, ?3) \
         ORDER BY contact_id, channel_id{lock}"
    );
    tx.query(&sql, &values).await?;
    Ok(true)
}

pub(super) async fn identities(tx: &mut Tx, merge: &Merge) -> Result<()> {
    let values = [merge.tenant.into(), merge.keep.into(), merge.gone.into()];
    let sql = "UPDATE identities SET contact_id = ?2 WHERE tenant_id = ?1 AND contact_id = ?3";
    tx.execute(sql, &values).await?;
    let sql =
        "UPDATE former_identities SET contact_id = ?2 WHERE tenant_id = ?1 AND contact_id = ?3";
    tx.execute(sql, &values).await.map(drop)
}

pub(super) async fn groups(tx: &mut Tx, merge: &Merge) -> Result<()> {
    let sql = "INSERT INTO group_members (tenant_id, contact_id, group_id) \
         SELECT g.tenant_id, CAST(?2 AS BIGINT), g.group_id FROM group_members g \
         WHERE g.tenant_id = ?1 AND g.contact_id = ?3 ON CONFLICT DO NOTHING";
    let values = [merge.tenant.into(), merge.keep.into(), merge.gone.into()];
    tx.execute(sql, &values).await.map(drop)
}

/// Of two consents on the same, the one that says no wins.
pub(super) async fn consents(tx: &mut Tx, merge: &Merge) -> Result<()> {
    let sql = "INSERT INTO consents \
         (tenant_id, contact_id, channel_id, topic, is_opted_out, changed_at) \
         SELECT o.tenant_id, CAST(?2 AS BIGINT), o.channel_id, o.topic, o.is_opted_out, \
             o.changed_at FROM consents o WHERE o.tenant_id = ?1 AND o.contact_id = ?3 \
         ON CONFLICT (tenant_id, contact_id, channel_id, topic) DO UPDATE SET \
             is_opted_out = excluded.is_opted_out, changed_at = excluded.changed_at \
         WHERE excluded.is_opted_out > consents.is_opted_out";
    let values = [merge.tenant.into(), merge.keep.into(), merge.gone.into()];
    tx.execute(sql, &values).await?;
    bring(tx, merge, "consent_log").await
}

pub(super) async fn comments(tx: &mut Tx, merge: &Merge) -> Result<()> {
    bring(tx, merge, "comments").await
}

/// Whom a job has written to it does not write to again; it has them once, whoever they were.
pub(super) async fn recipients(tx: &mut Tx, merge: &Merge) -> Result<()> {
    bring(tx, merge, "job_recipients").await
}

/// Moves rows that say themselves which merge brought them first.
async fn bring(tx: &mut Tx, merge: &Merge, table: &str) -> Result<()> {
    let sql = format!(
        "UPDATE {table} SET contact_id = ?2, brought_by = COALESCE(brought_by, ?4) \
         WHERE tenant_id = ?1 AND contact_id = ?3"
    );
    let whose = [merge.tenant.into(), merge.keep.into(), merge.gone.into()];
    let [tenant, keep, gone] = whose;
    tx.execute(&sql, &[tenant, keep, gone, merge.id.into()])
        .await
        .map(drop)
}
