//! Making and meeting contacts, many at a time.
//!
//! The identity row of a number decides who has it. A pass looks all numbers up, inserts the
//! unknown ones and updates the known ones, three or four statements however many rows. A number
//! that comes twice takes another pass; where another writer took a number meanwhile, all of it is
//! done again.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::MatchKey;
use futures_util::future::BoxFuture;

use super::{ContactChanges, ContactWrite, NUMBER, OnKnown, Written, known, limit, rows};
use crate::error::{Error, Result};
use crate::group::{Batch, Item, Write};
use crate::search;
use crate::sql::{self, Statement};
use crate::tx::Tx;
use crate::value::{Row, Value};

/// A row of the hot path: whose, under which id if it is new, and what.
#[derive(Debug)]
pub(crate) struct ContactRow {
    pub(crate) tenant: i64,
    pub(crate) id: i64,
    pub(crate) key: MatchKey,
    pub(crate) write: ContactWrite,
}

/// Creates and upserts of contacts.
#[derive(Debug)]
pub(crate) struct WriteContacts;

impl Batch for WriteContacts {
    type Row = ContactRow;
    /// A full plan is a row's own failure, not the batch's.
    type Out = Result<Written>;

    fn run<'t>(
        tx: &'t mut Tx,
        rows: &'t [&'t ContactRow],
    ) -> BoxFuture<'t, Result<Vec<Result<Written>>>> {
        Box::pin(write(tx, rows))
    }

    fn write(item: Item<Self>) -> Write {
        Write::Contact(item)
    }
}

/// Passes without progress before a batch is given up; each one met other writers.
const MAX_IDLE_PASSES: usize = 8;

/// Writes all rows, then takes the new ones off the tenants' limits.
async fn write(tx: &mut Tx, rows: &[&ContactRow]) -> Result<Vec<Result<Written>>> {
    let mut counted = HashSet::new();
    let outs = write_all(tx, rows, Some(&mut counted)).await?;
    let mut outs: Vec<Result<Written>> = outs.into_iter().map(Ok).collect();
    limit::enforce(tx, rows, (&mut outs, &counted)).await?;
    Ok(outs)
}

/// Writes all rows, without a look at limits.
pub(crate) async fn make_or_meet(tx: &mut Tx, rows: &[&ContactRow]) -> Result<Vec<Written>> {
    write_all(tx, rows, None).await
}

/// Writes all rows. The new ones are taken off their tenants' limits in the same trip where nothing
/// is left to be written after that, and where there is room; `counted` are the ids of those.
async fn write_all(
    tx: &mut Tx,
    rows: &[&ContactRow],
    mut counted: Option<&mut HashSet<i64>>,
) -> Result<Vec<Written>> {
    let mut outs: Vec<Option<Written>> = vec![None; rows.len()];
    // In the order of their keys, so that two writers never wait for each other.
    let mut waiting: Vec<usize> = (0..rows.len()).collect();
    waiting.sort_by(|one, other| {
        (rows[*one].tenant, &rows[*one].key).cmp(&(rows[*other].tenant, &rows[*other].key))
    });
    let mut idle_passes = 0;
    while !waiting.is_empty() {
        let mut pass = Pass {
            rows,
            outs: &mut outs,
            later: Vec::new(),
            counted: counted.as_deref_mut(),
        };
        let before = waiting.len();
        pass.run(tx, waiting).await?;
        waiting = pass.later;
        idle_passes = if waiting.len() < before {
            0
        } else {
            idle_passes + 1
        };
        if idle_passes >= MAX_IDLE_PASSES {
            return Err(Error::lost_race(
                "other writers keep changing these contacts",
            ));
        }
    }
    let unanswered = || Error::Corrupt("a contact was neither made nor met".into());
    outs.into_iter()
        .map(|out| out.ok_or_else(unanswered))
        .collect()
}

const NUMBER_COLUMNS: [(&str, &str); 5] = [
    ("tenant_id", "BIGINT"),
    ("kind", "TEXT"),
    ("scope", "TEXT"),
    ("key", "TEXT"),
    ("contact_id", "BIGINT"),
];

struct Pass<'r> {
    rows: &'r [&'r ContactRow],
    outs: &'r mut [Option<Written>],
    later: Vec<usize>,
    counted: Option<&'r mut HashSet<i64>>,
}

impl Pass<'_> {
    async fn run(&mut self, tx: &mut Tx, waiting: Vec<usize>) -> Result<()> {
        let mut now: Vec<usize> = Vec::with_capacity(waiting.len());
        for index in waiting {
            let same = |other: &usize| self.identity(*other) == self.identity(index);
            if now.last().is_some_and(same) {
                self.later.push(index);
            } else {
                now.push(index);
            }
        }
        let keys: Vec<(i64, &MatchKey)> = now.iter().map(|index| self.identity(*index)).collect();
        let known = known::ids(tx, &keys).await?;
        let (mut fresh, mut changed, mut read) = (Vec::new(), Vec::new(), Vec::new());
        let mut taken: HashSet<(i64, i64)> = HashSet::new();
        for index in now {
            let row = self.rows[index];
            match known.get(&identity_of(row)) {
                None => fresh.push(index),
                Some(_) if changes_of(row).is_none() => read.push(index),
                Some(id) if taken.insert((row.tenant, *id)) => changed.push((index, *id)),
                // Two numbers of one person in one batch: the second change sees the first.
                Some(_) => self.later.push(index),
            }
        }
        self.report(tx, &read).await?;
        self.write(tx, &changed, &fresh).await
    }

    fn identity(&self, index: usize) -> (i64, &MatchKey) {
        (self.rows[index].tenant, &self.rows[index].key)
    }

    /// Answers for the contacts that stay as they are.
    async fn report(&mut self, tx: &mut Tx, read: &[usize]) -> Result<()> {
        let keys: Vec<_> = read.iter().map(|index| self.identity(*index)).collect();
        let mut known = known::by_numbers(tx, &keys).await?;
        for index in read {
            let row = self.rows[*index];
            match (known.remove(&identity_of(row)), &row.write.on_known) {
                (Some(contact), OnKnown::Report) => {
                    self.outs[*index] = Some(Written::Known(contact));
                }
                (Some(contact), OnKnown::Update(_)) => {
                    self.outs[*index] = Some(Written::Updated(contact));
                }
                // Deleted since the look-up.
                (None, _) => self.later.push(*index),
            }
        }
        Ok(())
    }

    /// Changes the known and makes the unknown, in one trip to Postgres.
    async fn write(
        &mut self,
        tx: &mut Tx,
        changed: &[(usize, i64)],
        fresh: &[usize],
    ) -> Result<()> {
        let mut statements = Vec::new();
        for chunk in changed.chunks(sql::MAX_ROWS) {
            statements.push(self.update_contacts(chunk));
        }
        for chunk in fresh.chunks(sql::MAX_ROWS) {
            statements.push(self.insert_contacts(chunk));
            statements.push(self.insert_numbers(chunk));
        }
        let updates = changed.chunks(sql::MAX_ROWS).len();
        statements.append(&mut self.mark_for_search(changed, fresh));
        let counts = self.uncounted(fresh);
        let others = statements.len();
        let take = |(tenant, new): (&i64, &Vec<i64>)| limit::take(*tenant, new.len());
        statements.extend(counts.iter().map(take));
        let answers = tx.query_all(&statements).await;
        let taken = |error: Error| match error.is_duplicate() {
            true => Error::lost_race("another writer took one of the numbers"),
            false => error,
        };
        let mut answers = answers.map_err(taken)?;
        let had_room = answers
            .split_off(others)
            .into_iter()
            .map(|rows| !rows.is_empty());
        if let Some(counted) = &mut self.counted {
            let new = counts.into_values().zip(had_room);
            counted.extend(
                new.filter(|(_, had_room)| *had_room)
                    .flat_map(|(ids, _)| ids),
            );
        }
        // The inserts return nothing.
        answers.truncate(updates);
        self.updated(changed, answers)?;
        for index in fresh {
            let row = self.rows[*index];
            let contact = rows::inserted(row.id, &row.write.new)?;
            self.outs[*index] = Some(Written::Created(contact));
        }
        Ok(())
    }

    /// Returns the new contacts of each tenant that were not counted, if it is time to count them:
    /// the count is a row that all writers of the tenant share, so nothing may be written after it.
    fn uncounted(&self, fresh: &[usize]) -> BTreeMap<i64, Vec<i64>> {
        let mut uncounted: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let Some(counted) = self.counted.as_ref().filter(|_| self.later.is_empty()) else {
            return uncounted;
        };
        let is_new = |index: &usize| {
            matches!(self.outs[*index], Some(Written::Created(_)))
                && !counted.contains(&self.rows[*index].id)
        };
        let before = (0..self.rows.len()).filter(is_new);
        for index in before.chain(fresh.iter().copied()) {
            let row = self.rows[index];
            uncounted.entry(row.tenant).or_default().push(row.id);
        }
        uncounted
    }

    fn mark_for_search(&self, changed: &[(usize, i64)], fresh: &[usize]) -> Vec<Statement> {
        let says_else = |row: &&ContactRow| changes_of(row).is_some();
        let changed = changed.iter().filter_map(|(index, id)| {
            let row = Some(self.rows[*index]).filter(says_else)?;
            Some((row.tenant, *id, row.id))
        });
        let fresh = fresh.iter().map(|index| self.rows[*index]);
        let all: Vec<_> = changed
            .chain(fresh.map(|row| (row.tenant, row.id, 0)))
            .collect();
        all.chunks(sql::MAX_ROWS)
            .map(|chunk| search::mark_new(search::Kind::Contact, chunk.iter().copied()))
            .collect()
    }

    fn updated(&mut self, changed: &[(usize, i64)], answers: Vec<Vec<Row>>) -> Result<()> {
        let mut contacts = HashMap::with_capacity(changed.len());
        for mut row in answers.into_iter().flatten() {
            let tenant = row.int()?;
            let contact = rows::read(&mut row)?;
            contacts.insert((tenant, contact.id.get()), contact);
        }
        for (index, id) in changed {
            match contacts.remove(&(self.rows[*index].tenant, *id)) {
                Some(contact) => self.outs[*index] = Some(Written::Updated(contact)),
                // Deleted since the look-up.
                None => self.later.push(*index),
            }
        }
        Ok(())
    }

    fn update_contacts(&self, chunk: &[(usize, i64)]) -> Statement {
        let changes = chunk.iter().filter_map(|(index, id)| {
            let row = self.rows[*index];
            changes_of(row).map(|changes| (row.tenant, *id, row.write.new.at, changes))
        });
        known::update(&changes.collect::<Vec<_>>())
    }

    fn insert_contacts(&self, chunk: &[usize]) -> Statement {
        let new = chunk.iter().map(|index| self.rows[*index]);
        let new = new.map(|row| (row.tenant, row.id, &row.write.new));
        rows::insert(&new.collect::<Vec<_>>())
    }

    fn insert_numbers(&self, chunk: &[usize]) -> Statement {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * NUMBER_COLUMNS.len());
        for index in chunk {
            let row = self.rows[*index];
            values.extend([row.tenant.into(), NUMBER.into(), "".into()]);
            values.extend([row.key.as_str().into(), row.id.into()]);
        }
        let insert = sql::insert("identities", &NUMBER_COLUMNS, &mut values);
        (insert, values)
    }
}

fn identity_of(row: &ContactRow) -> (i64, String) {
    (row.tenant, row.key.as_str().to_owned())
}

/// Returns what a row changes in the contact that has its number, if anything.
fn changes_of(row: &ContactRow) -> Option<&ContactChanges> {
    match &row.write.on_known {
        OnKnown::Update(changes) if !changes.is_empty() => Some(changes),
        OnKnown::Update(_) | OnKnown::Report => None,
    }
}
