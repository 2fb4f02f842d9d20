//! What waits to be filed: a row for every change of what a contact or a message says, written in
//! the transaction of that change.

use domain::ids::ContactId;

use super::Kind;
use crate::error::Result;
use crate::sql::{self, Statement};
use crate::tx::Tx;
use crate::value::{Row, Value};

/// A change of what a subject says: whose, of which subject, and an id that no other change of it
/// has. A subject that was just made has had no other, and takes 0.
pub(crate) type Marked = (i64, i64, i64);

const COLUMNS: [(&str, &str); 4] = [
    ("tenant_id", "BIGINT"),
    ("kind", "TEXT"),
    ("subject_id", "BIGINT"),
    ("change_id", "BIGINT"),
];

/// Returns the statement that has subjects filed, [`sql::MAX_ROWS`] at most.
pub(crate) fn mark(kind: Kind, subjects: impl IntoIterator<Item = Marked>) -> Statement {
    let (insert, values) = mark_new(kind, subjects);
    (format!("{insert} ON CONFLICT DO NOTHING"), values)
}

/// As [`mark`], for changes that were never marked before: on Postgres much cheaper.
pub(crate) fn mark_new(kind: Kind, subjects: impl IntoIterator<Item = Marked>) -> Statement {
    let mut values: Vec<Value> = Vec::new();
    for (tenant, subject, change) in subjects {
        values.extend([tenant.into(), kind.as_str().into()]);
        values.extend([subject.into(), change.into()]);
    }
    let insert = sql::insert("search_waiting", &COLUMNS, &mut values);
    (insert, values)
}

/// Has one subject filed.
pub(crate) async fn mark_one(tx: &mut Tx, kind: Kind, subject: Marked) -> Result<()> {
    let (sql, values) = mark(kind, [subject]);
    tx.execute(&sql, &values).await.map(drop)
}

/// Has contacts that are about to be deleted forgotten, and with them what was said;
/// [`sql::MAX_ROWS`] at most.
pub(crate) async fn mark_deleted(
    tx: &mut Tx,
    (tenant, change): (i64, i64),
    contacts: &[i64],
) -> Result<()> {
    let all = contacts.iter().map(|contact| (tenant, *contact, change));
    let (sql, values) = mark(Kind::Contact, all);
    tx.execute(&sql, &values).await?;
    let mut values = vec![tenant.into(), change.into()];
    let list = sql::list_of(contacts.iter().map(|id| (*id).into()), &mut values);
    let sql = format!(
        "INSERT INTO search_waiting (tenant_id, kind, subject_id, change_id) \
         SELECT m.tenant_id, 'message', m.id, CAST(?2 AS BIGINT) FROM messages m \
         WHERE m.tenant_id = ?1 AND m.conversation_id IN (SELECT k.id FROM conversations k \
             WHERE k.tenant_id = ?1 AND k.contact_id IN {list}) ON CONFLICT DO NOTHING"
    );
    tx.execute(&sql, &values).await.map(drop)
}

/// A row that waits: the subject and the change.
pub(super) type Waiting = (i64, i64);

/// Returns some of what waits, the newest subjects first.
pub(super) async fn some(
    tx: &mut Tx,
    tenant: i64,
    kind: Kind,
    limit: usize,
) -> Result<Vec<Waiting>> {
    let sql = "SELECT subject_id, change_id FROM search_waiting \
         WHERE tenant_id = ?1 AND kind = ?2 ORDER BY subject_id DESC, change_id DESC LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [tenant.into(), kind.as_str().into(), limit.into()];
    let rows = tx.query(sql, &values).await?;
    let read = |mut row: Row| Ok((row.int()?, row.int()?));
    rows.into_iter().map(read).collect()
}

/// Returns some of the contacts that wait, the newest first.
pub(crate) async fn waiting_contacts(
    tx: &mut Tx,
    tenant: i64,
    limit: usize,
) -> Result<Vec<ContactId>> {
    let waiting = some(tx, tenant, Kind::Contact, limit).await?;
    let ids = waiting.into_iter().map(|(subject, _)| subject);
    let mut ids: Vec<ContactId> = ids.filter_map(ContactId::new).collect();
    ids.dedup();
    Ok(ids)
}

/// Takes these rows off; what was changed since is a row of its own.
pub(super) async fn take_off(
    tx: &mut Tx,
    tenant: i64,
    kind: Kind,
    filed: &[Waiting],
) -> Result<()> {
    let sql = "DELETE FROM search_waiting \
         WHERE tenant_id = ?1 AND kind = ?2 AND subject_id = ?3 AND change_id = ?4";
    let statement = |(subject, change): &Waiting| {
        let (subject, change) = ((*subject).into(), (*change).into());
        let values = vec![tenant.into(), kind.as_str().into(), subject, change];
        (sql.to_owned(), values)
    };
    let statements: Vec<Statement> = filed.iter().map(statement).collect();
    tx.query_all(&statements).await.map(drop)
}

/// Returns the tenant after another one, in the order of their ids, of whom something waits.
pub(super) async fn next_tenant(tx: &mut Tx, after: i64) -> Result<Option<i64>> {
    // global: each tenant in turn.
    let sql = "SELECT tenant_id FROM search_waiting WHERE tenant_id > ?1 \
         ORDER BY tenant_id LIMIT 1";
    let row = tx.first(sql, &[after.into()]).await?;
    row.map(|mut row| row.int()).transpose()
}
