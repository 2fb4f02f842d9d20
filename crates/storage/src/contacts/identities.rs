//! Who has which identity.

use std::collections::HashMap;

use domain::identity::{FormerIdentity, Identity, IdentityKind};
use domain::ids::ContactId;

use crate::error::Result;
use crate::sql;
use crate::store::Store;
use crate::tx::Tx;
use crate::value::{Row, Value};

/// An identity and the tenant it counts for.
pub(crate) type Key = (i64, Identity);

impl Store {
    /// Returns what a contact is recognised by.
    pub async fn identities_of_contact(&self, contact: ContactId) -> Result<Vec<Identity>> {
        let values = [self.tenant_value(), contact.get().into()];
        let sql = "SELECT kind, scope, key FROM identities \
             WHERE tenant_id = ?1 AND contact_id = ?2 ORDER BY kind, scope, key";
        self.rows(sql, values, read).await
    }

    /// Returns what a contact was recognised by once, oldest first.
    pub async fn former_identities_of_contact(
        &self,
        contact: ContactId,
    ) -> Result<Vec<FormerIdentity>> {
        let values = [self.tenant_value(), contact.get().into()];
        let sql = "SELECT kind, scope, key, ended_at FROM former_identities \
             WHERE tenant_id = ?1 AND contact_id = ?2 ORDER BY ended_at, kind, scope, key";
        let rows = self
            .database
            .read(|tx| Box::pin(async move { tx.query(sql, &values).await }))
            .await?;
        let read = |mut row: Row| {
            Ok(FormerIdentity {
                identity: read(&mut row)?,
                ended_at: row.time()?,
            })
        };
        rows.into_iter().map(read).collect()
    }
}

fn read(row: &mut Row) -> Result<Identity> {
    Ok(Identity {
        kind: row.word(IdentityKind::parse)?,
        scope: row.text()?,
        key: row.text()?,
    })
}

const KEY_COLUMNS: [(&str, &str); 4] = [
    ("v_tenant_id", "BIGINT"),
    ("v_kind", "TEXT"),
    ("v_scope", "TEXT"),
    ("v_key", "TEXT"),
];

fn push((tenant, identity): &Key, values: &mut Vec<Value>) {
    values.extend([(*tenant).into(), identity.kind.as_str().into()]);
    values.extend([identity.scope.as_str().into(), identity.key.as_str().into()]);
}

/// Returns the contacts that have these identities.
pub(super) async fn owners(tx: &mut Tx, keys: &[Key]) -> Result<HashMap<Key, i64>> {
    let mut statements = Vec::new();
    for chunk in keys.chunks(sql::MAX_ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * KEY_COLUMNS.len());
        chunk.iter().for_each(|key| push(key, &mut values));
        let with = sql::with_values(&KEY_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT v_tenant_id, v_kind, v_scope, v_key, i.contact_id FROM v \
             JOIN identities i ON i.tenant_id = v_tenant_id AND i.kind = v_kind \
                 AND i.scope = v_scope AND i.key = v_key"
        );
        statements.push((sql, values));
    }
    let mut owners = HashMap::with_capacity(keys.len());
    for mut row in tx.query_all(&statements).await?.into_iter().flatten() {
        let key = (row.int()?, read(&mut row)?);
        owners.insert(key, row.int()?);
    }
    Ok(owners)
}

const COLUMNS: [(&str, &str); 5] = [
    ("tenant_id", "BIGINT"),
    ("kind", "TEXT"),
    ("scope", "TEXT"),
    ("key", "TEXT"),
    ("contact_id", "BIGINT"),
];

/// Gives identities to contacts, but for those that somebody has; returns the ones that were given.
///
/// In the order of the identities, so that two writers never wait for each other.
pub(super) async fn give(tx: &mut Tx, mut gifts: Vec<(Key, i64)>) -> Result<Vec<Key>> {
    gifts.sort_unstable();
    let mut statements = Vec::new();
    for chunk in gifts.chunks(sql::MAX_ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for (key, contact) in chunk {
            push(key, &mut values);
            values.push((*contact).into());
        }
        let insert = sql::insert("identities", &COLUMNS, &mut values);
        let returning = "ON CONFLICT DO NOTHING RETURNING tenant_id, kind, scope, key";
        statements.push((format!("{insert} {returning}"), values));
    }
    let given = tx.query_all(&statements).await?.into_iter().flatten();
    let read = |mut row: Row| Ok((row.int()?, read(&mut row)?));
    given.map(read).collect()
}
