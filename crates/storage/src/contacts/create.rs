//! Creating a contact under all of WA.cr's rules: everything that is wrong is said at once.

use std::collections::HashSet;
use std::sync::Arc;

use domain::MatchKey;
use domain::contact::ContactWithGroups;
use domain::ids::{ContactId, GroupId};

use super::write::{ContactRow, make_or_meet};
use super::{ContactWrite, NewContact, OnKnown, Written, email_key, find, limit};
use crate::error::Result;
use crate::labels;
use crate::sql;
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::Value;

/// What about a new contact the tenant's data speaks against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A contact has this number.
    PhoneTaken,
    /// A contact has this e-mail address.
    EmailTaken,
    /// The tenant has no such source.
    NoSuchSource,
    /// The tenant has no such status.
    NoSuchStatus,
    /// The tenant has no default assignee.
    NoDefaultAssignee,
}

/// The fields of a new contact that the tenant's data may speak against, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct UniqueFields {
    /// The number's key.
    pub phone: Option<MatchKey>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The source.
    pub source_id: Option<i64>,
    /// The status.
    pub status_id: Option<i64>,
    /// Who may have the number and the address already.
    pub except: Option<ContactId>,
}

/// What became of a contact to be created.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "it is passed on once")]
pub enum CreateOutcome {
    /// It was made.
    Created(ContactWithGroups),
    /// It was not, for all of these reasons.
    Refused(Vec<Problem>),
}

impl Store {
    /// Returns everything the tenant's data speaks against.
    pub async fn contact_problems(&self, fields: UniqueFields) -> Result<Vec<Problem>> {
        let tenant = self.tenant.get();
        self.database
            .read(|tx| Box::pin(async move { problems(tx, tenant, &fields).await }))
            .await
    }

    /// Makes a contact and puts it into those of `groups` that are the tenant's.
    pub async fn create_contact(
        &self,
        new: NewContact,
        groups: Vec<GroupId>,
    ) -> Result<CreateOutcome> {
        let row = Arc::new(ContactRow {
            tenant: self.tenant.get(),
            id: self.database.next_id().await?,
            key: new.phone.match_key(),
            write: ContactWrite {
                new,
                on_known: OnKnown::Report,
            },
        });
        let unit = work(move |tx| {
            let (row, groups) = (Arc::clone(&row), groups.clone());
            Box::pin(async move { create(tx, &row, &groups).await })
        });
        self.database.write(unit).await
    }
}

async fn create(tx: &mut Tx, row: &ContactRow, groups: &[GroupId]) -> Result<CreateOutcome> {
    let (tenant, new) = (row.tenant, &row.write.new);
    let fields = UniqueFields {
        phone: Some(row.key.clone()),
        email: new.email.clone(),
        source_id: Some(new.source_id.get()),
        status_id: Some(new.status_id.get()),
        except: None,
    };
    if let Some(email) = &new.email {
        lock_email(tx, tenant, &[email_key(email)]).await?;
    }
    let problems = problems(tx, tenant, &fields).await?;
    if !problems.is_empty() {
        return Ok(CreateOutcome::Refused(problems));
    }
    let contact = match make_or_meet(tx, &[row]).await?.into_iter().next() {
        Some(Written::Created(contact)) => contact,
        // Taken by another writer since the look-up.
        Some(Written::Known(_) | Written::Updated(_)) | None => {
            return Ok(CreateOutcome::Refused(vec![Problem::PhoneTaken]));
        }
    };
    let groups = labels::groups_among(tx, tenant, groups).await?;
    labels::join_groups(tx, tenant, contact.id, &groups).await?;
    let mut outs = [Ok(Written::Created(contact.clone()))];
    limit::enforce(tx, &[row], (&mut outs, &HashSet::new())).await?;
    let [out] = outs;
    out?;
    Ok(CreateOutcome::Created(ContactWithGroups {
        contact,
        groups,
    }))
}

const EMAIL_COLUMNS: [(&str, &str); 2] = [("v_tenant_id", "BIGINT"), ("v_email", "TEXT")];

/// E-mail addresses have no unique index, for other dialects may repeat them. SQLite has one writer;
/// on Postgres, writers of one address queue up here. The keys are in order.
pub(super) async fn lock_email(tx: &mut Tx, tenant: i64, keys: &[String]) -> Result<()> {
    if !matches!(tx, Tx::Pg(_)) {
        return Ok(());
    }
    for chunk in keys.chunks(sql::MAX_ROWS) {
        let values = chunk.iter().map(|key| [tenant.into(), key.as_str().into()]);
        let mut values: Vec<Value> = values.flatten().collect();
        let with = sql::with_values(&EMAIL_COLUMNS, &mut values);
        // global: reads no table; the tenant is part of what is locked.
        let sql = format!(
            "{with} SELECT CAST(pg_advisory_xact_lock(hashtextextended(v_email, v_tenant_id)) \
             AS TEXT) FROM v"
        );
        tx.query(&sql, &values).await?;
    }
    Ok(())
}

/// Returns those of these addresses, as they are compared, that contacts have.
pub(super) async fn taken_emails(
    tx: &mut Tx,
    tenant: i64,
    keys: &[String],
) -> Result<HashSet<String>> {
    let mut taken = HashSet::new();
    for chunk in keys.chunks(sql::MAX_ROWS) {
        let values = chunk.iter().map(|key| [tenant.into(), key.as_str().into()]);
        let mut values: Vec<Value> = values.flatten().collect();
        let with = sql::with_values(&EMAIL_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT v_email FROM v WHERE EXISTS (SELECT 1 FROM contacts c \
             WHERE c.tenant_id = v_tenant_id AND c.email_key = v_email)"
        );
        for mut row in tx.query(&sql, &values).await? {
            taken.insert(row.text()?);
        }
    }
    Ok(taken)
}

pub(super) async fn problems(
    tx: &mut Tx,
    tenant: i64,
    fields: &UniqueFields,
) -> Result<Vec<Problem>> {
    let except = fields.except.map_or(0, ContactId::get);
    let mut problems = Vec::new();
    if let Some(key) = &fields.phone
        && let Some(holder) = find::by_number(tx, tenant, key).await?
        && holder.id.get() != except
    {
        problems.push(Problem::PhoneTaken);
    }
    if let Some(email) = &fields.email {
        let sql = "SELECT 1 FROM contacts \
             WHERE tenant_id = ?1 AND email_key = ?2 AND id <> ?3 LIMIT 1";
        let values = [tenant.into(), email_key(email).into(), except.into()];
        if tx.first(sql, &values).await?.is_some() {
            problems.push(Problem::EmailTaken);
        }
    }
    if let Some(id) = fields.source_id
        && !labels::has_source(tx, tenant, id).await?
    {
        problems.push(Problem::NoSuchSource);
    }
    if let Some(id) = fields.status_id
        && !labels::has_status(tx, tenant, id).await?
    {
        problems.push(Problem::NoSuchStatus);
    }
    Ok(problems)
}
