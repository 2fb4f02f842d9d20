//! Contacts from a file: many rows to a transaction, each made or met as any other is.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use domain::consent::Topic;
use domain::ids::GroupId;
use jiff::Timestamp;

use super::write::{ContactRow, make_or_meet};
use super::{ContactWrite, Written, hold, limit};
use crate::error::{Error, Result};
use crate::labels;
use crate::opt_outs::{OptOut, opt_out_all};
use crate::store::Store;
use crate::tx::{Tx, work};

/// A row of a file.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// The contact.
    pub write: ContactWrite,
    /// Groups to join, which are the tenant's.
    pub groups: Vec<GroupId>,
    /// What the person opted out of, on every channel.
    pub opt_outs: Vec<Topic>,
}

/// What became of an [`ImportRow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// Nobody had the number.
    Created,
    /// Somebody had it, and was changed.
    Updated,
    /// Somebody had it, and was left as is, but for an opt-out.
    Known,
}

impl Store {
    /// Makes or meets contacts, and says of each in its order what became of it; a row that fails,
    /// fails alone: with [`Error::LimitReached`], or with [`Error::Refused`].
    pub async fn import_contacts(
        &self,
        rows: Vec<ImportRow>,
        at: Timestamp,
    ) -> Result<Vec<Result<Imported>>> {
        let mut numbered = Vec::with_capacity(rows.len());
        for row in rows {
            numbered.push(self.numbered(row).await?);
        }
        let rows = Arc::new(numbered);
        let mut outs = Vec::with_capacity(rows.len());
        // The next part is the last one. Where the engine refuses a part, its halves are tried.
        let mut parts: Vec<Range<usize>> = std::iter::once(0..rows.len()).collect();
        while let Some(part) = parts.pop() {
            match self.import_part(&rows, part.clone(), at).await {
                Ok(more) => outs.extend(more),
                Err(Error::Refused(_)) if part.len() > 1 => {
                    let middle = part.start + part.len() / 2;
                    parts.extend([middle..part.end, part.start..middle]);
                }
                Err(error @ Error::Refused(_)) => outs.push(Err(error)),
                Err(error) => return Err(error),
            }
        }
        Ok(outs)
    }

    async fn numbered(&self, row: ImportRow) -> Result<Row> {
        let mut opt_outs = Vec::with_capacity(row.opt_outs.len());
        for topic in row.opt_outs {
            opt_outs.push((self.database.next_id().await?, topic));
        }
        Ok(Row {
            contact: ContactRow {
                tenant: self.tenant.get(),
                id: self.database.next_id().await?,
                key: row.write.new.phone.match_key(),
                write: row.write,
            },
            groups: row.groups,
            opt_outs,
        })
    }

    async fn import_part(
        &self,
        rows: &Arc<Vec<Row>>,
        part: Range<usize>,
        at: Timestamp,
    ) -> Result<Vec<Result<Imported>>> {
        let (tenant, rows) = (self.tenant.get(), Arc::clone(rows));
        let unit = work(move |tx| {
            let (rows, part) = (Arc::clone(&rows), part.clone());
            Box::pin(async move { import(tx, tenant, &rows[part], at).await })
        });
        self.database.write(unit).await
    }
}

/// A row with the ids that it may need.
#[derive(Debug)]
struct Row {
    contact: ContactRow,
    groups: Vec<GroupId>,
    opt_outs: Vec<(i64, Topic)>,
}

async fn import(
    tx: &mut Tx,
    tenant: i64,
    rows: &[Row],
    at: Timestamp,
) -> Result<Vec<Result<Imported>>> {
    let contacts: Vec<&ContactRow> = rows.iter().map(|row| &row.contact).collect();
    let written = make_or_meet(tx, &contacts).await?;
    let written: Vec<(&Row, i64, Written)> = rows
        .iter()
        .zip(written)
        .map(|(row, written)| (row, written.contact().id.get(), written))
        .collect();
    let touched = written
        .iter()
        .filter(|(row, _, _)| !(row.groups.is_empty() && row.opt_outs.is_empty()));
    hold(tx, tenant, touched.map(|(_, id, _)| *id).collect()).await?;
    let opt_outs = written.iter().flat_map(|(row, contact, _)| {
        let of_row = row.opt_outs.iter();
        of_row.map(|(id, topic)| OptOut {
            id: *id,
            contact: *contact,
            topic: *topic,
        })
    });
    opt_out_all(tx, tenant, opt_outs.collect(), at).await?;
    let joining = written
        .iter()
        .filter(|(_, _, it)| !matches!(it, Written::Known(_)));
    let members = joining.flat_map(|(row, contact, _)| {
        let groups = row.groups.iter();
        groups.map(|group| (*contact, group.get()))
    });
    labels::add_members(tx, tenant, &members.collect::<Vec<_>>()).await?;
    let mut outs: Vec<Result<Written>> = written.into_iter().map(|(_, _, it)| Ok(it)).collect();
    limit::enforce(tx, &contacts, (&mut outs, &HashSet::new())).await?;
    let told = |out: Result<Written>| {
        out.map(|written| match written {
            Written::Created(_) => Imported::Created,
            Written::Known(_) => Imported::Known,
            Written::Updated(_) => Imported::Updated,
        })
    };
    Ok(outs.into_iter().map(told).collect())
}
