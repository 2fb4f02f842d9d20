//! API keys, found by the hash of the secret. The secret itself is kept nowhere.

use domain::ids::{KeyId, TenantId};
use domain::key::{Api, Key, Scopes};
use domain::tenant::Tenant;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tenants;
use crate::tx::Tx;
use crate::value::Row;

/// The SHA-256 of a key's whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

/// A key to be kept.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The hash it is found by.
    pub hash: KeyHash,
    /// The tenant it speaks for.
    pub tenant_id: TenantId,
    /// The API it opens.
    pub api: Api,
    /// What it may do there.
    pub scopes: Scopes,
    /// Its own rate limit; 0 is none.
    pub rate_per_minute: Option<u32>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When it is made.
    pub at: Timestamp,
}

const COLUMNS: &str = "k.id, k.tenant_id, k.api, k.scopes, k.rate_per_minute, k.expires_at, \
     k.revoked_at, k.last_used_at, k.created_at";

fn read(row: &mut Row) -> Result<Key> {
    Ok(Key {
        id: row.id(KeyId::new)?,
        tenant_id: row.id(TenantId::new)?,
        api: row.word(Api::parse)?,
        scopes: row.word(|text| Scopes::parse(text).ok())?,
        rate_per_minute: row.opt_int()?.and_then(|rate| u32::try_from(rate).ok()),
        expires_at: row.opt_time()?,
        revoked_at: row.opt_time()?,
        last_used_at: row.opt_time()?,
        created_at: row.time()?,
    })
}

pub(crate) async fn create(tx: &mut Tx, id: i64, new: &NewKey) -> Result<Key> {
    let sql = "INSERT INTO api_keys AS k (hash, id, tenant_id, api, scopes, rate_per_minute, \
         expires_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let values = [
        new.hash.0.as_slice().into(),
        id.into(),
        new.tenant_id.get().into(),
        new.api.as_str().into(),
        new.scopes.to_string().into(),
        new.rate_per_minute.map(i64::from).into(),
        new.expires_at.into(),
        new.at.into(),
    ];
    tx.execute(sql, &values).await?;
    let missing = || Error::Corrupt("a key vanished while it was made".into());
    by_hash(tx, new.hash)
        .await?
        .map(|(key, _)| key)
        .ok_or_else(missing)
}

pub(crate) async fn by_hash(tx: &mut Tx, hash: KeyHash) -> Result<Option<(Key, Tenant)>> {
    let tenant = tenants::COLUMNS;
    let sql = format!(
        "SELECT {COLUMNS}, {tenant} FROM api_keys k JOIN tenants t ON t.id = k.tenant_id \
         WHERE k.hash = ?1"
    );
    let row = tx.first(&sql, &[hash.0.as_slice().into()]).await?;
    row.map(|mut row| Ok((read(&mut row)?, tenants::read(&mut row)?)))
        .transpose()
}

pub(crate) async fn of_tenant(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Key>> {
    let sql = format!("SELECT {COLUMNS} FROM api_keys k WHERE k.tenant_id = ?1 ORDER BY k.id");
    let rows = tx.query(&sql, &[tenant.get().into()]).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

pub(crate) async fn revoke(tx: &mut Tx, tenant: TenantId, key: i64, at: Timestamp) -> Result<bool> {
    let sql = "UPDATE api_keys SET revoked_at = ?3 \
               WHERE tenant_id = ?1 AND id = ?2 AND revoked_at IS NULL";
    Ok(tx
        .execute(sql, &[tenant.get().into(), key.into(), at.into()])
        .await?
        == 1)
}

pub(crate) async fn touch(tx: &mut Tx, uses: &[(KeyHash, Timestamp)]) -> Result<()> {
    for (hash, at) in uses {
        let sql = "UPDATE api_keys SET last_used_at = ?2 WHERE hash = ?1";
        tx.execute(sql, &[hash.0.as_slice().into(), (*at).into()])
            .await?;
    }
    Ok(())
}
