//! Leases: what only one process may do at a time, taken over when its holder is gone.
//!
//! A lease names its holder and an epoch that rises with every new holder. Whoever writes under a
//! lease says its epoch in the same transaction, so that a holder that was slow to notice its end
//! changes nothing. On Postgres time is the database's own: the clocks of nodes differ.

use crate::error::{Error, Result};
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::Value;

/// What a lease is for: of a tenant, or of the instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LeaseName {
    /// Whose it is; 0 for the instance.
    pub tenant: i64,
    /// What it is for, such as `lane/12`.
    pub name: String,
}

/// A lease that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What it is for.
    pub name: LeaseName,
    /// Which holder this is, counted from the first.
    pub epoch: i64,
}

impl System {
    /// Takes a lease for some seconds unless somebody else holds it.
    ///
    /// An embedded database has one server, so there nobody else does.
    pub async fn take_lease(
        &self,
        name: &LeaseName,
        holder: &str,
        seconds: i64,
    ) -> Result<Option<Lease>> {
        let values = [
            name.tenant.into(),
            name.name.as_str().into(),
            holder.into(),
            (seconds * 1_000_000).into(),
        ];
        let unit = work(move |tx| {
            let values = values.clone();
            Box::pin(async move { take(tx, &values).await })
        });
        let epoch = self.database().write(unit).await?;
        Ok(epoch.map(|epoch| Lease {
            name: name.clone(),
            epoch,
        }))
    }

    /// Holds a lease for some seconds more; `false` where it is somebody else's by now.
    pub async fn renew_lease(&self, lease: &Lease, seconds: i64) -> Result<bool> {
        let sql = |tx: &Tx| {
            let now = now(tx);
            format!(
                "UPDATE leases SET expires_at = {now} + ?4 \
                 WHERE tenant_id = ?1 AND name = ?2 AND epoch = ?3"
            )
        };
        self.touch_lease(lease, sql, seconds * 1_000_000).await
    }

    /// Gives a lease back, so that nobody waits for its end.
    pub async fn release_lease(&self, lease: &Lease) -> Result<()> {
        let sql = |_: &Tx| {
            "UPDATE leases SET expires_at = ?4 WHERE tenant_id = ?1 AND name = ?2 AND epoch = ?3"
                .to_owned()
        };
        self.touch_lease(lease, sql, 0).await.map(drop)
    }

    async fn touch_lease(
        &self,
        lease: &Lease,
        sql: impl Fn(&Tx) -> String + Send + Sync + Copy + 'static,
        last: i64,
    ) -> Result<bool> {
        let values = [
            lease.name.tenant.into(),
            lease.name.name.as_str().into(),
            lease.epoch.into(),
            last.into(),
        ];
        let unit = work(move |tx| {
            let values = values.clone();
            Box::pin(async move {
                let sql = sql(tx);
                Ok(tx.execute(&sql, &values).await? == 1)
            })
        });
        self.database().write(unit).await
    }
}

async fn take(tx: &mut Tx, values: &[Value]) -> Result<Option<i64>> {
    let now = now(tx);
    let is_free = match tx {
        Tx::Lite(_) => "1 = 1".to_owned(),
        Tx::Pg(_) | Tx::PgReads(_) => format!("leases.expires_at < {now}"),
    };
    let sql = format!(
        "INSERT INTO leases (tenant_id, name, holder, epoch, expires_at) \
         VALUES (?1, ?2, ?3, 1, {now} + ?4) ON CONFLICT (tenant_id, name) DO UPDATE \
         SET holder = excluded.holder, epoch = leases.epoch + 1, \
             expires_at = excluded.expires_at \
         WHERE {is_free} OR leases.holder = excluded.holder RETURNING epoch"
    );
    let row = tx.first(&sql, values).await?;
    row.map(|mut row| row.int()).transpose()
}

/// Fails unless the lease is still this holder's, and keeps it so until the commit.
pub(crate) async fn must_hold(tx: &mut Tx, lease: &Lease) -> Result<()> {
    let share = match tx {
        Tx::Lite(_) => "",
        Tx::Pg(_) | Tx::PgReads(_) => " FOR SHARE",
    };
    let sql = format!("SELECT epoch FROM leases WHERE tenant_id = ?1 AND name = ?2{share}");
    let values = [lease.name.tenant.into(), lease.name.name.as_str().into()];
    let row = tx.first(&sql, &values).await?;
    let epoch = row.map(|mut row| row.int()).transpose()?;
    if epoch == Some(lease.epoch) {
        Ok(())
    } else {
        Err(Error::LeaseLost)
    }
}

/// The time in microseconds, as the database has it.
fn now(tx: &Tx) -> &'static str {
    match tx {
        Tx::Lite(_) => "(unixepoch('subsec') * 1000000)",
        Tx::Pg(_) | Tx::PgReads(_) => {
            "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
        }
    }
}
