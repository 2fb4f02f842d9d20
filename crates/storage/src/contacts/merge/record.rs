//! Merges as they are remembered.

use domain::ids::{ContactId, MergeId};
use domain::merge::{MergeReason, MergeRecord};
use jiff::Timestamp;

use super::Merge;
use super::snapshot::Person;
use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::Row;

/// A merge, and what undoing it needs.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) merge: Merge,
    pub(super) depth: i64,
    pub(super) undone_at: Option<Timestamp>,
    pub(super) other: Person,
    pub(super) before: Person,
    pub(super) after: Person,
}

/// Remembers a merge: the contact that went, and the one that stayed before and after.
pub(super) async fn keep(tx: &mut Tx, merge: &Merge, people: [&Person; 3]) -> Result<()> {
    let sql = "INSERT INTO contact_merges (tenant_id, id, keep_id, gone_id, depth, reason, \
             made_by, made_at, gone, kept_before, kept_after) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let depth = depth(tx, merge.tenant, merge.keep).await? + 1;
    let mut values = vec![
        merge.tenant.into(),
        merge.id.into(),
        merge.keep.into(),
        merge.gone.into(),
        depth.into(),
        merge.reason.as_str().into(),
        merge.made_by.as_deref().into(),
        merge.at.into(),
    ];
    for person in people {
        let json = serde_json::to_string(person);
        values.push(json.map_err(|_| unreadable())?.into());
    }
    tx.execute(sql, &values).await.map(drop)
}

/// Returns how many merges into a contact are not undone.
pub(super) async fn depth(tx: &mut Tx, tenant: i64, contact: i64) -> Result<i64> {
    let sql = "SELECT COALESCE(MAX(depth), 0) FROM contact_merges \
         WHERE tenant_id = ?1 AND keep_id = ?2 AND undone_at IS NULL";
    match tx.first(sql, &[tenant.into(), contact.into()]).await? {
        Some(mut row) => row.int(),
        None => Ok(0),
    }
}

/// Returns the merge into a contact that was made last of those that are not undone.
pub(super) async fn last(tx: &mut Tx, tenant: i64, contact: i64) -> Result<Option<i64>> {
    let sql = "SELECT id FROM contact_merges WHERE tenant_id = ?1 AND keep_id = ?2 \
         AND undone_at IS NULL ORDER BY depth DESC LIMIT 1";
    let row = tx.first(sql, &[tenant.into(), contact.into()]).await?;
    row.map(|mut row| row.int()).transpose()
}

pub(super) async fn read(tx: &mut Tx, tenant: i64, id: i64) -> Result<Option<Kept>> {
    let sql = "SELECT keep_id, gone_id, reason, made_by, made_at, depth, undone_at, \
             gone, kept_before, kept_after \
         FROM contact_merges WHERE tenant_id = ?1 AND id = ?2";
    let Some(mut row) = tx.first(sql, &[tenant.into(), id.into()]).await? else {
        return Ok(None);
    };
    let merge = Merge {
        id,
        tenant,
        keep: row.int()?,
        gone: row.int()?,
        reason: row.word(MergeReason::parse)?,
        made_by: row.opt_text()?,
        at: row.time()?,
    };
    Ok(Some(Kept {
        merge,
        depth: row.int()?,
        undone_at: row.opt_time()?,
        other: person(&mut row)?,
        before: person(&mut row)?,
        after: person(&mut row)?,
    }))
}

/// Of an undone merge nothing is kept.
fn person(row: &mut Row) -> Result<Person> {
    let json = row.text()?;
    if json.is_empty() {
        return Ok(Person::default());
    }
    serde_json::from_str(&json).map_err(|_| unreadable())
}

/// Without serde's own words, which could quote a person's.
fn unreadable() -> Error {
    Error::Corrupt("a merge's record".into())
}

/// Writes down that a merge was undone; what its undoing needed is not kept any longer.
pub(super) async fn undone(tx: &mut Tx, tenant: i64, id: i64, at: Timestamp) -> Result<()> {
    let sql = "UPDATE contact_merges SET undone_at = ?3, gone = '', kept_before = '', \
         kept_after = '' WHERE tenant_id = ?1 AND id = ?2";
    let values = [tenant.into(), id.into(), at.into()];
    tx.execute(sql, &values).await.map(drop)
}

pub(super) async fn of_contact(tx: &mut Tx, tenant: i64, contact: i64) -> Result<Vec<MergeRecord>> {
    const COLUMNS: &str = "id, keep_id, gone_id, reason, made_by, made_at, undone_at";
    let mut records = Vec::new();
    for condition in ["keep_id = ?2", "gone_id = ?2 AND undone_at IS NULL"] {
        let sql =
            format!("SELECT {COLUMNS} FROM contact_merges WHERE tenant_id = ?1 AND {condition}");
        for mut row in tx.query(&sql, &[tenant.into(), contact.into()]).await? {
            records.push(MergeRecord {
                id: row.id(MergeId::new)?,
                kept: row.id(ContactId::new)?,
                gone: row.id(ContactId::new)?,
                reason: row.word(MergeReason::parse)?,
                made_by: row.opt_text()?,
                made_at: row.time()?,
                undone_at: row.opt_time()?,
            });
        }
    }
    records.sort_by_key(|record| (record.made_at, record.id));
    Ok(records)
}
