//! Groups, sources and statuses: three tables that are kept alike.

mod members;

use members::ID_COLUMNS;
pub use members::{Joined, MAX_MEMBERS};
pub(crate) use members::{add_members, groups_among, groups_of, join_groups};

use domain::ids::{SourceId, StatusId};
use domain::label::{Label, LabelId, LabelKind, MAX_LABELS};
use jiff::Timestamp;

use crate::contacts;
use crate::error::{Error, Result};
use crate::sql;
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

const COLUMNS: &str = "id, name, color, created_at, updated_at";

/// What a label is changed to.
#[derive(Clone, Debug)]
pub struct LabelChange {
    /// Its name.
    pub name: String,
    /// Its colour, if it is mentioned.
    pub color: domain::Patch<String>,
    /// When it is changed.
    pub at: Timestamp,
}

/// What became of a label that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelDeletion {
    /// It is gone.
    Deleted,
    /// There is none.
    Absent,
    /// New contacts get it unless they say otherwise.
    IsDefault,
    /// So many contacts have it.
    InUse(i64),
}

fn table(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Group => "contact_groups",
        LabelKind::Source => "sources",
        LabelKind::Status => "statuses",
    }
}

fn read<I: LabelId>(row: &mut Row) -> Result<Label<I>> {
    Ok(Label {
        id: row.id(I::new)?,
        name: row.text()?,
        color: row.opt_text()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

impl Store {
    /// Returns all labels of a kind, oldest first; there are [`MAX_LABELS`] at most.
    pub async fn labels<I: LabelId>(&self) -> Result<Vec<Label<I>>> {
        let (table, values) = (table(I::KIND), [self.tenant_value()]);
        let sql = format!("SELECT {COLUMNS} FROM {table} WHERE tenant_id = ?1 ORDER BY id");
        self.rows(sql, values, read).await
    }

    /// Returns the label of this id.
    pub async fn label<I: LabelId>(&self, id: I) -> Result<Option<Label<I>>> {
        let tenant = self.tenant.get();
        self.database
            .read(|tx| Box::pin(async move { by_id(tx, tenant, id).await }))
            .await
    }

    /// Returns those of these labels that are there, in the order of their ids.
    pub async fn labels_among<I: LabelId>(&self, ids: &[I]) -> Result<Vec<Label<I>>> {
        let (tenant, ids) = (self.tenant.get(), ids.to_vec());
        self.database
            .read(|tx| Box::pin(async move { among(tx, tenant, &ids).await }))
            .await
    }

    /// Makes a label.
    ///
    /// Fails with [`Error::Conflict`] where the name is taken, and with [`Error::LimitReached`]
    /// where there are too many.
    pub async fn create_label<I: LabelId>(
        &self,
        name: &str,
        color: Option<&str>,
        at: Timestamp,
    ) -> Result<Label<I>> {
        let id = self.database.next_id().await?;
        let (tenant, name, color) = (self.tenant.get(), name.to_owned(), color.map(str::to_owned));
        let unit = work(move |tx| {
            let (name, color) = (name.clone(), color.clone());
            Box::pin(async move {
                let values = [
                    tenant.into(),
                    id.into(),
                    name.into(),
                    color.into(),
                    at.into(),
                ];
                create::<I>(tx, &values).await
            })
        });
        self.database.write(unit).await
    }

    /// Changes a label; `None` where there is none.
    ///
    /// Fails with [`Error::Conflict`] where the name is another one's.
    pub async fn change_label<I: LabelId>(
        &self,
        id: I,
        change: LabelChange,
    ) -> Result<Option<Label<I>>> {
        let tenant = self.tenant.get();
        let unit = work(move |tx| {
            let change = change.clone();
            Box::pin(async move { self::change(tx, tenant, id, &change).await })
        });
        let changed = self.database.write(unit).await;
        changed.map_err(|error| {
            if error.is_duplicate() {
                Error::Conflict("name")
            } else {
                error
            }
        })
    }

    /// Deletes a label. A group is left by its members; a source or a status that contacts have, or
    /// that new ones get, stays.
    pub async fn delete_label<I: LabelId>(&self, id: I) -> Result<LabelDeletion> {
        let tenant = self.tenant.get();
        let unit = work(move |tx| Box::pin(delete(tx, tenant, id)));
        self.database.write(unit).await
    }
}

async fn by_id<I: LabelId>(tx: &mut Tx, tenant: i64, id: I) -> Result<Option<Label<I>>> {
    let table = table(I::KIND);
    let sql = format!("SELECT {COLUMNS} FROM {table} WHERE tenant_id = ?1 AND id = ?2");
    let row = tx.first(&sql, &[tenant.into(), id.get().into()]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Returns those of these labels that are the tenant's, in the order of their ids; they stay until
/// the commit.
async fn among<I: LabelId>(tx: &mut Tx, tenant: i64, ids: &[I]) -> Result<Vec<Label<I>>> {
    let mut ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    let (table, lock, mut found) = (table(I::KIND), tx.for_reference(), Vec::new());
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let values = chunk.iter().flat_map(|id| [tenant, *id]);
        let mut values: Vec<Value> = values.map(Value::from).collect();
        let with = sql::with_values(&ID_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT id, name, color, created_at, updated_at FROM v \
             JOIN {table} ON {table}.tenant_id = v_tenant_id AND {table}.id = v_id{lock}"
        );
        for mut row in tx.query(&sql, &values).await? {
            found.push(read(&mut row)?);
        }
    }
    found.sort_unstable_by_key(|label: &Label<I>| label.id.get());
    Ok(found)
}

async fn create<I: LabelId>(tx: &mut Tx, values: &[Value; 5]) -> Result<Label<I>> {
    let table = table(I::KIND);
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE tenant_id = ?1");
    let count = tx.first(&sql, &values[..1]).await?;
    let current = count.map_or(Ok(0), |mut row| row.int())?;
    if current >= MAX_LABELS {
        let maximum = MAX_LABELS;
        return Err(Error::LimitReached { current, maximum });
    }
    let sql = format!(
        "INSERT INTO {table} (tenant_id, id, name, color, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO NOTHING RETURNING {COLUMNS}"
    );
    let made = tx.first(&sql, values).await?;
    made.map_or(Err(Error::Conflict("name")), |mut row| read(&mut row))
}

async fn change<I: LabelId>(
    tx: &mut Tx,
    tenant: i64,
    id: I,
    change: &LabelChange,
) -> Result<Option<Label<I>>> {
    let table = table(I::KIND);
    let name: Value = change.name.as_str().into();
    let sql = format!("SELECT id FROM {table} WHERE tenant_id = ?1 AND name = ?2 AND id <> ?3");
    let others = [tenant.into(), name.clone(), id.get().into()];
    if tx.first(&sql, &others).await?.is_some() {
        return Err(Error::Conflict("name"));
    }
    let sql = format!(
        "UPDATE {table} SET name = ?3, updated_at = ?4, \
             color = CASE WHEN ?5 = 1 THEN CAST(?6 AS TEXT) ELSE color END \
         WHERE tenant_id = ?1 AND id = ?2 RETURNING {COLUMNS}"
    );
    let color = change.color.value().map(String::as_str);
    let values = [
        tenant.into(),
        id.get().into(),
        name,
        change.at.into(),
        change.color.is_mentioned().into(),
        color.into(),
    ];
    let row = tx.first(&sql, &values).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

async fn delete<I: LabelId>(tx: &mut Tx, tenant: i64, id: I) -> Result<LabelDeletion> {
    let (table, values) = (table(I::KIND), [tenant.into(), id.get().into()]);
    // Whoever files a contact under it waits until it is gone, and then finds it gone.
    let lock = tx.for_removal();
    let sql = format!("SELECT 1 FROM {table} WHERE tenant_id = ?1 AND id = ?2{lock}");
    if tx.first(&sql, &values).await?.is_none() {
        return Ok(LabelDeletion::Absent);
    }
    let column = match I::KIND {
        LabelKind::Group => None,
        LabelKind::Source => Some("source_id"),
        LabelKind::Status => Some("status_id"),
    };
    if let Some(column) = column {
        // global: this is the tenant.
        let sql = format!("SELECT 1 FROM tenants t WHERE t.id = ?1 AND t.default_{column} = ?2");
        if tx.first(&sql, &values).await?.is_some() {
            return Ok(LabelDeletion::IsDefault);
        }
        let count = contacts::filed_with(tx, tenant, column, id.get()).await?;
        if count > 0 {
            return Ok(LabelDeletion::InUse(count));
        }
    }
    let sql = format!("DELETE FROM {table} WHERE tenant_id = ?1 AND id = ?2");
    tx.execute(&sql, &values).await?;
    Ok(LabelDeletion::Deleted)
}

/// Returns whether the tenant has this source; it stays until the commit.
pub(crate) async fn has_source(tx: &mut Tx, tenant: i64, id: i64) -> Result<bool> {
    has::<SourceId>(tx, tenant, id).await
}

/// Returns whether the tenant has this status; it stays until the commit.
pub(crate) async fn has_status(tx: &mut Tx, tenant: i64, id: i64) -> Result<bool> {
    has::<StatusId>(tx, tenant, id).await
}

async fn has<I: LabelId>(tx: &mut Tx, tenant: i64, id: i64) -> Result<bool> {
    let (table, lock) = (table(I::KIND), tx.for_reference());
    let sql = format!("SELECT 1 FROM {table} WHERE tenant_id = ?1 AND id = ?2{lock}");
    Ok(tx.first(&sql, &[tenant.into(), id.into()]).await?.is_some())
}
