//! Contacts that are there: found by their numbers, and changed, many at a time.

use std::collections::HashMap;

use domain::contact::ContactType;
use domain::ids::{SourceId, StatusId};
use domain::{Contact, MatchKey};
use jiff::Timestamp;

use super::{ContactChanges, RestChanges, email_key, rows};
use crate::error::Result;
use crate::lookups::{ByKey, Found};
use crate::sql::{self, Statement};
use crate::tx::Tx;
use crate::value::Value;

const KEY_COLUMNS: [(&str, &str); 2] = [("v_tenant_id", "BIGINT"), ("v_key", "TEXT")];

/// Who has the number of a `v`. As a join, SQLite would begin with all numbers of all tenants.
const OWNER: &str = "(SELECT i.contact_id FROM identities i WHERE i.tenant_id = v_tenant_id \
     AND i.kind = 'number' AND i.scope = '' AND i.key = v_key)";

impl Found for Contact {
    type Key = MatchKey;

    async fn by_keys(tx: &mut Tx, keys: &[(i64, &MatchKey)]) -> Result<ByKey<Self>> {
        by_numbers(tx, keys).await
    }
}

/// Returns the contacts that have these numbers.
pub(super) async fn by_numbers(tx: &mut Tx, keys: &[(i64, &MatchKey)]) -> Result<ByKey<Contact>> {
    let mut found = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(sql::MAX_ROWS) {
        let mut values = key_values(chunk);
        let with = sql::with_values(&KEY_COLUMNS, &mut values);
        let columns = rows::COLUMNS;
        let sql = format!(
            "{with} SELECT v_tenant_id, v_key, {columns} FROM v \
             JOIN contacts ON contacts.tenant_id = v_tenant_id AND contacts.id = {OWNER}"
        );
        for mut row in tx.query(&sql, &values).await? {
            let identity = (row.int()?, row.text()?);
            found.insert(identity, rows::read(&mut row)?);
        }
    }
    Ok(found)
}

/// Returns the ids of the contacts that have these numbers.
pub(super) async fn ids(tx: &mut Tx, keys: &[(i64, &MatchKey)]) -> Result<ByKey<i64>> {
    let mut found = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(sql::MAX_ROWS) {
        let mut values = key_values(chunk);
        let with = sql::with_values(&KEY_COLUMNS, &mut values);
        let sql = format!("{with} SELECT v_tenant_id, v_key, {OWNER} FROM v");
        for mut row in tx.query(&sql, &values).await? {
            let identity = (row.int()?, row.text()?);
            if let Some(id) = row.opt_int()? {
                found.insert(identity, id);
            }
        }
    }
    Ok(found)
}

fn key_values(keys: &[(i64, &MatchKey)]) -> Vec<Value> {
    let pairs = keys
        .iter()
        .map(|(tenant, key)| [(*tenant).into(), key.as_str().into()]);
    pairs.flatten().collect()
}

const ID_COLUMNS: [(&str, &str); 2] = [("v_tenant_id", "BIGINT"), ("v_id", "BIGINT")];

/// Returns those of these contacts that are there. They are held, in the order given: until the
/// commit none is deleted, nor merged into another.
pub(crate) async fn held(tx: &mut Tx, ids: &[(i64, i64)]) -> Result<HashMap<(i64, i64), Contact>> {
    let (lock, mut statements) = (tx.for_reference(), Vec::new());
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let values = chunk.iter().flat_map(|(tenant, id)| [*tenant, *id]);
        let mut values: Vec<Value> = values.map(Value::from).collect();
        let with = sql::with_values(&ID_COLUMNS, &mut values);
        let columns = rows::COLUMNS;
        let sql = format!(
            "{with} SELECT v_tenant_id, {columns} FROM v \
             JOIN contacts ON contacts.tenant_id = v_tenant_id AND contacts.id = v_id{lock}"
        );
        statements.push((sql, values));
    }
    let mut held = HashMap::with_capacity(ids.len());
    for mut row in tx.query_all(&statements).await?.into_iter().flatten() {
        let tenant = row.int()?;
        let contact = rows::read(&mut row)?;
        held.insert((tenant, contact.id.get()), contact);
    }
    Ok(held)
}

const SETS_NAME: i64 = 1;
const SETS_EMAIL: i64 = 2;
const SETS_CLAIM: i64 = 4;

/// The columns that [`update`] reads, those that an API changes first.
const UPDATE_COLUMNS: [(&str, &str); 22] = [
    ("v_tenant_id", "BIGINT"),
    ("v_id", "BIGINT"),
    ("v_at", "BIGINT"),
    ("v_sets", "BIGINT"),
    ("v_full_name", "TEXT"),
    ("v_first_name", "TEXT"),
    ("v_last_name", "TEXT"),
    ("v_email", "TEXT"),
    ("v_email_key", "TEXT"),
    ("v_wa_id_claim", "TEXT"),
    ("v_tags", "TEXT"),
    ("v_type", "TEXT"),
    ("v_source_id", "BIGINT"),
    ("v_status_id", "BIGINT"),
    ("v_assignee_id", "BIGINT"),
    ("v_company", "TEXT"),
    ("v_description", "TEXT"),
    ("v_street", "TEXT"),
    ("v_city", "TEXT"),
    ("v_state", "TEXT"),
    ("v_zip", "TEXT"),
    ("v_country_id", "BIGINT"),
];

/// As many of these are all that most changes need.
const COMMON: usize = 10;

/// A change of a contact: whose, of which one, when, and what.
pub(crate) type Change<'c> = (i64, i64, Timestamp, &'c ContactChanges);

/// Returns the statement that changes what is mentioned, each contact at most once, and returns the
/// contacts as they are then, after their tenants.
pub(crate) fn update(changes: &[Change<'_>]) -> Statement {
    let only_common = changes
        .iter()
        .all(|(_, _, _, changes)| changes.rest.is_none());
    let (used, rest) = if only_common {
        UPDATE_COLUMNS.split_at(COMMON)
    } else {
        (&UPDATE_COLUMNS[..], &UPDATE_COLUMNS[COMMON..])
    };
    let of_row = |change: &Change<'_>| change_values(change).into_iter().take(used.len());
    let mut values: Vec<Value> = changes.iter().flat_map(of_row).collect();
    let with = sql::with_values(used, &mut values);
    let columns = rows::COLUMNS;
    let set = |bit: i64, column: &str| {
        format!("{column} = CASE WHEN v_sets & {bit} <> 0 THEN v_{column} ELSE {column} END")
    };
    let mut sets = vec![
        set(SETS_NAME, "full_name"),
        set(SETS_NAME, "first_name"),
        set(SETS_NAME, "last_name"),
        set(SETS_EMAIL, "email"),
        set(SETS_EMAIL, "email_key"),
        set(SETS_CLAIM, "wa_id_claim"),
    ];
    if !only_common {
        let column = |v_column: &'static str| v_column.trim_start_matches("v_");
        let columns = rest.iter().map(|(v_column, _)| column(v_column));
        sets.extend(columns.map(|it| format!("{it} = COALESCE(v_{it}, {it})")));
    }
    let sets = sets.join(", ");
    let sql = format!(
        "{with} UPDATE contacts SET {sets}, updated_at = v_at FROM v \
         WHERE contacts.tenant_id = v_tenant_id AND contacts.id = v_id \
         RETURNING contacts.tenant_id, {columns}"
    );
    (sql, values)
}

fn change_values((tenant, id, at, changes): &Change<'_>) -> [Value; UPDATE_COLUMNS.len()] {
    let bit = |is_set: bool, bit: i64| if is_set { bit } else { 0 };
    let sets = bit(changes.name.is_mentioned(), SETS_NAME)
        | bit(changes.email.is_mentioned(), SETS_EMAIL)
        | bit(changes.wa_id_claim.is_mentioned(), SETS_CLAIM);
    let name = changes.name.value();
    let email = changes.email.value();
    let nothing = RestChanges::default();
    let rest = changes.rest.as_deref().unwrap_or(&nothing);
    let address = &rest.address;
    [
        (*tenant).into(),
        (*id).into(),
        (*at).into(),
        sets.into(),
        name.and_then(|name| name.full.as_deref()).into(),
        name.and_then(|name| name.first.as_deref()).into(),
        name.and_then(|name| name.last.as_deref()).into(),
        email.map(String::as_str).into(),
        email.map(|email| email_key(email)).into(),
        changes.wa_id_claim.value().map(String::as_str).into(),
        rest.tags.as_deref().map(rows::write_tags).into(),
        rest.kind.map(ContactType::as_str).into(),
        rest.source_id.map(SourceId::get).into(),
        rest.status_id.map(StatusId::get).into(),
        rest.assignee_id.into(),
        rest.company.as_deref().into(),
        rest.description.as_deref().into(),
        address.street.as_deref().into(),
        address.city.as_deref().into(),
        address.state.as_deref().into(),
        address.zip.as_deref().into(),
        address.country_id.into(),
    ]
}
