//! One look at everybody who was not met yet.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::Contact;
use domain::merge::MergeReason;

use super::learn;
use super::{Met, PersonRow, Rest};
use crate::contacts::identities::{self, Key};
use crate::contacts::known;
use crate::contacts::merge;
use crate::error::{Error, Result};
use crate::tx::Tx;

/// People who are being met.
#[derive(Debug)]
pub(super) struct Meeting<'r> {
    rows: &'r [&'r PersonRow],
    keys: Vec<Vec<Key>>,
    met: Vec<Option<Met>>,
    waiting: Vec<usize>,
    rest: Rest,
    /// Rows whose fresh id is a merge's by now.
    spent: HashSet<usize>,
}

/// What one pass finds and is about to write.
#[derive(Debug, Default)]
struct Plan {
    owners: HashMap<Key, i64>,
    contacts: HashMap<(i64, i64), Contact>,
    known: Vec<(usize, i64)>,
    fresh: Vec<usize>,
    gifts: Vec<(Key, i64)>,
    later: Vec<usize>,
}

impl<'r> Meeting<'r> {
    pub(super) fn new(rows: &'r [&'r PersonRow]) -> Result<Self> {
        let keys: Vec<Vec<Key>> = rows.iter().map(|row| row.keys()).collect();
        if keys.iter().any(Vec::is_empty) {
            return Err(Error::Refused("a person without number and user id".into()));
        }
        Ok(Self {
            rows,
            keys,
            met: vec![None; rows.len()],
            waiting: (0..rows.len()).collect(),
            rest: Rest::default(),
            spent: HashSet::new(),
        })
    }

    pub(super) fn is_going_on(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn end(self) -> Result<(Vec<Met>, Rest)> {
        let lost = || Error::Corrupt("a person was neither met nor made".into());
        let met: Result<Vec<Met>> = self.met.into_iter().map(|it| it.ok_or_else(lost)).collect();
        Ok((met?, self.rest))
    }

    /// Meets whom it can; returns whether it got anywhere.
    pub(super) async fn pass(&mut self, tx: &mut Tx) -> Result<bool> {
        let before = self.waiting.len();
        let waiting = std::mem::take(&mut self.waiting);
        let mut plan = self.look_up(tx, &waiting).await?;
        let merges = self.unite(tx, &mut plan, waiting).await?;
        self.hold(tx, &mut plan).await?;
        self.greet(&mut plan);
        self.introduce(&mut plan);
        self.write(tx, plan).await?;
        Ok(merges > 0 || self.waiting.len() < before)
    }

    async fn look_up(&self, tx: &mut Tx, waiting: &[usize]) -> Result<Plan> {
        let keys = waiting.iter().flat_map(|index| &self.keys[*index]);
        let mut keys: Vec<Key> = keys.cloned().collect();
        keys.sort_unstable();
        keys.dedup();
        let owners = identities::owners(tx, &keys).await?;
        Ok(Plan {
            owners,
            ..Plan::default()
        })
    }

    /// Sorts people into the known, the new, and those who are several contacts so far; the
    /// contacts of the latter are merged, before any other contact is locked.
    async fn unite(&mut self, tx: &mut Tx, plan: &mut Plan, waiting: Vec<usize>) -> Result<u64> {
        let mut torn: BTreeMap<(i64, Vec<i64>), usize> = BTreeMap::new();
        for index in waiting {
            let owners = self.owners(plan, index);
            match owners[..] {
                [] => plan.fresh.push(index),
                [contact] => plan.known.push((index, contact)),
                _ => {
                    plan.later.push(index);
                    torn.entry((self.rows[index].tenant, owners))
                        .or_insert(index);
                }
            }
        }
        let mut merges = 0;
        for ((tenant, contacts), index) in torn {
            let row = self.rows[index];
            let id = self.spent.insert(index).then_some(row.id);
            let made = merge::unite(
                tx,
                tenant,
                &contacts,
                (id, MergeReason::SamePerson, row.named.at),
            )
            .await?;
            self.rest.count(tenant, -i64::try_from(made).unwrap_or(0));
            merges += made;
        }
        Ok(merges)
    }

    /// Returns the contacts that a person is so far, in the order of their ids.
    fn owners(&self, plan: &Plan, index: usize) -> Vec<i64> {
        let keys = self.keys[index].iter();
        let mut owners: Vec<i64> = keys
            .filter_map(|key| plan.owners.get(key))
            .copied()
            .collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// Reads the contacts of the known, which stay as long as this transaction lasts.
    async fn hold(&self, tx: &mut Tx, plan: &mut Plan) -> Result<()> {
        let known = plan.known.iter();
        let mut ids: Vec<(i64, i64)> = known
            .map(|(index, contact)| (self.rows[*index].tenant, *contact))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        plan.contacts = known::held(tx, &ids).await?;
        Ok(())
    }

    /// Learns what is new about the known.
    fn greet(&mut self, plan: &mut Plan) {
        for (index, id) in std::mem::take(&mut plan.known) {
            let row = self.rows[index];
            let is_one = self.owners(plan, index) == [id];
            let Some(contact) = plan.contacts.get_mut(&(row.tenant, id)).filter(|_| is_one) else {
                // Merged or deleted since the look-up, or another row says it is somebody else.
                plan.later.push(index);
                continue;
            };
            if let Some(news) = learn::news(contact, &row.named, row.id) {
                news.tell(contact);
                let known = self.rest.news.entry((row.tenant, id)).or_default();
                known.add(news);
            }
            for key in &self.keys[index] {
                if plan.owners.insert(key.clone(), id).is_none() {
                    plan.gifts.push((key.clone(), id));
                }
            }
            plan.known.push((index, id));
        }
    }

    /// Makes contacts of the new; a second row of a new person waits until the first is written.
    fn introduce(&self, plan: &mut Plan) {
        for index in std::mem::take(&mut plan.fresh) {
            let row = self.rows[index];
            if self.owners(plan, index).is_empty() && !self.spent.contains(&index) {
                for key in &self.keys[index] {
                    plan.owners.insert(key.clone(), row.id);
                    plan.gifts.push((key.clone(), row.id));
                }
                plan.fresh.push(index);
            } else {
                plan.later.push(index);
            }
        }
    }

    async fn write(&mut self, tx: &mut Tx, mut plan: Plan) -> Result<()> {
        let fresh: Vec<&PersonRow> = plan.fresh.iter().map(|index| self.rows[*index]).collect();
        learn::make(tx, &fresh).await?;
        let gifts = std::mem::take(&mut plan.gifts);
        let mut wanted: HashSet<Key> = gifts.iter().map(|(key, _)| key.clone()).collect();
        for given in identities::give(tx, gifts).await? {
            wanted.remove(&given);
        }
        // What is left was given to somebody else since the look-up.
        let has_lost = |index: usize| self.keys[index].iter().any(|key| wanted.contains(key));
        for index in plan.fresh {
            let row = self.rows[index];
            if has_lost(index) {
                let sql = "DELETE FROM contacts WHERE tenant_id = ?1 AND id = ?2";
                tx.execute(sql, &[row.tenant.into(), row.id.into()]).await?;
                plan.later.push(index);
            } else {
                let contact = learn::made(row)?;
                let is_new = true;
                self.met[index] = Some(Met { contact, is_new });
                self.rest.count(row.tenant, 1);
            }
        }
        for (index, id) in plan.known {
            let contact = plan.contacts.get(&(self.rows[index].tenant, id));
            match contact.filter(|_| !has_lost(index)) {
                Some(contact) => {
                    let (contact, is_new) = (contact.clone(), false);
                    self.met[index] = Some(Met { contact, is_new });
                }
                None => plan.later.push(index),
            }
        }
        plan.later.sort_unstable();
        self.waiting = plan.later;
        Ok(())
    }
}
