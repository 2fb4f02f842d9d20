//! Writes of contacts that touch more than one identity, one at a time.

use std::collections::HashSet;

use domain::ids::ContactId;
use domain::merge::MergeReason;
use domain::{Contact, MatchKey, Patch};
use jiff::Timestamp;

use super::write::{ContactRow, make_or_meet};
use super::{
    ContactWrite, NUMBER, NewContact, OnKnown, WriteContacts, Written, claim_key, find, limit,
    merge,
};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::{Tx, work};

impl Store {
    /// Makes a contact, or meets the one that has the number.
    ///
    /// Fails with [`Error::LimitReached`] when the tenant's plan is full, and with
    /// [`Error::Conflict`] when the claimed WhatsApp id is somebody else's.
    pub async fn write_contact(&self, contact: ContactWrite) -> Result<Written> {
        let row = ContactRow {
            tenant: self.tenant.get(),
            id: self.database.next_id().await?,
            key: contact.new.phone.match_key(),
            write: contact,
        };
        if !touches_other_identities(&row) {
            return self.database.write_row::<WriteContacts>(row).await?;
        }
        let row = std::sync::Arc::new(row);
        let unit = work(move |tx| {
            let row = std::sync::Arc::clone(&row);
            Box::pin(async move { write_with_identities(tx, &row).await })
        });
        self.database.write(unit).await
    }

    /// Records what WhatsApp calls a contact's number. Where somebody else has that number, the two
    /// are one person, and are merged into the older one.
    pub async fn learn_wa_id(&self, contact: ContactId, wa_id: &str, at: Timestamp) -> Result<()> {
        let (id, tenant) = (self.database.next_id().await?, self.tenant.get());
        let (contact, wa_id) = (contact.get(), wa_id.to_owned());
        let unit = work(move |tx| {
            let wa_id = wa_id.clone();
            Box::pin(async move {
                let why = (Some(id), MergeReason::SameNumber, at);
                learn_wa_id(tx, (tenant, contact), &wa_id, why).await
            })
        });
        self.database.write(unit).await
    }
}

/// As [`Store::learn_wa_id`]; a merge takes the fresh id, or one of its own.
pub(crate) async fn learn_wa_id(
    tx: &mut Tx,
    (tenant, contact): (i64, i64),
    wa_id: &str,
    why: (Option<i64>, MergeReason, Timestamp),
) -> Result<()> {
    let (raced, key) = ("a contact changed meanwhile", MatchKey::of_digits(wa_id));
    let holder = find::by_number(tx, tenant, &key).await?;
    let mut merges = 0;
    // Before the contact is changed, for a merge locks both in the order of their ids.
    let Some(mut contact) = merge::present(tx, tenant, contact).await? else {
        return Ok(());
    };
    if let Some(other) = holder.map(|it| it.id.get()).filter(|it| *it != contact) {
        merges = merge::unite(tx, tenant, &[contact, other], why).await?;
        let survivor = merge::present(tx, tenant, contact).await?;
        contact = survivor.ok_or_else(|| Error::lost_race(raced))?;
    }
    let sql = "UPDATE contacts SET wa_id = ?3 WHERE tenant_id = ?1 AND id = ?2";
    let values = [tenant.into(), contact.into(), wa_id.into()];
    let is_there = tx.execute(sql, &values).await? == 1;
    if !is_there || add_identity(tx, tenant, &key, contact).await? != contact {
        return Err(Error::lost_race(raced));
    }
    match merges {
        0 => Ok(()),
        _ => limit::adjust(tx, tenant, -1).await,
    }
}

/// Whether a row needs more identities than the one of its number.
fn touches_other_identities(row: &ContactRow) -> bool {
    let changes_claim = match &row.write.on_known {
        OnKnown::Update(changes) => changes.wa_id_claim.is_mentioned(),
        OnKnown::Report => false,
    };
    changes_claim || other_keys(&row.write.new, &row.key).next().is_some()
}

/// Returns the keys by which a new contact is recognised besides its number's.
fn other_keys(new: &NewContact, own: &MatchKey) -> impl Iterator<Item = MatchKey> {
    let learned = new.wa_id.as_deref().map(MatchKey::of_digits);
    let claimed = new.wa_id_claim.as_deref().and_then(claim_key);
    learned
        .into_iter()
        .chain(claimed)
        .filter(move |key| key != own)
}

async fn write_with_identities(tx: &mut Tx, row: &ContactRow) -> Result<Written> {
    let tenant = row.tenant;
    let before = locked_by_number(tx, tenant, &row.key).await?;
    let written = make_or_meet(tx, &[row]).await?.into_iter().next();
    let written = written.ok_or_else(|| Error::Corrupt("a contact gave no answer".into()))?;
    match &written {
        Written::Created(contact) => {
            for key in other_keys(&row.write.new, &row.key) {
                must_add_identity(tx, tenant, &key, contact).await?;
            }
        }
        Written::Updated(_) if before.is_none() => {
            return Err(Error::lost_race("the contact was made meanwhile"));
        }
        Written::Updated(contact) => {
            if let OnKnown::Update(changes) = &row.write.on_known {
                replace_claim(tx, tenant, before.as_ref(), contact, &changes.wa_id_claim).await?;
            }
        }
        Written::Known(_) => {}
    }
    let mut outs = [Ok(written)];
    limit::enforce(tx, &[row], (&mut outs, &HashSet::new())).await?;
    let [out] = outs;
    out
}

/// Returns the contact as nobody can change it before the commit.
async fn locked_by_number(tx: &mut Tx, tenant: i64, key: &MatchKey) -> Result<Option<Contact>> {
    let Some(found) = find::by_number(tx, tenant, key).await? else {
        return Ok(None);
    };
    find::lock(tx, tenant, found.id.get()).await?;
    find::by_number(tx, tenant, key).await
}

async fn replace_claim(
    tx: &mut Tx,
    tenant: i64,
    before: Option<&Contact>,
    now: &Contact,
    claim: &Patch<String>,
) -> Result<()> {
    if !claim.is_mentioned() {
        return Ok(());
    }
    let old = before
        .and_then(|contact| contact.wa_id_claim.as_deref())
        .and_then(claim_key);
    let phone = now.phone.as_ref().map(domain::Phone::match_key);
    let learned = now.wa_id.as_deref().map(MatchKey::of_digits);
    if let Some(old) =
        old.filter(|old| Some(old) != phone.as_ref() && Some(old) != learned.as_ref())
    {
        let sql = "DELETE FROM identities WHERE tenant_id = ?1 AND kind = ?2 AND scope = '' \
             AND key = ?3 AND contact_id = ?4";
        let values = [
            tenant.into(),
            NUMBER.into(),
            old.as_str().into(),
            now.id.get().into(),
        ];
        tx.execute(sql, &values).await?;
    }
    match claim.value().map(String::as_str).and_then(claim_key) {
        Some(key) => must_add_identity(tx, tenant, &key, now).await,
        None => Ok(()),
    }
}

async fn must_add_identity(
    tx: &mut Tx,
    tenant: i64,
    key: &MatchKey,
    contact: &Contact,
) -> Result<()> {
    if add_identity(tx, tenant, key, contact.id.get()).await? == contact.id.get() {
        return Ok(());
    }
    Err(Error::Conflict("WhatsApp id"))
}

/// Gives a number to a contact unless somebody has it; returns who has it now.
async fn add_identity(tx: &mut Tx, tenant: i64, key: &MatchKey, contact: i64) -> Result<i64> {
    let sql = "INSERT INTO identities (tenant_id, kind, scope, key, contact_id) \
         VALUES (?1, ?2, '', ?3, ?4) ON CONFLICT DO NOTHING";
    let values = [
        tenant.into(),
        NUMBER.into(),
        key.as_str().into(),
        contact.into(),
    ];
    if tx.execute(sql, &values).await? == 1 {
        return Ok(contact);
    }
    let sql = "SELECT contact_id FROM identities \
         WHERE tenant_id = ?1 AND kind = ?2 AND scope = '' AND key = ?3";
    match tx.first(sql, &values[..3]).await? {
        Some(mut row) => row.int(),
        None => Err(Error::lost_race("an identity changed hands meanwhile")),
    }
}
