//! Two contacts that are one person: everything of one moves to the other, and can move back.
//!
//! Locks are taken in one order, so that merges and other writes never wait for each other in a
//! circle: contacts by their ids, held so that they stay; conversations by contact and channel;
//! messages by their ids; what is changed in contacts; and the count of contacts last of all.

mod fields;
mod moves;
mod record;
mod snapshot;
mod talks;
mod trail;
mod undo;

pub(crate) use trail::{present, survivor};
pub use undo::Hindrance;

use domain::ids::{ContactId, MergeId};
use domain::merge::{MergeReason, MergeRecord};
use jiff::Timestamp;

use super::limit;
use crate::conversations;
use crate::error::{Error, Result};
use crate::ids;
use crate::search;
use crate::store::Store;
use crate::tx::{Tx, work};
use snapshot::Person;

/// Two contacts to be made one.
#[derive(Clone, Debug)]
pub struct MergeContacts {
    /// The contact that stays.
    pub keep: ContactId,
    /// The contact that goes into it.
    pub gone: ContactId,
    /// Why.
    pub reason: MergeReason,
    /// Who asked for it, in words of their own.
    pub made_by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What became of a [`MergeContacts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeOutcome {
    /// They are one now.
    Merged {
        /// By which the merge can be undone.
        id: MergeId,
        /// The contact that stayed; one that was merged away before stands for its survivor.
        kept: ContactId,
    },
    /// They were one already.
    SameContact(ContactId),
    /// The tenant has no such contact.
    NoContact(ContactId),
}

/// What became of a merge that was to be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnmergeOutcome {
    /// The contact that went is back.
    Restored(ContactId),
    /// The tenant has no such merge.
    NoMerge,
    /// It cannot be undone as things are.
    Hindered(Hindrance),
}

impl Store {
    /// Makes two contacts one.
    pub async fn merge_contacts(&self, merge: MergeContacts) -> Result<MergeOutcome> {
        let (id, tenant) = (self.database.next_id().await?, self.tenant.get());
        let unit = work(move |tx| {
            let merge = merge.clone();
            Box::pin(async move { merge_named(tx, tenant, id, &merge).await })
        });
        self.database.write(unit).await
    }

    /// Takes two contacts apart again: the one that went is back as it was, with what it brought;
    /// what came since stays where it is.
    pub async fn unmerge(&self, merge: MergeId, at: Timestamp) -> Result<UnmergeOutcome> {
        let (tenant, merge) = (self.tenant.get(), merge.get());
        let unit = work(move |tx| Box::pin(undo::undo(tx, tenant, merge, at)));
        self.database.write(unit).await
    }

    /// Returns the merges into a contact and the one that ended it, oldest first.
    pub async fn merges_of_contact(&self, contact: ContactId) -> Result<Vec<MergeRecord>> {
        let (tenant, contact) = (self.tenant.get(), contact.get());
        self.database
            .read(|tx| Box::pin(record::of_contact(tx, tenant, contact)))
            .await
    }
}

/// A merge of two contacts by their rows' ids.
#[derive(Clone, Debug)]
pub(crate) struct Merge {
    /// A fresh id, which becomes the merge's.
    pub(crate) id: i64,
    pub(crate) tenant: i64,
    pub(crate) keep: i64,
    pub(crate) gone: i64,
    pub(crate) reason: MergeReason,
    pub(crate) made_by: Option<String>,
    pub(crate) at: Timestamp,
}

async fn merge_named(
    tx: &mut Tx,
    tenant: i64,
    id: i64,
    named: &MergeContacts,
) -> Result<MergeOutcome> {
    let mut now = [0; 2];
    for (now, contact) in now.iter_mut().zip([named.keep, named.gone]) {
        match present(tx, tenant, contact.get()).await? {
            Some(contact) => *now = contact,
            None => return Ok(MergeOutcome::NoContact(contact)),
        }
    }
    let [keep, gone] = now;
    let no_id = || Error::Corrupt("a row's id is no id".into());
    let kept = ContactId::new(keep).ok_or_else(no_id)?;
    if keep == gone {
        return Ok(MergeOutcome::SameContact(kept));
    }
    let merge = Merge {
        id,
        tenant,
        keep,
        gone,
        reason: named.reason,
        made_by: named.made_by.clone(),
        at: named.at,
    };
    if !merge_uncounted(tx, &merge).await? {
        return Err(Error::lost_race(
            "a contact was merged or deleted meanwhile",
        ));
    }
    limit::adjust(tx, tenant, -1).await?;
    let id = MergeId::new(id).ok_or_else(no_id)?;
    Ok(MergeOutcome::Merged { id, kept })
}

/// Merges contacts that WhatsApp says are one person into the oldest of them; returns how many went,
/// which the caller counts. Where one vanished meanwhile, the rest is left for another look.
pub(crate) async fn unite(
    tx: &mut Tx,
    tenant: i64,
    contacts: &[i64],
    (mut fresh, reason, at): (Option<i64>, MergeReason, Timestamp),
) -> Result<u64> {
    let mut ages: Vec<(Timestamp, i64)> = Vec::with_capacity(contacts.len());
    for contact in contacts {
        let sql = "SELECT created_at FROM contacts WHERE tenant_id = ?1 AND id = ?2";
        if let Some(mut row) = tx.first(sql, &[tenant.into(), (*contact).into()]).await? {
            ages.push((row.time()?, *contact));
        }
    }
    ages.sort_unstable();
    let (mut made, mut ages) = (0, ages.into_iter());
    let Some((_, keep)) = ages.next() else {
        return Ok(0);
    };
    for (_, gone) in ages {
        let id = match fresh.take() {
            Some(id) => id,
            None => ids::take_block(tx, 1).await?.start,
        };
        let merge = Merge {
            id,
            tenant,
            keep,
            gone,
            reason,
            made_by: None,
            at,
        };
        if !merge_uncounted(tx, &merge).await? {
            break;
        }
        made += 1;
    }
    Ok(made)
}

/// Moves everything; `false` where one of the two is not there any more, and nothing was done.
///
/// The caller corrects the tenant's count of contacts (see [`limit::adjust`]) once it is done with
/// all else, for all writers of a tenant share that row.
pub(crate) async fn merge_uncounted(tx: &mut Tx, merge: &Merge) -> Result<bool> {
    let (tenant, keep, gone) = (merge.tenant, merge.keep, merge.gone);
    if keep == gone || !moves::lock(tx, merge).await? {
        return Ok(false);
    }
    let other = Person::take(tx, tenant, gone).await?;
    let before = Person::take(tx, tenant, keep).await?;
    moves::identities(tx, merge).await?;
    moves::groups(tx, merge).await?;
    moves::consents(tx, merge).await?;
    moves::comments(tx, merge).await?;
    talks::bring(tx, merge, &before, &other).await?;
    moves::recipients(tx, merge).await?;
    conversations::recount(tx, tenant, keep).await?;
    let sql = "DELETE FROM contacts WHERE tenant_id = ?1 AND id = ?2";
    tx.execute(sql, &[tenant.into(), gone.into()]).await?;
    let changes = fields::filled(&before.contact, &other.contact);
    snapshot::change(tx, tenant, keep, &changes).await?;
    crate::consents::mirror(tx, tenant, keep, merge.at).await?;
    for contact in [keep, gone] {
        search::mark_one(tx, search::Kind::Contact, (tenant, contact, merge.id)).await?;
    }
    let after = Person::take(tx, tenant, keep).await?;
    record::keep(tx, merge, [&other, &before, &after]).await?;
    Ok(true)
}
