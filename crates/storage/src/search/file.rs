//! Filing what waits, some of it at a time.
//!
//! The pieces of a text are filed before the text itself is written and taken off what waits. Where
//! that breaks off in between, pieces are filed of a text that says something else: what is found by
//! them is compared with the text, and the rest is filed again. So each step may be a transaction of
//! its own, short enough for nobody to notice.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use domain::ids::TenantId;

use super::Kind;
use super::postings::{Ids, block_of};
use super::subjects::{self, Said};
use super::text::pieces;
use super::waiting::{self, Waiting};
use crate::contacts;
use crate::error::Result;
use crate::leases::{Lease, must_hold};
use crate::sql::{self, Statement};
use crate::store::Store;
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::Value;

/// How many rows are written in one transaction: so few that whoever waits for it does not notice.
const MAX_WRITES: usize = 512;

impl System {
    /// Returns the tenant after another one, in the order of their ids, of whom something waits to
    /// be filed; 0 is before all.
    pub async fn next_to_file(&self, after: i64) -> Result<Option<TenantId>> {
        let next = self
            .database()
            .read(|tx| Box::pin(waiting::next_tenant(tx, after)))
            .await?;
        Ok(next.and_then(TenantId::new))
    }
}

impl Store {
    /// Files at most `limit` changes of contacts and as many of messages, under a lease that says
    /// that nobody else does; returns how many there were.
    pub async fn file_for_search(&self, lease: &Lease, limit: usize) -> Result<usize> {
        let mut filed = 0;
        for kind in Kind::ALL {
            filed += self.file_kind(lease, kind, limit).await?;
        }
        Ok(filed)
    }

    async fn file_kind(&self, lease: &Lease, kind: Kind, limit: usize) -> Result<usize> {
        let tenant = self.tenant.get();
        let waiting = self
            .database
            .read(|tx| Box::pin(waiting::some(tx, tenant, kind, limit)))
            .await?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let mut ids: Vec<i64> = waiting.iter().map(|(subject, _)| *subject).collect();
        ids.dedup();
        // What they say is read after what waits: a change that waits is one that is seen here.
        let filing = self
            .database
            .read(|tx| {
                Box::pin(async move {
                    let now = subjects::now(tx, tenant, kind, &ids).await?;
                    let before = subjects::filed(tx, tenant, kind, &ids).await?;
                    Ok(Filing {
                        tenant,
                        kind,
                        waiting,
                        ids,
                        before,
                        now,
                    })
                })
            })
            .await?;
        let filing = Arc::new(filing);
        for changes in filing.changes().chunks(MAX_WRITES) {
            let (filing, lease, changes) = (Arc::clone(&filing), lease.clone(), changes.to_vec());
            let unit = work(move |tx| {
                let (filing, lease) = (Arc::clone(&filing), lease.clone());
                let changes = changes.clone();
                Box::pin(async move {
                    must_hold(tx, &lease).await?;
                    filing.write_pieces(tx, &changes).await
                })
            });
            self.database.write(unit).await?;
        }
        for ids in filing.ids.chunks(MAX_WRITES) {
            let (filing, lease, ids) = (Arc::clone(&filing), lease.clone(), ids.to_vec());
            let unit = work(move |tx| {
                let (filing, lease, ids) = (Arc::clone(&filing), lease.clone(), ids.clone());
                Box::pin(async move {
                    must_hold(tx, &lease).await?;
                    filing.write_texts(tx, &ids).await
                })
            });
            self.database.write(unit).await?;
        }
        Ok(filing.waiting.len())
    }
}

/// What changes in the subjects that have a piece.
#[derive(Clone, Debug)]
struct Change {
    term: String,
    block: i64,
    gained: Vec<i64>,
    lost: Vec<i64>,
}

/// Some of what waits, and what it says.
#[derive(Debug)]
struct Filing {
    tenant: i64,
    kind: Kind,
    waiting: Vec<Waiting>,
    ids: Vec<i64>,
    before: HashMap<i64, Said>,
    now: HashMap<i64, Said>,
}

const KEY_COLUMNS: [(&str, &str); 4] = [
    ("v_tenant_id", "BIGINT"),
    ("v_kind", "TEXT"),
    ("v_term", "TEXT"),
    ("v_block", "BIGINT"),
];

const POSTING_COLUMNS: [(&str, &str); 5] = [
    ("tenant_id", "BIGINT"),
    ("kind", "TEXT"),
    ("term", "TEXT"),
    ("block", "BIGINT"),
    ("ids", "BLOB"),
];

const TEXT_COLUMNS: [(&str, &str); 5] = [
    ("tenant_id", "BIGINT"),
    ("kind", "TEXT"),
    ("subject_id", "BIGINT"),
    ("at", "BIGINT"),
    ("text", "TEXT"),
];

impl Filing {
    /// Returns what changes, in the order of the rows.
    fn changes(&self) -> Vec<Change> {
        let of = |said: &HashMap<i64, Said>, id: &i64| match said.get(id) {
            Some(said) => pieces(&said.text),
            None => BTreeSet::new(),
        };
        let mut changes = BTreeMap::new();
        for id in &self.ids {
            let (before, now) = (of(&self.before, id), of(&self.now, id));
            for term in now.difference(&before) {
                change_of(&mut changes, term, *id).gained.push(*id);
            }
            for term in before.difference(&now) {
                change_of(&mut changes, term, *id).lost.push(*id);
            }
        }
        changes.into_values().collect()
    }

    async fn write_pieces(&self, tx: &mut Tx, changes: &[Change]) -> Result<()> {
        for chunk in changes.chunks(sql::MAX_ROWS) {
            let mut found = self.postings(tx, chunk).await?;
            let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * POSTING_COLUMNS.len());
            for change in chunk {
                let ids = found.remove(&(change.term.clone(), change.block));
                let mut ids = ids.unwrap_or_else(Ids::empty);
                change.gained.iter().for_each(|id| ids.set(*id));
                change.lost.iter().for_each(|id| ids.clear(*id));
                values.extend([self.tenant.into(), self.kind.as_str().into()]);
                values.extend([change.term.as_str().into(), change.block.into()]);
                values.push(ids.to_bytes().as_slice().into());
            }
            let insert = sql::insert("search_postings", &POSTING_COLUMNS, &mut values);
            let sql = format!(
                "{insert} ON CONFLICT (tenant_id, kind, term, block) \
                 DO UPDATE SET ids = excluded.ids"
            );
            tx.execute(&sql, &values).await?;
        }
        Ok(())
    }

    async fn postings(
        &self,
        tx: &mut Tx,
        changes: &[Change],
    ) -> Result<HashMap<(String, i64), Ids>> {
        let mut values: Vec<Value> = Vec::with_capacity(changes.len() * KEY_COLUMNS.len());
        for change in changes {
            values.extend([self.tenant.into(), self.kind.as_str().into()]);
            values.extend([change.term.as_str().into(), change.block.into()]);
        }
        let with = sql::with_values(&KEY_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT p.term, p.block, p.ids FROM v JOIN search_postings p \
             ON p.tenant_id = v_tenant_id AND p.kind = v_kind AND p.term = v_term \
                 AND p.block = v_block"
        );
        let mut found = HashMap::with_capacity(changes.len());
        for mut row in tx.query(&sql, &values).await? {
            let key = (row.text()?, row.int()?);
            found.insert(key, Ids::from_bytes(&row.bytes()?));
        }
        Ok(found)
    }

    /// Writes what some of the subjects say, which do not wait any more then.
    async fn write_texts(&self, tx: &mut Tx, ids: &[i64]) -> Result<()> {
        let changed = |id: &&i64| self.before.get(id) != self.now.get(id);
        let (there, gone): (Vec<i64>, Vec<i64>) = ids
            .iter()
            .filter(changed)
            .partition(|id| self.now.contains_key(id));
        for chunk in there.chunks(sql::MAX_ROWS) {
            let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * TEXT_COLUMNS.len());
            for (id, said) in chunk.iter().filter_map(|id| Some((*id, self.now.get(id)?))) {
                values.extend([self.tenant.into(), self.kind.as_str().into(), id.into()]);
                values.extend([said.at.into(), said.text.as_str().into()]);
            }
            let insert = sql::insert("search_texts", &TEXT_COLUMNS, &mut values);
            let sql = format!(
                "{insert} ON CONFLICT (tenant_id, kind, subject_id) \
                 DO UPDATE SET at = excluded.at, text = excluded.text"
            );
            tx.execute(&sql, &values).await?;
        }
        let (tenant, kind) = (self.tenant, self.kind.as_str());
        let forget = |id: &i64| {
            let sql = "DELETE FROM search_texts \
                 WHERE tenant_id = ?1 AND kind = ?2 AND subject_id = ?3";
            let values = vec![tenant.into(), kind.into(), (*id).into()];
            (sql.to_owned(), values)
        };
        let forget: Vec<Statement> = gone.iter().map(forget).collect();
        tx.query_all(&forget).await?;
        if self.kind == Kind::Contact {
            contacts::file_for_lists(tx, self.tenant, ids).await?;
        }
        let ids: HashSet<i64> = ids.iter().copied().collect();
        let filed = self.waiting.iter().filter(|(id, _)| ids.contains(id));
        let filed: Vec<Waiting> = filed.copied().collect();
        waiting::take_off(tx, self.tenant, self.kind, &filed).await
    }
}

fn change_of<'c>(
    changes: &'c mut BTreeMap<(String, i64), Change>,
    term: &str,
    id: i64,
) -> &'c mut Change {
    let block = block_of(id);
    let fresh = || Change {
        term: term.into(),
        block,
        gained: Vec::new(),
        lost: Vec::new(),
    };
    changes
        .entry((term.to_owned(), block))
        .or_insert_with(fresh)
}
