//! What contacts and messages say, as it is filed.

use std::collections::HashMap;

use super::Kind;
use super::text::fold;
use crate::error::Result;
use crate::messages::read_content;
use crate::sql;
use crate::tx::Tx;
use crate::value::Row;

/// What a subject says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// When the subject was made, by which what is found is put in order.
    pub(super) at: i64,
    pub(super) text: String,
}

/// The fields of a contact, in the order in which they are filed.
pub(super) const NAME: usize = 0;
/// See [`NAME`].
pub(super) const PHONE: usize = 1;

/// Returns what these subjects say now. One that is gone, or was taken back, says nothing.
pub(super) async fn now(
    tx: &mut Tx,
    tenant: i64,
    kind: Kind,
    ids: &[i64],
) -> Result<HashMap<i64, Said>> {
    let select = match kind {
        Kind::Contact => {
            "SELECT s.id, s.created_at, full_name, first_name, last_name, phone, email, company \
             FROM v JOIN contacts s ON s.tenant_id = v_tenant_id AND s.id = v_id"
        }
        Kind::Message => {
            "SELECT s.id, s.created_at, COALESCE(bare_content, content) FROM v \
             JOIN messages s ON s.tenant_id = v_tenant_id AND s.id = v_id \
             WHERE s.revoked_at IS NULL"
        }
    };
    let read = match kind {
        Kind::Contact => contact,
        Kind::Message => message,
    };
    let mut said = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let (with, values) = sql::with_ids(tenant, chunk.iter().copied());
        for mut row in tx.query(&format!("{with} {select}"), &values).await? {
            let (id, at) = (row.int()?, row.int()?);
            let text = read(&mut row)?;
            said.insert(id, Said { at, text });
        }
    }
    Ok(said)
}

/// A whole name has its parts in it.
fn contact(row: &mut Row) -> Result<String> {
    let (full, first, last) = (row.opt_text()?, row.opt_text()?, row.opt_text()?);
    let parts = || [first, last].into_iter().flatten().collect::<Vec<_>>();
    let name = full.unwrap_or_else(|| parts().join(" "));
    let (phone, email, company) = (row.opt_text()?, row.opt_text()?, row.opt_text()?);
    let rest = [phone, email, company].map(Option::unwrap_or_default);
    let fields = std::iter::once(name.as_str()).chain(rest.iter().map(String::as_str));
    Ok(fold(fields))
}

fn message(row: &mut Row) -> Result<String> {
    Ok(fold(read_content(&row.text()?)?.words()))
}

/// Returns what these subjects said when they were filed.
pub(super) async fn filed(
    tx: &mut Tx,
    tenant: i64,
    kind: Kind,
    ids: &[i64],
) -> Result<HashMap<i64, Said>> {
    let mut said = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let (with, values) = sql::with_ids(tenant, chunk.iter().copied());
        let kind = kind.as_str();
        let sql = format!(
            "{with} SELECT s.subject_id, s.at, s.text FROM v JOIN search_texts s \
             ON s.tenant_id = v_tenant_id AND s.kind = '{kind}' AND s.subject_id = v_id"
        );
        for mut row in tx.query(&sql, &values).await? {
            let (id, at, text) = (row.int()?, row.int()?, row.text()?);
            said.insert(id, Said { at, text });
        }
    }
    Ok(said)
}
