//! Who is in which group.

use std::collections::{HashMap, HashSet};

use domain::ids::{ContactId, GroupId};
use domain::label::Group;

use super::by_id;
use crate::error::Result;
use crate::sql;
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::Value;

/// The most contacts that join or leave a group at once.
pub const MAX_MEMBERS: usize = 10_000;

/// What became of contacts that were to join a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// So many joined; the others were members.
    Added(u64),
    /// The tenant has no such group.
    NoGroup,
    /// None joined, for these are not the tenant's contacts.
    NoContacts(Vec<i64>),
}

pub(super) const ID_COLUMNS: [(&str, &str); 2] = [("v_tenant_id", "BIGINT"), ("v_id", "BIGINT")];

const MEMBER_COLUMNS: [(&str, &str); 3] = [
    ("tenant_id", "BIGINT"),
    ("contact_id", "BIGINT"),
    ("group_id", "BIGINT"),
];

impl Store {
    /// Puts contacts into a group: all of them or, where one is not the tenant's, none.
    pub async fn join_group(&self, group: GroupId, contacts: Vec<i64>) -> Result<Joined> {
        let (tenant, contacts) = (self.tenant.get(), sorted(contacts));
        let unit = work(move |tx| {
            let contacts = contacts.clone();
            Box::pin(async move { join(tx, (tenant, group), &contacts).await })
        });
        self.database.write(unit).await
    }

    /// Takes contacts out of a group and returns how many were in it; `None` where the tenant has
    /// no such group.
    pub async fn leave_group(&self, group: GroupId, contacts: Vec<i64>) -> Result<Option<u64>> {
        let (tenant, contacts) = (self.tenant.get(), sorted(contacts));
        let unit = work(move |tx| {
            let contacts = contacts.clone();
            Box::pin(async move { leave(tx, (tenant, group), &contacts).await })
        });
        self.database.write(unit).await
    }

    /// Returns the groups that contacts are in, in the order of their ids; who is in none is left
    /// out.
    pub async fn groups_of_contacts(
        &self,
        contacts: &[ContactId],
    ) -> Result<HashMap<ContactId, Vec<Group>>> {
        let (tenant, contacts) = (self.tenant.get(), contacts.to_vec());
        self.database
            .read(|tx| Box::pin(async move { groups_of(tx, tenant, &contacts).await }))
            .await
    }
}

fn sorted(mut ids: Vec<i64>) -> Vec<i64> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

async fn join(tx: &mut Tx, (tenant, group): (i64, GroupId), contacts: &[i64]) -> Result<Joined> {
    let known = present(tx, tenant, contacts).await?;
    let missing = contacts.iter().filter(|id| !known.contains(id));
    let missing: Vec<i64> = missing.copied().collect();
    if !missing.is_empty() {
        return Ok(Joined::NoContacts(missing));
    }
    if groups_among(tx, tenant, &[group]).await?.is_empty() {
        return Ok(Joined::NoGroup);
    }
    let members: Vec<(i64, i64)> = contacts.iter().map(|id| (*id, group.get())).collect();
    Ok(Joined::Added(add_members(tx, tenant, &members).await?))
}

/// Puts contacts that are held into groups, each into one; returns how many were not in theirs.
pub(crate) async fn add_members(tx: &mut Tx, tenant: i64, members: &[(i64, i64)]) -> Result<u64> {
    let mut added = 0;
    for chunk in members.chunks(sql::MAX_ROWS) {
        let rows = chunk
            .iter()
            .map(|(contact, group)| [tenant, *contact, *group]);
        let mut values: Vec<Value> = rows.flatten().map(Value::from).collect();
        let insert = sql::insert("group_members", &MEMBER_COLUMNS, &mut values);
        let sql = format!("{insert} ON CONFLICT DO NOTHING");
        added += tx.execute(&sql, &values).await?;
    }
    Ok(added)
}

async fn leave(
    tx: &mut Tx,
    (tenant, group): (i64, GroupId),
    contacts: &[i64],
) -> Result<Option<u64>> {
    if by_id(tx, tenant, group).await?.is_none() {
        return Ok(None);
    }
    let mut removed = 0;
    for chunk in contacts.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = vec![tenant.into(), group.get().into()];
        let list = sql::list_of(chunk.iter().map(|id| (*id).into()), &mut values);
        let sql = format!(
            "DELETE FROM group_members \
             WHERE tenant_id = ?1 AND group_id = ?2 AND contact_id IN {list}"
        );
        removed += tx.execute(&sql, &values).await?;
    }
    Ok(Some(removed))
}

/// Returns those of these contacts that are there; they stay until the commit.
async fn present(tx: &mut Tx, tenant: i64, ids: &[i64]) -> Result<HashSet<i64>> {
    let (lock, mut statements) = (tx.for_reference(), Vec::new());
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let values = chunk.iter().flat_map(|id| [tenant, *id]);
        let mut values: Vec<Value> = values.map(Value::from).collect();
        let with = sql::with_values(&ID_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT contacts.id FROM v \
             JOIN contacts ON contacts.tenant_id = v_tenant_id AND contacts.id = v_id{lock}"
        );
        statements.push((sql, values));
    }
    let rows = tx.query_all(&statements).await?.into_iter().flatten();
    rows.map(|mut row| row.int()).collect()
}

/// Returns those of `ids` that are the tenant's groups, in the order of their ids; they stay until
/// the commit.
pub(crate) async fn groups_among(tx: &mut Tx, tenant: i64, ids: &[GroupId]) -> Result<Vec<Group>> {
    super::among(tx, tenant, ids).await
}

/// Returns the groups that contacts are in, in the order of their ids; who is in none is left out.
pub(crate) async fn groups_of(
    tx: &mut Tx,
    tenant: i64,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, Vec<Group>>> {
    let mut found: HashMap<ContactId, Vec<Group>> = HashMap::new();
    for chunk in contacts.chunks(sql::MAX_ROWS) {
        let values = chunk.iter().flat_map(|id| [tenant, id.get()]);
        let mut values: Vec<Value> = values.map(Value::from).collect();
        let with = sql::with_values(&ID_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT v_id, g.id, g.name, g.color, g.created_at, g.updated_at FROM v \
             JOIN group_members m ON m.tenant_id = v_tenant_id AND m.contact_id = v_id \
             JOIN contact_groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id"
        );
        for mut row in tx.query(&sql, &values).await? {
            let contact = row.id(ContactId::new)?;
            found
                .entry(contact)
                .or_default()
                .push(super::read(&mut row)?);
        }
    }
    for groups in found.values_mut() {
        groups.sort_unstable_by_key(|group| group.id);
    }
    Ok(found)
}

/// Puts a contact into groups that are the tenant's.
pub(crate) async fn join_groups(
    tx: &mut Tx,
    tenant: i64,
    contact: ContactId,
    groups: &[Group],
) -> Result<()> {
    let members = groups.iter().map(|group| (contact.get(), group.id.get()));
    let members: Vec<(i64, i64)> = members.collect();
    add_members(tx, tenant, &members).await.map(drop)
}
