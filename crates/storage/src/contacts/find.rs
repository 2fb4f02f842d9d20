//! Finding contacts by what names them.

use std::collections::HashMap;

use domain::ids::{ContactId, GroupId};
use domain::{Contact, MatchKey};

use super::{NUMBER, limit, merge, rows};
use crate::error::{Error, Result};
use crate::sql;
use crate::store::Store;
use crate::tx::Tx;

impl Store {
    /// Returns the contact that has this number, however it is spelled.
    pub async fn contact_by_number(&self, key: &MatchKey) -> Result<Option<Contact>> {
        self.database.look_up(self.tenant.get(), key.clone()).await
    }

    /// Returns the contact of this id, or the one it was merged into.
    pub async fn contact(&self, id: ContactId) -> Result<Option<Contact>> {
        let (tenant, id) = (self.tenant.get(), id.get());
        self.database
            .read(|tx| Box::pin(by_id(tx, tenant, id)))
            .await
    }

    /// Returns the ids of the groups a contact is in.
    pub async fn groups_of_contact(&self, id: ContactId) -> Result<Vec<GroupId>> {
        let values = [self.tenant_value(), id.get().into()];
        let sql = "SELECT group_id FROM group_members WHERE tenant_id = ?1 AND contact_id = ?2 \
             ORDER BY group_id";
        let rows = self
            .database
            .read(|tx| Box::pin(async move { tx.query(sql, &values).await }))
            .await?;
        rows.into_iter()
            .map(|mut row| row.id(GroupId::new))
            .collect()
    }

    /// Returns those of these contacts that are there, in the order given.
    pub async fn contacts_of(&self, ids: Vec<ContactId>) -> Result<Vec<Contact>> {
        let tenant = self.tenant.get();
        self.database
            .read(|tx| Box::pin(async move { in_order(tx, tenant, &ids).await }))
            .await
    }

    /// Returns how many contacts the tenant has, from the count that is kept.
    pub async fn contact_count(&self) -> Result<i64> {
        let tenant = self.tenant.get();
        self.database
            .read(|tx| Box::pin(limit::count(tx, tenant)))
            .await
    }
}

/// Returns the contact of this id, or the one it was merged into.
pub(crate) async fn by_id(tx: &mut Tx, tenant: i64, id: i64) -> Result<Option<Contact>> {
    if let Some(contact) = exactly(tx, tenant, id).await? {
        return Ok(Some(contact));
    }
    match merge::survivor(tx, tenant, id).await? {
        Some(kept) => exactly(tx, tenant, kept).await,
        None => Ok(None),
    }
}

/// Returns the contact of this very id.
pub(super) async fn exactly(tx: &mut Tx, tenant: i64, id: i64) -> Result<Option<Contact>> {
    let columns = rows::COLUMNS;
    let sql = format!("SELECT {columns} FROM contacts WHERE tenant_id = ?1 AND id = ?2");
    let row = tx.first(&sql, &[tenant.into(), id.into()]).await?;
    row.map(|mut row| rows::read(&mut row)).transpose()
}

/// Returns those of these contacts that are there, in the order given.
pub(crate) async fn in_order(tx: &mut Tx, tenant: i64, ids: &[ContactId]) -> Result<Vec<Contact>> {
    let (columns, mut found) = (rows::COLUMNS, HashMap::with_capacity(ids.len()));
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let (with, values) = sql::with_ids(tenant, chunk.iter().map(|id| id.get()));
        let sql = format!(
            "{with} SELECT {columns} FROM v JOIN contacts \
             ON contacts.tenant_id = v_tenant_id AND contacts.id = v_id"
        );
        for mut row in tx.query(&sql, &values).await? {
            let contact = rows::read(&mut row)?;
            found.insert(contact.id, contact);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

pub(crate) async fn by_number(tx: &mut Tx, tenant: i64, key: &MatchKey) -> Result<Option<Contact>> {
    let columns = rows::COLUMNS;
    let sql = format!(
        "SELECT {columns} FROM contacts WHERE tenant_id = ?1 AND id = \
         (SELECT i.contact_id FROM identities i \
             WHERE i.tenant_id = ?1 AND i.kind = '{NUMBER}' AND i.scope = '' AND i.key = ?2)"
    );
    let row = tx
        .first(&sql, &[tenant.into(), key.as_str().into()])
        .await?;
    row.map(|mut row| rows::read(&mut row)).transpose()
}

/// Keeps others from changing a contact until the commit; `false` where there is none.
pub(crate) async fn lock(tx: &mut Tx, tenant: i64, contact: i64) -> Result<bool> {
    let lock = tx.for_update();
    let sql = format!("SELECT 1 FROM contacts WHERE tenant_id = ?1 AND id = ?2{lock}");
    let row = tx.first(&sql, &[tenant.into(), contact.into()]).await?;
    Ok(row.is_some())
}

/// Keeps others from changing contacts until the commit, in the order of their ids; all of them
/// must be there.
pub(crate) async fn hold(tx: &mut Tx, tenant: i64, mut contacts: Vec<i64>) -> Result<()> {
    contacts.sort_unstable();
    contacts.dedup();
    let (lock, mut held) = (tx.for_update(), 0);
    for chunk in contacts.chunks(sql::MAX_ROWS) {
        let (with, values) = sql::with_ids(tenant, chunk.iter().copied());
        let sql = format!(
            "{with} SELECT contacts.id FROM v \
             JOIN contacts ON contacts.tenant_id = v_tenant_id AND contacts.id = v_id{lock}"
        );
        held += tx.query(&sql, &values).await?.len();
    }
    if held == contacts.len() {
        return Ok(());
    }
    Err(Error::lost_race(
        "a contact was merged or deleted meanwhile",
    ))
}
