//! What contacts are listed by, as it is filed.

use std::collections::{BTreeMap, HashMap};

use domain::contact::ContactField;
use domain::{Contact, Phone};

use crate::contacts::find;
use crate::error::Result;
use crate::sql::{self, Statement};
use crate::tx::Tx;
use crate::value::{Row, Value};

const COLUMNS: [(&str, &str); 10] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("type", "TEXT"),
    ("source_id", "BIGINT"),
    ("status_id", "BIGINT"),
    ("assignee_id", "BIGINT"),
    ("first_key", "TEXT"),
    ("last_key", "TEXT"),
    ("created_at", "BIGINT"),
    ("updated_at", "BIGINT"),
];

const COUNT_COLUMNS: [(&str, &str); 4] = [
    ("tenant_id", "BIGINT"),
    ("field", "TEXT"),
    ("value", "TEXT"),
    ("contacts", "BIGINT"),
];

/// The columns of which it is counted how many contacts have each value.
pub(super) const COUNTED: [&str; 4] = ["type", "source_id", "status_id", "assignee_id"];

/// As much of a name is compared; longer ones are hardly told apart by more.
const MAX_KEY_CHARS: usize = 64;

/// Returns the beginning of a name as it is compared.
fn key(name: &str) -> String {
    let folded = name.to_lowercase();
    folded.chars().take(MAX_KEY_CHARS).collect()
}

/// Returns what a contact is sorted by.
pub(super) fn sort_value(contact: &Contact, field: ContactField) -> Value {
    let digits = || contact.phone.as_ref().map(Phone::digits);
    match field {
        ContactField::FirstName => {
            let first = contact.name.first.as_deref().or_else(digits);
            key(first.unwrap_or_default()).into()
        }
        ContactField::LastName => key(contact.name.last.as_deref().unwrap_or_default()).into(),
        ContactField::CreatedAt => contact.created_at.into(),
        ContactField::UpdatedAt => contact.updated_at.into(),
        ContactField::Kind => contact.kind.as_str().into(),
        ContactField::SourceId => contact.source_id.get().into(),
        ContactField::StatusId => contact.status_id.get().into(),
        ContactField::AssigneeId => contact.assignee_id.into(),
        // Nothing is sorted by its groups.
        ContactField::Id | ContactField::GroupId => contact.id.get().into(),
    }
}

/// Returns a value as it is counted.
pub(super) fn counted(value: &Value) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Null | Value::Bytes(_) => String::new(),
    }
}

/// The values of the counted columns.
type Counted = [Value; COUNTED.len()];

/// Files some contacts, [`sql::MAX_ROWS`] at a time; those that are gone are forgotten.
pub(crate) async fn file(tx: &mut Tx, tenant: i64, ids: &[i64]) -> Result<()> {
    let mut changes: BTreeMap<(&str, String), i64> = BTreeMap::new();
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let before = filed(tx, tenant, chunk).await?;
        let now = find::in_order(tx, tenant, &contact_ids(chunk)).await?;
        for values in before.values() {
            count(&mut changes, values, -1);
        }
        for contact in &now {
            count(&mut changes, &counted_values(contact), 1);
        }
        let gone = before
            .keys()
            .filter(|id| !now.iter().any(|it| it.id.get() == **id));
        let gone: Vec<i64> = gone.copied().collect();
        forget(tx, tenant, &gone).await?;
        write(tx, tenant, &now).await?;
    }
    changes.retain(|_, change| *change != 0);
    let changes: Vec<_> = changes.into_iter().collect();
    for chunk in changes.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COUNT_COLUMNS.len());
        for ((field, value), change) in chunk {
            values.extend([tenant.into(), (*field).into()]);
            values.extend([value.as_str().into(), (*change).into()]);
        }
        let insert = sql::insert("listed_counts", &COUNT_COLUMNS, &mut values);
        let sql = format!(
            "{insert} ON CONFLICT (tenant_id, field, value) \
             DO UPDATE SET contacts = listed_counts.contacts + excluded.contacts"
        );
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

fn contact_ids(ids: &[i64]) -> Vec<domain::ids::ContactId> {
    let ids = ids.iter().copied();
    ids.filter_map(domain::ids::ContactId::new).collect()
}

fn counted_values(contact: &Contact) -> Counted {
    [
        contact.kind.as_str().into(),
        contact.source_id.get().into(),
        contact.status_id.get().into(),
        contact.assignee_id.into(),
    ]
}

fn count(changes: &mut BTreeMap<(&'static str, String), i64>, values: &Counted, by: i64) {
    for (field, value) in COUNTED.into_iter().zip(values) {
        *changes.entry((field, counted(value))).or_default() += by;
    }
}

async fn filed(tx: &mut Tx, tenant: i64, ids: &[i64]) -> Result<HashMap<i64, Counted>> {
    let (with, values) = sql::with_ids(tenant, ids.iter().copied());
    let sql = format!(
        "{with} SELECT l.id, l.type, l.source_id, l.status_id, l.assignee_id FROM v \
         JOIN listed_contacts l ON l.tenant_id = v_tenant_id AND l.id = v_id"
    );
    let read = |mut row: Row| {
        let id = row.int()?;
        let values = [row.value()?, row.value()?, row.value()?, row.value()?];
        Ok((id, values))
    };
    let rows = tx.query(&sql, &values).await?;
    rows.into_iter().map(read).collect()
}

async fn forget(tx: &mut Tx, tenant: i64, ids: &[i64]) -> Result<()> {
    let sql = "DELETE FROM listed_contacts WHERE tenant_id = ?1 AND id = ?2";
    let forget = |id: &i64| (sql.to_owned(), vec![tenant.into(), (*id).into()]);
    let forget: Vec<Statement> = ids.iter().map(forget).collect();
    tx.query_all(&forget).await.map(drop)
}

async fn write(tx: &mut Tx, tenant: i64, contacts: &[Contact]) -> Result<()> {
    if contacts.is_empty() {
        return Ok(());
    }
    let mut values: Vec<Value> = Vec::with_capacity(contacts.len() * COLUMNS.len());
    for contact in contacts {
        values.extend([tenant.into(), contact.id.get().into()]);
        values.extend(counted_values(contact));
        for field in [
            ContactField::FirstName,
            ContactField::LastName,
            ContactField::CreatedAt,
            ContactField::UpdatedAt,
        ] {
            values.push(sort_value(contact, field));
        }
    }
    let insert = sql::insert("listed_contacts", &COLUMNS, &mut values);
    let sets = COLUMNS[2..].iter();
    let sets: Vec<String> = sets
        .map(|(it, _)| format!("{it} = excluded.{it}"))
        .collect();
    let sql = format!(
        "{insert} ON CONFLICT (tenant_id, id) DO UPDATE SET {}",
        sets.join(", ")
    );
    tx.execute(&sql, &values).await.map(drop)
}
