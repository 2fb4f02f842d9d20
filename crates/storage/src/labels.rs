//! Groups; sources and statuses as far as contacts need them.

use domain::ids::{ContactId, GroupId};
use domain::label::Group;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

const GROUP_COLUMNS: &str = "g.id, g.name, g.created_at, g.updated_at";

fn read_group(row: &mut Row) -> Result<Group> {
    Ok(Group {
        id: row.id(GroupId::new)?,
        name: row.text()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

impl Store {
    /// Makes a group.
    pub async fn create_group(&self, name: &str, at: Timestamp) -> Result<Group> {
        let id = self.database.next_id().await?;
        let values: Vec<Value> = vec![self.tenant_value(), id.into(), name.into(), at.into()];
        let made = self
            .database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move {
                    let sql = "INSERT INTO contact_groups \
                         (tenant_id, id, name, created_at, updated_at) \
                         VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT DO NOTHING";
                    tx.execute(sql, &values).await
                })
            }))
            .await?;
        if made == 0 {
            return Err(Error::Conflict("name"));
        }
        let id = GroupId::new(id).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))?;
        Ok(Group {
            id,
            name: name.into(),
            created_at: at,
            updated_at: at,
        })
    }
}

/// Returns those of `ids` that are the tenant's groups, in the order of their ids.
pub(crate) async fn groups_among(tx: &mut Tx, tenant: i64, ids: &[GroupId]) -> Result<Vec<Group>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut groups = Vec::with_capacity(ids.len());
    for id in ids {
        let sql = format!(
            "SELECT {GROUP_COLUMNS} FROM contact_groups g WHERE g.tenant_id = ?1 AND g.id = ?2"
        );
        if let Some(mut row) = tx.first(&sql, &[tenant.into(), id.get().into()]).await? {
            groups.push(read_group(&mut row)?);
        }
    }
    Ok(groups)
}

/// Puts a contact into groups that are the tenant's.
pub(crate) async fn join_groups(
    tx: &mut Tx,
    tenant: i64,
    contact: ContactId,
    groups: &[Group],
) -> Result<()> {
    for group in groups {
        let sql = "INSERT INTO group_members (tenant_id, contact_id, group_id) \
                   VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        tx.execute(
            sql,
            &[tenant.into(), contact.get().into(), group.id.get().into()],
        )
        .await?;
    }
    Ok(())
}

/// Returns whether the tenant has this source.
pub(crate) async fn has_source(tx: &mut Tx, tenant: i64, id: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM sources WHERE tenant_id = ?1 AND id = ?2";
    Ok(tx.first(sql, &[tenant.into(), id.into()]).await?.is_some())
}

/// Returns whether the tenant has this status.
pub(crate) async fn has_status(tx: &mut Tx, tenant: i64, id: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM statuses WHERE tenant_id = ?1 AND id = ?2";
    Ok(tx.first(sql, &[tenant.into(), id.into()]).await?.is_some())
}
