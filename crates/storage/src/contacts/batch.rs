//! Creating many contacts in one transaction, each under all of WA.cr's rules.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use domain::{Contact, MatchKey};

use super::create::{Problem, UniqueFields, lock_email, taken_emails};
use super::write::{ContactRow, make_or_meet};
use super::{ContactWrite, NewContact, OnKnown, Written, email_key, known, limit};
use crate::error::{Error, Result};
use crate::labels;
use crate::store::Store;
use crate::tx::{Tx, work};

/// One of many contacts to be created.
#[derive(Clone, Debug)]
pub struct BatchItem {
    /// The contact; none where it breaks rules of form already.
    pub new: Option<NewContact>,
    /// What of it the tenant's data may speak against.
    pub fields: UniqueFields,
}

/// What is done about those that cannot be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchRules {
    /// Whether a contact whose number somebody has is passed over rather than refused.
    pub skips_known: bool,
    /// Whether the others are made where one is refused.
    pub makes_others: bool,
}

/// What became of one of many contacts.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "most are created")]
pub enum BatchOut {
    /// It was made.
    Created(Contact),
    /// Somebody has its number.
    Skipped,
    /// It was not made, for all of these reasons, or for those of form.
    Refused(Vec<Problem>),
    /// The plan was full.
    BeyondLimit {
        /// How many contacts there are.
        current: i64,
        /// How many there may be.
        maximum: i64,
    },
    /// It was not tried, or taken back, for another one was refused.
    Dropped,
}

impl BatchOut {
    fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::BeyondLimit { .. })
    }
}

impl Store {
    /// Makes contacts, and says of each in its order what became of it.
    pub async fn create_contacts(
        &self,
        items: Vec<BatchItem>,
        rules: BatchRules,
    ) -> Result<Vec<BatchOut>> {
        let mut ids = Vec::with_capacity(items.len());
        for _ in &items {
            ids.push(self.database.next_id().await?);
        }
        let (tenant, batch) = (self.tenant.get(), Arc::new((ids, items)));
        let unit = work(move |tx| {
            let batch = Arc::clone(&batch);
            Box::pin(async move { create(tx, tenant, &batch, rules).await })
        });
        self.database.write(unit).await
    }
}

async fn create(
    tx: &mut Tx,
    tenant: i64,
    (ids, items): &(Vec<i64>, Vec<BatchItem>),
    rules: BatchRules,
) -> Result<Vec<BatchOut>> {
    let taken = Taken::look_up(tx, tenant, items).await?;
    let (mut outs, fresh) = taken.judge(items, rules);
    if !rules.makes_others && outs.iter().flatten().any(BatchOut::is_refused) {
        return Ok(dropped(outs));
    }
    let rows = fresh.iter().filter_map(|index| {
        let new = items[*index].new.clone()?;
        Some(ContactRow {
            tenant,
            id: ids[*index],
            key: new.phone.match_key(),
            write: ContactWrite {
                new,
                on_known: OnKnown::Report,
            },
        })
    });
    let rows: Vec<ContactRow> = rows.collect();
    let rows: Vec<&ContactRow> = rows.iter().collect();
    let written = make_or_meet(tx, &rows).await?;
    let mut written: Vec<Result<Written>> = written.into_iter().map(Ok).collect();
    limit::enforce(tx, &rows, (&mut written, &HashSet::new())).await?;
    for (index, written) in fresh.iter().zip(written) {
        outs[*index] = Some(match written {
            Ok(Written::Created(contact)) => BatchOut::Created(contact),
            // Taken by another writer since the look-up.
            Ok(Written::Known(_) | Written::Updated(_)) if rules.skips_known => BatchOut::Skipped,
            Ok(Written::Known(_) | Written::Updated(_)) => {
                BatchOut::Refused(vec![Problem::PhoneTaken])
            }
            Err(Error::LimitReached { current, maximum }) => {
                BatchOut::BeyondLimit { current, maximum }
            }
            Err(error) => return Err(error),
        });
    }
    if !rules.makes_others && outs.iter().flatten().any(BatchOut::is_refused) {
        take_back(tx, tenant, &outs).await?;
        return Ok(dropped(outs));
    }
    Ok(outs
        .into_iter()
        .map(|out| out.unwrap_or(BatchOut::Dropped))
        .collect())
}

async fn take_back(tx: &mut Tx, tenant: i64, outs: &[Option<BatchOut>]) -> Result<()> {
    let made = outs.iter().filter_map(|out| match out {
        Some(BatchOut::Created(contact)) => Some(contact.id.get()),
        _ => None,
    });
    let made: Vec<i64> = made.collect();
    limit::unmake(tx, tenant, &made).await?;
    let count = i64::try_from(made.len()).unwrap_or(i64::MAX);
    limit::adjust(tx, tenant, -count).await
}

/// Keeps the first one that was refused and what came before it; nothing is made.
fn dropped(outs: Vec<Option<BatchOut>>) -> Vec<BatchOut> {
    let mut is_over = false;
    let outs = outs.into_iter().map(|out| match out {
        Some(BatchOut::Created(_)) | None => BatchOut::Dropped,
        Some(_) if is_over => BatchOut::Dropped,
        Some(out) => {
            is_over = out.is_refused();
            out
        }
    });
    outs.collect()
}

/// What of the items the tenant's data has.
struct Taken {
    numbers: HashSet<MatchKey>,
    emails: HashSet<String>,
    sources: HashSet<i64>,
    statuses: HashSet<i64>,
}

impl Taken {
    async fn look_up(tx: &mut Tx, tenant: i64, items: &[BatchItem]) -> Result<Self> {
        let fields = || items.iter().map(|item| &item.fields);
        let emails: BTreeSet<String> = fields()
            .filter_map(|it| it.email.as_deref().map(email_key))
            .collect();
        let emails: Vec<String> = emails.into_iter().collect();
        lock_email(tx, tenant, &emails).await?;
        let keys: BTreeSet<&MatchKey> = fields().filter_map(|it| it.phone.as_ref()).collect();
        let keys: Vec<(i64, &MatchKey)> = keys.into_iter().map(|key| (tenant, key)).collect();
        let known: HashMap<(i64, String), i64> = known::ids(tx, &keys).await?;
        let of_key = |key: &&MatchKey| known.contains_key(&(tenant, key.as_str().to_owned()));
        let numbers = keys.iter().map(|(_, key)| *key).filter(of_key).cloned();
        let numbers = numbers.collect();
        let emails = taken_emails(tx, tenant, &emails).await?;
        let (mut sources, mut statuses) = (HashSet::new(), HashSet::new());
        for id in fields()
            .filter_map(|it| it.source_id)
            .collect::<BTreeSet<_>>()
        {
            if labels::has_source(tx, tenant, id).await? {
                sources.insert(id);
            }
        }
        for id in fields()
            .filter_map(|it| it.status_id)
            .collect::<BTreeSet<_>>()
        {
            if labels::has_status(tx, tenant, id).await? {
                statuses.insert(id);
            }
        }
        Ok(Self {
            numbers,
            emails,
            sources,
            statuses,
        })
    }

    /// Says what becomes of those that are not made, and which ones are to be made.
    fn judge(
        mut self,
        items: &[BatchItem],
        rules: BatchRules,
    ) -> (Vec<Option<BatchOut>>, Vec<usize>) {
        let (mut outs, mut fresh) = (Vec::with_capacity(items.len()), Vec::new());
        for (index, item) in items.iter().enumerate() {
            let problems = self.problems(&item.fields);
            let is_known = problems.contains(&Problem::PhoneTaken);
            outs.push(match &item.new {
                Some(_) if is_known && rules.skips_known => Some(BatchOut::Skipped),
                Some(_) if problems.is_empty() => {
                    self.numbers.extend(item.fields.phone.clone());
                    self.emails
                        .extend(item.fields.email.as_deref().map(email_key));
                    fresh.push(index);
                    None
                }
                Some(_) | None => Some(BatchOut::Refused(problems)),
            });
        }
        (outs, fresh)
    }

    fn problems(&self, fields: &UniqueFields) -> Vec<Problem> {
        let mut problems = Vec::new();
        if fields
            .phone
            .as_ref()
            .is_some_and(|it| self.numbers.contains(it))
        {
            problems.push(Problem::PhoneTaken);
        }
        let email = fields.email.as_deref().map(email_key);
        if email.is_some_and(|it| self.emails.contains(&it)) {
            problems.push(Problem::EmailTaken);
        }
        if fields
            .source_id
            .is_some_and(|it| !self.sources.contains(&it))
        {
            problems.push(Problem::NoSuchSource);
        }
        if fields
            .status_id
            .is_some_and(|it| !self.statuses.contains(&it))
        {
            problems.push(Problem::NoSuchStatus);
        }
        problems
    }
}
