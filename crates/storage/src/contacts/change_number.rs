//! People whose number or user id changed, as WhatsApp says when it does.

use domain::Contact;
use domain::identity::{Identity, IdentityKind};
use domain::ids::ContactId;
use domain::merge::MergeReason;
use domain::phone::{MatchKey, Phone};
use jiff::Timestamp;

use super::identities::{self, Key};
use super::meet::{Rest, identity, number_identity};
use super::{claim_key, find, merge};
use crate::error::{Error, Result};
use crate::ids;
use crate::search;
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::Value;

/// What a person was known by and is known by now; what is absent did not change.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The number, as WhatsApp calls it.
    pub number: Option<Phone>,
    /// The business-scoped user id.
    pub user_id: Option<String>,
    /// The user id of the group of portfolios.
    pub parent_user_id: Option<String>,
}

/// A change of somebody's number or user id.
#[derive(Clone, Debug)]
pub struct NumberChange {
    /// Whose user ids these are: the business portfolio's, else the WABA's.
    pub scope: String,
    /// What it was.
    pub before: Known,
    /// What it is.
    pub now: Known,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Gives the contact that had the number or user id before the ones of now; the old ones
    /// identify nobody any longer. Where another contact has a new one, it becomes part of this one.
    ///
    /// Returns nothing where nobody had the old ones.
    pub async fn change_number(&self, change: NumberChange) -> Result<Option<ContactId>> {
        let (id, tenant) = (self.database.next_id().await?, self.tenant.get());
        let unit = work(move |tx| {
            let change = change.clone();
            Box::pin(async move {
                let (contact, rest) = change_number(tx, tenant, id, &change).await?;
                rest.write(tx).await?;
                Ok(contact)
            })
        });
        self.database.write(unit).await
    }
}

/// As [`Store::change_number`], with a fresh id, in any transaction that has not locked contacts,
/// conversations or messages yet.
pub(crate) async fn change_number(
    tx: &mut Tx,
    tenant: i64,
    id: i64,
    change: &NumberChange,
) -> Result<(Option<ContactId>, Rest)> {
    let mut rest = Rest::default();
    let Some(contact) = of_before(tx, tenant, change, &mut rest).await? else {
        return Ok((None, rest));
    };
    let now = keys(tenant, &change.scope, &change.now);
    for other in holders(tx, &now).await? {
        if other != contact {
            let join = merge::Merge {
                id: ids::take_block(tx, 1).await?.start,
                tenant,
                keep: contact,
                gone: other,
                reason: MergeReason::NumberChanged,
                made_by: None,
                at: change.at,
            };
            if !merge::merge_uncounted(tx, &join).await? {
                return Err(Error::lost_race(
                    "a contact was merged or deleted meanwhile",
                ));
            }
            rest.count(tenant, -1);
        }
    }
    find::lock(tx, tenant, contact).await?;
    let Some(found) = find::exactly(tx, tenant, contact).await? else {
        return Err(Error::lost_race(
            "a contact was merged or deleted meanwhile",
        ));
    };
    rekey(tx, (tenant, id), &found, change).await?;
    Ok((Some(found.id), rest))
}

/// Lets a contact that is locked be recognised by what it is known by now, with a fresh id for what
/// it no longer is.
pub(super) async fn rekey(
    tx: &mut Tx,
    (tenant, id): (i64, i64),
    found: &Contact,
    change: &NumberChange,
) -> Result<()> {
    let contact = found.id.get();
    let now = keys(tenant, &change.scope, &change.now);
    let is_own_number = is_own_number(found, change);
    for ended in ended(found, change) {
        end(tx, (tenant, contact, id), &ended, change.at).await?;
    }
    let gifts = now.iter().map(|key| (key.clone(), contact)).collect();
    identities::give(tx, gifts).await?;
    if holders(tx, &now).await?.iter().any(|it| *it != contact) {
        return Err(Error::lost_race("an identity changed hands meanwhile"));
    }
    write(tx, (tenant, contact), change, is_own_number).await?;
    search::mark_one(tx, search::Kind::Contact, (tenant, contact, id)).await
}

/// Returns the contact that had the old number or user id; where these are two, they become one.
async fn of_before(
    tx: &mut Tx,
    tenant: i64,
    change: &NumberChange,
    rest: &mut Rest,
) -> Result<Option<i64>> {
    let before = keys(tenant, &change.scope, &change.before);
    let found = holders(tx, &before).await?;
    if found.len() > 1 {
        let why = (None, MergeReason::SamePerson, change.at);
        let made = merge::unite(tx, tenant, &found, why).await?;
        rest.count(tenant, -i64::try_from(made).unwrap_or(0));
        return match holders(tx, &before).await?[..] {
            [one] => Ok(Some(one)),
            _ => Err(Error::lost_race("contacts changed while they were merged")),
        };
    }
    Ok(found.first().copied())
}

fn keys(tenant: i64, scope: &str, known: &Known) -> Vec<Key> {
    let number = known.number.as_ref().map(Phone::match_key);
    let ids = [
        (IdentityKind::UserId, &known.user_id),
        (IdentityKind::ParentUserId, &known.parent_user_id),
    ];
    let ids = ids.into_iter().filter_map(|(kind, id)| {
        let id = id.as_deref().filter(|id| !id.is_empty())?;
        Some(identity(kind, scope, id))
    });
    let number = number.as_ref().map(number_identity);
    number
        .into_iter()
        .chain(ids)
        .map(|it| (tenant, it))
        .collect()
}

/// Returns the contacts that have any of these identities.
async fn holders(tx: &mut Tx, keys: &[Key]) -> Result<Vec<i64>> {
    let owners = identities::owners(tx, keys).await?;
    let mut holders: Vec<i64> = owners.into_values().collect();
    holders.sort_unstable();
    holders.dedup();
    Ok(holders)
}

/// Whether it is the contact's own number that changes, and not another one of the same person.
fn is_own_number(contact: &Contact, change: &NumberChange) -> bool {
    let own = contact.phone.as_ref().map(Phone::match_key);
    let before = change.before.number.as_ref().map(Phone::match_key);
    change.now.number.is_some() && (own.is_none() || before.is_none() || own == before)
}

/// Returns what identifies the contact no longer.
fn ended(contact: &Contact, change: &NumberChange) -> Vec<Identity> {
    let mut ended = Vec::new();
    if let Some(number) = &change.now.number {
        let now = number.match_key();
        let before = change.before.number.as_ref().map(Phone::match_key);
        let mut numbers: Vec<MatchKey> = before.into_iter().collect();
        if is_own_number(contact, change) {
            numbers.extend(contact.phone.as_ref().map(Phone::match_key));
            numbers.extend(contact.wa_id.as_deref().map(MatchKey::of_digits));
            numbers.extend(contact.wa_id_claim.as_deref().and_then(claim_key));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.retain(|key| *key != now);
        ended.extend(numbers.iter().map(number_identity));
    }
    let (before, now, scope) = (&change.before, &change.now, &change.scope);
    for (kind, old, new) in [
        (IdentityKind::UserId, &before.user_id, &now.user_id),
        (
            IdentityKind::ParentUserId,
            &before.parent_user_id,
            &now.parent_user_id,
        ),
    ] {
        if let (Some(old), Some(new)) = (old, new)
            && old != new
        {
            ended.push(identity(kind, scope, old));
        }
    }
    ended
}

/// Ends an identity of a contact, and remembers that it was.
async fn end(
    tx: &mut Tx,
    (tenant, contact, id): (i64, i64, i64),
    ended: &Identity,
    at: Timestamp,
) -> Result<()> {
    let sql = "DELETE FROM identities WHERE tenant_id = ?1 AND contact_id = ?2 AND kind = ?3 \
         AND scope = ?4 AND key = ?5";
    let mut values: Vec<Value> = vec![
        tenant.into(),
        contact.into(),
        ended.kind.as_str().into(),
        ended.scope.as_str().into(),
        ended.key.as_str().into(),
    ];
    if tx.execute(sql, &values).await? == 1 {
        let sql = "INSERT INTO former_identities \
             (tenant_id, contact_id, kind, scope, key, id, ended_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        values.extend([id.into(), at.into()]);
        tx.execute(sql, &values).await?;
    }
    Ok(())
}

async fn write(
    tx: &mut Tx,
    (tenant, contact): (i64, i64),
    change: &NumberChange,
    is_own_number: bool,
) -> Result<()> {
    if let Some(number) = change.now.number.as_ref().filter(|_| is_own_number) {
        let sql = "UPDATE contacts SET phone = ?3, phone_given = NULL, wa_id = NULL, \
             wa_id_claim = NULL WHERE tenant_id = ?1 AND id = ?2";
        let values = [tenant.into(), contact.into(), number.digits().into()];
        tx.execute(sql, &values).await?;
    }
    let sql = "UPDATE contacts SET bsuid = COALESCE(?3, bsuid), updated_at = ?4 \
         WHERE tenant_id = ?1 AND id = ?2";
    let values = [
        tenant.into(),
        contact.into(),
        change.now.user_id.as_deref().into(),
        change.at.into(),
    ];
    tx.execute(sql, &values).await.map(drop)
}
