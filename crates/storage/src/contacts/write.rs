//! Making and meeting contacts, many at a time.
//!
//! The identity row of a number decides who has it. A pass looks all numbers up, inserts the
//! unknown ones and updates the known ones, three or four statements however many rows; what meets
//! another writer on the way, or a number that comes twice, takes another pass.

use std::collections::{HashMap, HashSet};

use domain::{Contact, MatchKey};
use futures_util::future::BoxFuture;

use super::{ContactWrite, NUMBER, OnKnown, Written, known, limit, rows};
use crate::error::{Error, Result};
use crate::group::{Batch, Item, Write};
use crate::sql::{self, Statement};
use crate::tx::Tx;
use crate::value::Value;

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
    let mut outs = make_or_meet(tx, rows)
        .await?
        .into_iter()
        .map(Ok)
        .collect::<Vec<_>>();
    limit::enforce(tx, rows, &mut outs).await?;
    Ok(outs)
}

/// Writes all rows, without a look at limits.
pub(crate) async fn make_or_meet(tx: &mut Tx, rows: &[&ContactRow]) -> Result<Vec<Written>> {
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
        let mut known = known::by_numbers(tx, &keys).await?;
        let (mut fresh, mut met) = (Vec::new(), Vec::new());
        for index in now {
            let row = self.rows[index];
            match known.remove(&(row.tenant, row.key.as_str().to_owned())) {
                Some(contact) => met.push((index, contact)),
                None => fresh.push(index),
            }
        }
        self.insert(tx, &fresh).await?;
        self.meet(tx, met).await
    }

    fn identity(&self, index: usize) -> (i64, &MatchKey) {
        (self.rows[index].tenant, &self.rows[index].key)
    }

    async fn insert(&mut self, tx: &mut Tx, fresh: &[usize]) -> Result<()> {
        let (mut contacts, mut numbers) = (Vec::new(), Vec::new());
        for chunk in fresh.chunks(sql::MAX_ROWS) {
            contacts.push(self.insert_contacts(chunk));
            numbers.push(self.insert_numbers(chunk));
        }
        contacts.append(&mut numbers);
        // Only the numbers return something: the ids of the contacts that got theirs.
        let won = tx.query_all(&contacts).await?;
        let won: HashSet<i64> = won
            .into_iter()
            .map(|mut row| row.int())
            .collect::<Result<_>>()?;
        for index in fresh {
            let row = self.rows[*index];
            if won.contains(&row.id) {
                let contact = rows::inserted(row.id, &row.write.new)?;
                self.outs[*index] = Some(Written::Created(contact));
            } else {
                // Another writer took the number since the look-up: meet it in the next pass.
                let sql = "DELETE FROM contacts WHERE tenant_id = ?1 AND id = ?2";
                tx.execute(sql, &[row.tenant.into(), row.id.into()]).await?;
                self.later.push(*index);
            }
        }
        Ok(())
    }

    fn insert_contacts(&self, chunk: &[usize]) -> Statement {
        let mut values = Vec::with_capacity(chunk.len() * rows::INSERT_COLUMNS.len());
        for index in chunk {
            let row = self.rows[*index];
            rows::insert_values(row.tenant, row.id, &row.write.new, &mut values);
        }
        let sql = sql::insert("contacts", &rows::INSERT_COLUMNS, &mut values);
        (sql, values)
    }

    fn insert_numbers(&self, chunk: &[usize]) -> Statement {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * NUMBER_COLUMNS.len());
        for index in chunk {
            let row = self.rows[*index];
            values.extend([row.tenant.into(), NUMBER.into(), "".into()]);
            values.extend([row.key.as_str().into(), row.id.into()]);
        }
        let insert = sql::insert("identities", &NUMBER_COLUMNS, &mut values);
        let sql = format!("{insert} ON CONFLICT DO NOTHING RETURNING contact_id");
        (sql, values)
    }

    async fn meet(&mut self, tx: &mut Tx, met: Vec<(usize, Contact)>) -> Result<()> {
        let mut updates: Vec<(usize, i64)> = Vec::new();
        let mut taken: HashSet<(i64, i64)> = HashSet::new();
        for (index, contact) in met {
            let row = self.rows[index];
            match &row.write.on_known {
                OnKnown::Report => self.outs[index] = Some(Written::Known(contact)),
                OnKnown::Update(changes) if changes.is_empty() => {
                    self.outs[index] = Some(Written::Updated(contact));
                }
                // Two numbers of one person in one batch: the second change sees the first.
                OnKnown::Update(_) if !taken.insert((row.tenant, contact.id.get())) => {
                    self.later.push(index);
                }
                OnKnown::Update(_) => updates.push((index, contact.id.get())),
            }
        }
        for chunk in updates.chunks(sql::MAX_ROWS) {
            let changes = chunk.iter().filter_map(|(index, id)| {
                let row = self.rows[*index];
                match &row.write.on_known {
                    OnKnown::Update(changes) => Some((row.tenant, *id, row.write.new.at, changes)),
                    OnKnown::Report => None,
                }
            });
            let mut updated: HashMap<(i64, i64), Contact> =
                known::update(tx, &changes.collect::<Vec<_>>()).await?;
            for (index, id) in chunk {
                match updated.remove(&(self.rows[*index].tenant, *id)) {
                    Some(contact) => self.outs[*index] = Some(Written::Updated(contact)),
                    // Deleted since the look-up.
                    None => self.later.push(*index),
                }
            }
        }
        Ok(())
    }
}
