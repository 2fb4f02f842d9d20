//! Undoing a merge.

use domain::ids::{ContactId, MergeId};
use jiff::Timestamp;

use super::record::{self, Kept};
use super::snapshot::{
    self, CONSENTS, CONTACTS, FORMER_IDENTITIES, Fields, GROUP_MEMBERS, bind, number,
};
use super::{Merge, UnmergeOutcome, fields, talks, trail};
use crate::contacts::limit;
use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::Value;
use crate::{conversations, ids, search};

/// Why a merge cannot be undone as things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    /// It was undone before.
    #[error("it was undone already")]
    UndoneAlready,
    /// Another merge came after it and must be undone first.
    #[error("merge {0} was made after it; undo that one first")]
    LaterMerge(MergeId),
    /// The contact that stayed was deleted.
    #[error("the contact that stayed was deleted")]
    SurvivorDeleted,
    /// Another contact got a number or a user id of the one that went.
    #[error(
        "contact {0} has a number or user id of the contact that went; merge or change it first"
    )]
    IdentityTaken(ContactId),
}

pub(super) async fn undo(
    tx: &mut Tx,
    tenant: i64,
    merge: i64,
    at: Timestamp,
) -> Result<UnmergeOutcome> {
    let Some(kept) = record::read(tx, tenant, merge).await? else {
        return Ok(UnmergeOutcome::NoMerge);
    };
    let is_there = lock(tx, &kept.merge).await?;
    // Somebody else may have undone it until the lock.
    let Some(kept) = record::read(tx, tenant, merge).await? else {
        return Ok(UnmergeOutcome::NoMerge);
    };
    if let Some(hindrance) = hindrance(tx, &kept, is_there).await? {
        return Ok(UnmergeOutcome::Hindered(hindrance));
    }
    restore(tx, &kept).await?;
    take_back(tx, &kept, at).await?;
    record::undone(tx, tenant, merge, at).await?;
    let change = ids::take_block(tx, 1).await?.start;
    for contact in [kept.merge.keep, kept.merge.gone] {
        conversations::recount(tx, tenant, contact).await?;
        search::mark_one(tx, search::Kind::Contact, (tenant, contact, change)).await?;
    }
    limit::adjust(tx, tenant, 1).await?;
    let no_id = || Error::Corrupt("a row's id is no id".into());
    let gone = ContactId::new(kept.merge.gone).ok_or_else(no_id)?;
    Ok(UnmergeOutcome::Restored(gone))
}

/// Keeps everybody else off the survivor and its conversations; `false` where it is not there.
async fn lock(tx: &mut Tx, merge: &Merge) -> Result<bool> {
    let lock = tx.for_removal();
    let values = [merge.tenant.into(), merge.keep.into()];
    let sql = format!("SELECT id FROM contacts WHERE tenant_id = ?1 AND id = ?2{lock}");
    if tx.first(&sql, &values).await?.is_none() {
        return Ok(false);
    }
    let sql = format!(
        "SELECT id FROM conversations WHERE tenant_id = ?1 AND contact_id = ?2 \
         ORDER BY contact_id, channel_id{lock}"
    );
    tx.query(&sql, &values).await?;
    Ok(true)
}

async fn hindrance(tx: &mut Tx, kept: &Kept, is_there: bool) -> Result<Option<Hindrance>> {
    let (tenant, keep) = (kept.merge.tenant, kept.merge.keep);
    if kept.undone_at.is_some() {
        return Ok(Some(Hindrance::UndoneAlready));
    }
    if !is_there {
        let later = trail::end_of(tx, tenant, keep).await?;
        let later = later.and_then(|(merge, _)| MergeId::new(merge));
        let hindrance = later.map_or(Hindrance::SurvivorDeleted, Hindrance::LaterMerge);
        return Ok(Some(hindrance));
    }
    if record::depth(tx, tenant, keep).await? > kept.depth {
        let later = record::last(tx, tenant, keep).await?.and_then(MergeId::new);
        return Ok(later.map(Hindrance::LaterMerge));
    }
    for identity in &kept.other.identities {
        let sql = "SELECT contact_id FROM identities \
             WHERE tenant_id = ?1 AND kind = ?2 AND scope = ?3 AND key = ?4";
        let values = identity_values(tenant, identity);
        let holder = match tx.first(sql, &values).await? {
            Some(mut row) => row.id(ContactId::new)?,
            None => continue,
        };
        if holder.get() != keep {
            return Ok(Some(Hindrance::IdentityTaken(holder)));
        }
    }
    Ok(None)
}

fn identity_values(tenant: i64, identity: &Fields) -> Vec<Value> {
    let field = |column| identity.get(column).map_or(Value::Null, bind);
    vec![tenant.into(), field("kind"), field("scope"), field("key")]
}

/// Brings the contact that went back, with all that it had.
async fn restore(tx: &mut Tx, kept: &Kept) -> Result<()> {
    let (merge, other) = (&kept.merge, &kept.other);
    let tenant = merge.tenant;
    snapshot::put(tx, &CONTACTS, tenant, &other.contact).await?;
    for identity in &other.identities {
        let sql = "INSERT INTO identities (tenant_id, kind, scope, key, contact_id) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (tenant_id, kind, scope, key) \
             DO UPDATE SET contact_id = excluded.contact_id WHERE identities.contact_id = ?6";
        let mut values = identity_values(tenant, identity);
        values.extend([merge.gone.into(), merge.keep.into()]);
        if tx.execute(sql, &values).await? != 1 {
            return Err(Error::lost_race("an identity changed hands meanwhile"));
        }
    }
    for former in &other.former_identities {
        let sql = "DELETE FROM former_identities WHERE tenant_id = ?1 AND contact_id = ?2 \
             AND id = ?3";
        let values = [
            tenant.into(),
            merge.keep.into(),
            number(former, "id")?.into(),
        ];
        tx.execute(sql, &values).await?;
        snapshot::put(tx, &FORMER_IDENTITIES, tenant, former).await?;
    }
    for group in &other.groups {
        if has_group(tx, tenant, number(group, "group_id")?).await? {
            snapshot::put(tx, &GROUP_MEMBERS, tenant, group).await?;
        }
    }
    for consent in &other.consents {
        snapshot::put(tx, &CONSENTS, tenant, consent).await?;
    }
    talks::give_back_log(tx, merge).await
}

async fn has_group(tx: &mut Tx, tenant: i64, group: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM contact_groups WHERE tenant_id = ?1 AND id = ?2";
    let row = tx.first(sql, &[tenant.into(), group.into()]).await?;
    Ok(row.is_some())
}

/// Takes from the survivor what it had only from the other.
async fn take_back(tx: &mut Tx, kept: &Kept, at: Timestamp) -> Result<()> {
    let (merge, before, after) = (&kept.merge, &kept.before, &kept.after);
    let (tenant, keep) = (merge.tenant, merge.keep);
    let missing = || Error::Corrupt("a locked contact vanished".into());
    let now = snapshot::rows(tx, &CONTACTS, tenant, keep).await?;
    let now = now.into_iter().next().ok_or_else(missing)?;
    let changes = fields::taken_back(&before.contact, &after.contact, &now);
    snapshot::change(tx, tenant, keep, &changes).await?;
    for group in kept.other.groups.iter().map(|it| it.get("group_id")) {
        if !before.groups.iter().any(|it| it.get("group_id") == group) {
            let sql = "DELETE FROM group_members \
                 WHERE tenant_id = ?1 AND contact_id = ?2 AND group_id = ?3";
            let values = [tenant.into(), keep.into(), group.map_or(Value::Null, bind)];
            tx.execute(sql, &values).await?;
        }
    }
    take_back_consents(tx, kept).await?;
    talks::give_back(tx, merge, [&kept.other, before, after]).await?;
    crate::consents::mirror(tx, tenant, keep, at).await
}

async fn take_back_consents(tx: &mut Tx, kept: &Kept) -> Result<()> {
    let (tenant, keep) = (kept.merge.tenant, kept.merge.keep);
    let now = snapshot::rows(tx, &CONSENTS, tenant, keep).await?;
    for consent in &now {
        let was = |then: &[Fields]| then.iter().find(|it| is_same(it, consent)).cloned();
        let (before, after) = (was(&kept.before.consents), was(&kept.after.consents));
        if before == after || after.as_ref() != Some(consent) {
            continue;
        }
        let field = |column| consent.get(column).map_or(Value::Null, bind);
        let sql = "DELETE FROM consents WHERE tenant_id = ?1 AND contact_id = ?2 \
             AND channel_id = ?3 AND topic = ?4";
        let values = [
            tenant.into(),
            keep.into(),
            field("channel_id"),
            field("topic"),
        ];
        tx.execute(sql, &values).await?;
        if let Some(before) = &before {
            snapshot::put(tx, &CONSENTS, tenant, before).await?;
        }
    }
    Ok(())
}

/// Whether two consents are on the same.
fn is_same(one: &Fields, other: &Fields) -> bool {
    let same = |column: &str| one.get(column) == other.get(column);
    same("channel_id") && same("topic")
}
