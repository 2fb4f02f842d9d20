//! What belongs to a contact, row by row, as JSON: what undoing a merge goes by.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::{Row, Value};

/// A row: its columns by name.
pub(super) type Fields = Map<String, Json>;

/// A table of which some rows belong to a contact.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The column that says whose.
    owner: &'static str,
    /// All columns but the tenant's, separated by commas.
    columns: &'static str,
}

pub(super) const CONTACTS: Table = Table {
    name: "contacts",
    owner: "id",
    columns: "id,phone,phone_given,wa_id,wa_id_claim,bsuid,username,full_name,first_name,\
        last_name,email,email_key,tags,type,source_id,status_id,assignee_id,company,description,\
        street,city,state,zip,country_id,bot_status,is_archived,is_blocked,allows_broadcast,\
        is_active,has_unread_messages,origin,verified,summary,summary_updated_at,is_opted_out,\
        created_at,updated_at",
};
pub(super) const IDENTITIES: Table = Table {
    name: "identities",
    owner: "contact_id",
    columns: "kind,scope,key,contact_id",
};
pub(super) const FORMER_IDENTITIES: Table = Table {
    name: "former_identities",
    owner: "contact_id",
    columns: "id,contact_id,kind,scope,key,ended_at",
};
pub(super) const GROUP_MEMBERS: Table = Table {
    name: "group_members",
    owner: "contact_id",
    columns: "contact_id,group_id",
};
pub(super) const CONSENTS: Table = Table {
    name: "consents",
    owner: "contact_id",
    columns: "contact_id,channel_id,topic,is_opted_out,changed_at",
};
pub(super) const CONVERSATIONS: Table = Table {
    name: "conversations",
    owner: "contact_id",
    columns: "id,contact_id,channel_id,window_expires_at,last_message_at,message_count,status,\
        created_at,closed_at,reopened_by",
};

/// A contact and what belongs to it, but for messages and the log of consents: of those there may
/// be many, and each row says itself which merge brought it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) contact: Fields,
    pub(super) identities: Vec<Fields>,
    pub(super) former_identities: Vec<Fields>,
    pub(super) groups: Vec<Fields>,
    pub(super) consents: Vec<Fields>,
    pub(super) conversations: Vec<Fields>,
}

impl Person {
    pub(super) async fn take(tx: &mut Tx, tenant: i64, contact: i64) -> Result<Self> {
        let gone = || Error::lost_race("a contact was deleted meanwhile");
        let itself = rows(tx, &CONTACTS, tenant, contact).await?;
        Ok(Self {
            contact: itself.into_iter().next().ok_or_else(gone)?,
            identities: rows(tx, &IDENTITIES, tenant, contact).await?,
            former_identities: rows(tx, &FORMER_IDENTITIES, tenant, contact).await?,
            groups: rows(tx, &GROUP_MEMBERS, tenant, contact).await?,
            consents: rows(tx, &CONSENTS, tenant, contact).await?,
            conversations: rows(tx, &CONVERSATIONS, tenant, contact).await?,
        })
    }
}

/// Returns the rows of a table that belong to a contact.
pub(super) async fn rows(
    tx: &mut Tx,
    table: &Table,
    tenant: i64,
    contact: i64,
) -> Result<Vec<Fields>> {
    let (name, owner, columns) = (table.name, table.owner, table.columns);
    let sql = format!("SELECT {columns} FROM {name} WHERE tenant_id = ?1 AND {owner} = ?2");
    let found = tx.query(&sql, &[tenant.into(), contact.into()]).await?;
    found.into_iter().map(|row| read(columns, row)).collect()
}

fn read(columns: &str, mut row: Row) -> Result<Fields> {
    let mut fields = Fields::new();
    for column in columns.split(',') {
        let value = match row.value()? {
            Value::Null => Json::Null,
            Value::Int(number) => number.into(),
            Value::Text(text) => text.into(),
            Value::Bytes(_) => return Err(Error::Corrupt("bytes in a contact".into())),
        };
        fields.insert(column.into(), value);
    }
    Ok(fields)
}

/// Writes a row as it was; what the table has gained since has its default.
pub(super) async fn put(tx: &mut Tx, table: &Table, tenant: i64, row: &Fields) -> Result<()> {
    let (mut names, mut marks) = (Vec::new(), Vec::new());
    let mut values: Vec<Value> = vec![tenant.into()];
    for column in table.columns.split(',') {
        if let Some(value) = row.get(column) {
            values.push(bind(value));
            names.push(column);
            marks.push(format!("?{}", values.len()));
        }
    }
    let (name, names, marks) = (table.name, names.join(","), marks.join(","));
    let sql = format!(
        "INSERT INTO {name} (tenant_id,{names}) VALUES (?1,{marks}) ON CONFLICT DO NOTHING"
    );
    tx.execute(&sql, &values).await.map(drop)
}

/// Changes some columns of a contact.
pub(super) async fn change(tx: &mut Tx, tenant: i64, contact: i64, changes: &Fields) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut values: Vec<Value> = vec![tenant.into(), contact.into()];
    let mut sets = Vec::with_capacity(changes.len());
    for (column, value) in changes {
        values.push(bind(value));
        sets.push(format!("{column} = ?{}", values.len()));
    }
    let sets = sets.join(", ");
    let sql = format!("UPDATE contacts SET {sets} WHERE tenant_id = ?1 AND id = ?2");
    tx.execute(&sql, &values).await.map(drop)
}

/// Returns a field as a statement's value.
pub(super) fn bind(value: &Json) -> Value {
    match value {
        Json::String(text) => text.as_str().into(),
        value => value.as_i64().into(),
    }
}

/// Returns a field that is a number.
pub(super) fn number(row: &Fields, column: &str) -> Result<i64> {
    let missing = || Error::Corrupt(format!("a merge's record lacks `{column}`"));
    row.get(column).and_then(Json::as_i64).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        CONSENTS, CONTACTS, CONVERSATIONS, FORMER_IDENTITIES, GROUP_MEMBERS, IDENTITIES, Table,
    };

    const TABLES: [&Table; 6] = [
        &CONTACTS,
        &IDENTITIES,
        &FORMER_IDENTITIES,
        &GROUP_MEMBERS,
        &CONSENTS,
        &CONVERSATIONS,
    ];

    fn schema() -> rusqlite::Connection {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for sql in crate::migrate::sqlite_migrations() {
            connection.execute_batch(sql).unwrap();
        }
        connection
    }

    fn words(connection: &rusqlite::Connection, sql: &str) -> BTreeSet<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let words = statement.query_map([], |row| row.get(0)).unwrap();
        words.map(Result::unwrap).collect()
    }

    #[test]
    fn every_column_of_what_a_merge_undoes_is_remembered() {
        let connection = schema();
        for table in TABLES {
            let name = table.name;
            let sql =
                format!("SELECT name FROM pragma_table_info('{name}') WHERE name <> 'tenant_id'");
            let remembered: BTreeSet<String> =
                table.columns.split(',').map(str::to_owned).collect();
            assert_eq!(words(&connection, &sql), remembered, "{name}");
        }
    }

    /// A new table that names a contact or a conversation must say here what a merge does with it.
    #[test]
    fn every_table_that_names_a_contact_is_known_to_merges() {
        // global: reads the schema alone.
        let sql = "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND c.name IN ('contact_id', 'conversation_id')";
        let named = words(&schema(), sql);
        let mut known: BTreeSet<String> = TABLES.iter().map(|table| table.name.into()).collect();
        known.remove("contacts");
        // Their rows say themselves which merge brought them.
        for table in ["messages", "consent_log", "comments", "job_recipients"] {
            known.insert(table.into());
        }
        assert_eq!(named, known);
    }
}
