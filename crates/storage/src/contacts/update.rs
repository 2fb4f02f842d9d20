//! Changing a contact under all of WA.cr's rules: everything that is wrong is said at once.

use std::sync::Arc;

use domain::contact::{ContactType, ContactWithGroups};
use domain::ids::{ContactId, GroupId};
use domain::{Contact, Patch, Phone};
use jiff::Timestamp;

use super::change_number::{Known, NumberChange, rekey};
use super::create::{Problem, UniqueFields, lock_email, problems};
use super::{email_key, find, merge};
use crate::error::{Error, Result};
use crate::labels;
use crate::search;
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::Value;

/// What is changed in a contact; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ContactUpdate {
    /// The number: whoever is recognised by it is recognised by the new one.
    pub phone: Option<Phone>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// Lead, customer or guest.
    pub kind: Option<ContactType>,
    /// The source, which must be the tenant's.
    pub source_id: Option<i64>,
    /// The status, which must be the tenant's.
    pub status_id: Option<i64>,
    /// The e-mail address, which nobody else may have.
    pub email: Patch<String>,
    /// Who is in charge.
    pub assignee_id: Patch<i64>,
    /// Whom the person works for.
    pub company: Patch<String>,
    /// Notes.
    pub description: Patch<String>,
    /// Street and number.
    pub street: Patch<String>,
    /// City.
    pub city: Patch<String>,
    /// State or province.
    pub state: Patch<String>,
    /// ZIP or postal code.
    pub zip: Patch<String>,
    /// A country's number.
    pub country_id: Patch<i64>,
    /// All groups it is in; those that are not the tenant's are dropped.
    pub groups: Option<Vec<GroupId>>,
}

/// What became of a contact to be changed.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "it is passed on once")]
pub enum UpdateOutcome {
    /// It is as it should be.
    Updated(ContactWithGroups),
    /// There is none.
    Absent,
    /// Nothing was changed, for all of these reasons.
    Refused(Vec<Problem>),
}

impl Store {
    /// Changes the contact of this id, or the one it was merged into.
    pub async fn update_contact(
        &self,
        id: ContactId,
        update: ContactUpdate,
        at: Timestamp,
    ) -> Result<UpdateOutcome> {
        let (change, tenant) = (self.database.next_id().await?, self.tenant.get());
        let update = Arc::new(update);
        let unit = work(move |tx| {
            let update = Arc::clone(&update);
            Box::pin(async move {
                let whose = Whose {
                    tenant,
                    contact: id.get(),
                    change,
                    at,
                };
                whose.update(tx, &update).await
            })
        });
        self.database.write(unit).await
    }
}

/// Which contact is changed, when, and the id of that change.
#[derive(Clone, Copy)]
struct Whose {
    tenant: i64,
    contact: i64,
    change: i64,
    at: Timestamp,
}

impl Whose {
    async fn update(mut self, tx: &mut Tx, update: &ContactUpdate) -> Result<UpdateOutcome> {
        if let Patch::Set(email) = &update.email {
            lock_email(tx, self.tenant, &[email_key(email)]).await?;
        }
        let present = merge::present(tx, self.tenant, self.contact).await?;
        self.contact = present.unwrap_or(self.contact);
        let fields = UniqueFields {
            phone: update.phone.as_ref().map(Phone::match_key),
            email: update.email.value().cloned(),
            source_id: update.source_id,
            status_id: update.status_id,
            except: ContactId::new(self.contact),
        };
        let problems = problems(tx, self.tenant, &fields).await?;
        if !problems.is_empty() {
            return Ok(UpdateOutcome::Refused(problems));
        }
        if !find::lock(tx, self.tenant, self.contact).await? {
            return Ok(UpdateOutcome::Absent);
        }
        let gone = || Error::lost_race("a contact was deleted meanwhile");
        let before = find::exactly(tx, self.tenant, self.contact).await?;
        let before = before.ok_or_else(gone)?;
        if let Some(phone) = &update.phone {
            self.rekey(tx, &before, phone).await?;
        }
        self.write(tx, &before, update).await?;
        let changed = (self.tenant, self.contact, self.change);
        search::mark_one(tx, search::Kind::Contact, changed).await?;
        if let Some(groups) = &update.groups {
            self.regroup(tx, &before, groups).await?;
        }
        let after = find::exactly(tx, self.tenant, self.contact).await?;
        let contact = after.ok_or_else(gone)?;
        let groups = labels::groups_of(tx, self.tenant, &[contact.id]).await?;
        let groups = groups.into_values().next().unwrap_or_default();
        Ok(UpdateOutcome::Updated(ContactWithGroups {
            contact,
            groups,
        }))
    }

    /// Lets the contact be recognised by another number; another spelling changes nothing.
    async fn rekey(self, tx: &mut Tx, before: &Contact, phone: &Phone) -> Result<()> {
        let key = phone.match_key();
        if before.phone.as_ref().map(Phone::match_key) == Some(key) {
            return Ok(());
        }
        let known = |number: Option<Phone>| Known {
            number,
            ..Known::default()
        };
        let change = NumberChange {
            scope: String::new(),
            before: known(before.phone.clone()),
            now: known(Some(phone.clone())),
            at: self.at,
        };
        rekey(tx, (self.tenant, self.change), before, &change).await
    }

    async fn write(self, tx: &mut Tx, before: &Contact, update: &ContactUpdate) -> Result<()> {
        let columns = columns(before, update);
        if columns.is_empty() {
            return Ok(());
        }
        let mut values = vec![self.tenant.into(), self.contact.into(), self.at.into()];
        let mut sets = Vec::with_capacity(columns.len());
        for (column, value) in columns {
            values.push(value);
            sets.push(format!("{column} = ?{}", values.len()));
        }
        let sets = sets.join(", ");
        let sql =
            format!("UPDATE contacts SET {sets}, updated_at = ?3 WHERE tenant_id = ?1 AND id = ?2");
        tx.execute(&sql, &values).await.map(drop)
    }

    async fn regroup(self, tx: &mut Tx, contact: &Contact, groups: &[GroupId]) -> Result<()> {
        let sql = "DELETE FROM group_members WHERE tenant_id = ?1 AND contact_id = ?2";
        tx.execute(sql, &[self.tenant.into(), self.contact.into()])
            .await?;
        let groups = labels::groups_among(tx, self.tenant, groups).await?;
        labels::join_groups(tx, self.tenant, contact.id, &groups).await
    }
}

/// Returns what is written where.
fn columns(before: &Contact, update: &ContactUpdate) -> Vec<(&'static str, Value)> {
    let mut columns: Vec<(&'static str, Value)> = Vec::new();
    if let Some(phone) = &update.phone {
        columns.push(("phone", phone.digits().into()));
        columns.push(("phone_given", phone.given().into()));
    }
    if update.first_name.is_some() || update.last_name.is_some() {
        let name = before
            .name
            .with(update.first_name.as_deref(), update.last_name.as_deref());
        columns.push(("full_name", name.full.as_deref().into()));
        columns.push(("first_name", name.first.as_deref().into()));
        columns.push(("last_name", name.last.as_deref().into()));
    }
    let kind = update.kind.map(ContactType::as_str);
    columns.extend(kind.map(|kind| ("type", kind.into())));
    columns.extend(update.source_id.map(|id| ("source_id", id.into())));
    columns.extend(update.status_id.map(|id| ("status_id", id.into())));
    if update.email.is_mentioned() {
        let email = update.email.value();
        columns.push(("email_key", email.map(|email| email_key(email)).into()));
    }
    for (column, patch) in [
        ("email", &update.email),
        ("company", &update.company),
        ("description", &update.description),
        ("street", &update.street),
        ("city", &update.city),
        ("state", &update.state),
        ("zip", &update.zip),
    ] {
        if patch.is_mentioned() {
            columns.push((column, patch.value().map(String::as_str).into()));
        }
    }
    for (column, patch) in [
        ("assignee_id", &update.assignee_id),
        ("country_id", &update.country_id),
    ] {
        if patch.is_mentioned() {
            columns.push((column, patch.value().copied().into()));
        }
    }
    columns
}
