//! Requests that carry a key of their own, so that each is done once however often it comes, and
//! what they were answered.

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::Value;

/// How many are forgotten of one tenant in one transaction.
const MAX_PRUNED: i64 = 1000;

/// What tells one request from another: where it goes, and the key its sender gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The API and the route.
    pub place: String,
    /// The sender's key.
    pub key: String,
}

/// A request that asks to be done once.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// Its key.
    pub key: RequestKey,
    /// A hash of all that it says.
    pub fingerprint: [u8; 32],
    /// Now.
    pub at: Timestamp,
    /// What is older than this counts no more.
    pub forget_before: Timestamp,
}

/// What is known of a request by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// Nothing: it is to be done, under this id.
    New(i64),
    /// It is being done since then, or was when a process died.
    UnderWay(Timestamp),
    /// It was done, and this was the answer.
    Answered(Vec<u8>),
    /// The key was given to a request that said something else.
    Different,
}

impl Store {
    /// Begins a request unless one with its key is known.
    pub async fn begin_request(&self, new: NewRequest) -> Result<Recalled> {
        let (tenant, id) = (self.tenant.get(), self.database.next_id().await?);
        let key = new.key.clone();
        let begun = self.database.write(work(move |tx| {
            let new = new.clone();
            Box::pin(async move { begin(tx, tenant, id, &new).await })
        }));
        match begun.await {
            // It may have begun all the same, and nobody would end it.
            Err(error @ Error::Unavailable(_)) => {
                drop(self.forget_request(&key, id).await);
                Err(error)
            }
            begun => begun,
        }
    }

    /// Keeps the answer to a request that was begun under this id.
    pub async fn end_request(&self, key: &RequestKey, id: i64, answer: Vec<u8>) -> Result<()> {
        let sql = "UPDATE idempotency_keys SET answer = ?5 \
             WHERE tenant_id = ?1 AND place = ?2 AND key = ?3 AND request_id = ?4";
        let answer = Value::Bytes(answer);
        self.touch_request(sql, key, [id.into(), answer]).await
    }

    /// Forgets a request that was begun under this id and did nothing.
    pub async fn forget_request(&self, key: &RequestKey, id: i64) -> Result<()> {
        let sql = "DELETE FROM idempotency_keys \
             WHERE tenant_id = ?1 AND place = ?2 AND key = ?3 AND request_id = ?4";
        self.touch_request(sql, key, [id.into()]).await
    }

    async fn touch_request<const N: usize>(
        &self,
        sql: &'static str,
        key: &RequestKey,
        last: [Value; N],
    ) -> Result<()> {
        let mut values = vec![
            self.tenant_value(),
            key.place.as_str().into(),
            key.key.as_str().into(),
        ];
        values.extend(last);
        let touch = work(move |tx| {
            let values = values.clone();
            Box::pin(async move { tx.execute(sql, &values).await })
        });
        self.database.write(touch).await.map(drop)
    }
}

async fn begin(tx: &mut Tx, tenant: i64, id: i64, new: &NewRequest) -> Result<Recalled> {
    let sql = "INSERT INTO idempotency_keys \
             (tenant_id, place, key, request_id, fingerprint, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_id, place, key) DO UPDATE \
         SET request_id = excluded.request_id, fingerprint = excluded.fingerprint, \
             answer = NULL, created_at = excluded.created_at \
         WHERE idempotency_keys.created_at < ?7 RETURNING request_id";
    let RequestKey { place, key } = &new.key;
    let values = [
        tenant.into(),
        place.as_str().into(),
        key.as_str().into(),
        id.into(),
        new.fingerprint.as_slice().into(),
        new.at.into(),
        new.forget_before.into(),
    ];
    if tx.first(sql, &values).await?.is_some() {
        return Ok(Recalled::New(id));
    }
    let sql = "SELECT fingerprint, answer, created_at FROM idempotency_keys \
         WHERE tenant_id = ?1 AND place = ?2 AND key = ?3";
    // The conflict locked the row: it is still there.
    let known = tx.first(sql, &values[..3]).await?;
    let mut known = known.ok_or_else(|| Error::lost_race("a request was forgotten meanwhile"))?;
    let (fingerprint, answer, since) = (known.bytes()?, known.opt_bytes()?, known.time()?);
    Ok(match answer {
        _ if fingerprint != new.fingerprint => Recalled::Different,
        Some(answer) => Recalled::Answered(answer),
        None => Recalled::UnderWay(since),
    })
}

/// Forgets requests that were begun before an instant. Loops over tenants: every statement stays
/// within one.
pub(crate) async fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let mut pruned = 0;
    // global: every tenant in turn.
    for mut row in tx.query("SELECT id FROM tenants", &[]).await? {
        let sql = "DELETE FROM idempotency_keys WHERE tenant_id = ?1 AND created_at < ?2 \
             AND created_at <= COALESCE((\
                 SELECT old.created_at FROM idempotency_keys old \
                 WHERE old.tenant_id = ?1 AND old.created_at < ?2 \
                 ORDER BY old.created_at LIMIT 1 OFFSET ?3), ?2)";
        let values = [row.value()?, before.into(), MAX_PRUNED.into()];
        pruned += tx.execute(sql, &values).await?;
    }
    Ok(pruned)
}
