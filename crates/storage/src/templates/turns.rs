//! Whose templates Meta is asked for, and when.

use domain::ids::TenantId;
use jiff::Timestamp;

use crate::error::Result;
use crate::store::Store;
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::Row;

/// When an account's templates were and will be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountTurn {
    /// When Meta was last asked; never, where its list is not here yet.
    pub synced_at: Option<Timestamp>,
    /// When it is asked next.
    pub due_at: Timestamp,
}

/// An account whose templates are to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueAccount {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub waba_id: String,
    /// Since when.
    pub due_at: Timestamp,
}

impl Store {
    /// Returns when an account's templates were and will be asked for.
    pub async fn template_turn(&self, waba_id: &str) -> Result<Option<AccountTurn>> {
        let sql = "SELECT synced_at, due_at FROM template_syncs \
             WHERE tenant_id = ?1 AND waba_id = ?2";
        let values = [self.tenant_value(), waba_id.into()];
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        row.map(|mut row| {
            Ok(AccountTurn {
                synced_at: row.opt_time()?,
                due_at: row.time()?,
            })
        })
        .transpose()
    }

    /// Forgets an account that the tenant has no number of any more, with its templates.
    pub async fn forget_templates(&self, waba_id: &str) -> Result<()> {
        let values = [self.tenant_value(), waba_id.into()];
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move {
                    let sql = "DELETE FROM templates WHERE tenant_id = ?1 AND waba_id = ?2";
                    tx.execute(sql, &values).await?;
                    let sql = "DELETE FROM template_syncs WHERE tenant_id = ?1 AND waba_id = ?2";
                    tx.execute(sql, &values).await.map(drop)
                })
            }))
            .await
    }
}

impl System {
    /// Returns some of the accounts whose templates are to be asked for, those due longest first.
    pub async fn due_template_accounts(&self, now: Timestamp) -> Result<Vec<DueAccount>> {
        let values = [now.into()];
        // global: every tenant's accounts in turn.
        let sql = "SELECT tenant_id, waba_id, due_at FROM template_syncs WHERE due_at <= ?1 \
             ORDER BY due_at, tenant_id, waba_id LIMIT 20";
        let rows = self
            .database()
            .read(|tx| Box::pin(async move { tx.query(sql, &values).await }))
            .await?;
        let read = |mut row: Row| {
            Ok(DueAccount {
                tenant_id: row.id(TenantId::new)?,
                waba_id: row.text()?,
                due_at: row.time()?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Lets an account wait that Meta would not tell of.
    pub async fn put_off_templates(&self, account: &DueAccount, until: Timestamp) -> Result<()> {
        let values = [
            account.tenant_id.get().into(),
            account.waba_id.as_str().into(),
            until.into(),
        ];
        self.database()
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move {
                    let sql = "UPDATE template_syncs SET due_at = ?3 \
                         WHERE tenant_id = ?1 AND waba_id = ?2 AND due_at < ?3";
                    tx.execute(sql, &values).await.map(drop)
                })
            }))
            .await
    }
}

/// Lets Meta be asked for an account's templates, now that the tenant has a number of it.
pub(crate) async fn expect_account(
    tx: &mut Tx,
    tenant: i64,
    waba_id: &str,
    at: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO template_syncs (tenant_id, waba_id, due_at) VALUES (?1, ?2, ?3) \
         ON CONFLICT DO NOTHING";
    tx.execute(sql, &[tenant.into(), waba_id.into(), at.into()])
        .await
        .map(drop)
}

/// How long after news of a template Meta is asked for all of them, so that news that come together
/// are one question: 5 seconds, in microseconds.
const SOON: i64 = 5_000_000;

/// Lets Meta be asked for an account's templates a moment after `at`. An earlier time that has come
/// is put off, for somebody may be asking just now, and not hear of this.
pub(crate) async fn ask_again(
    tx: &mut Tx,
    tenant: i64,
    waba_id: &str,
    at: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO template_syncs (tenant_id, waba_id, due_at) VALUES (?1, ?2, ?4) \
         ON CONFLICT (tenant_id, waba_id) DO UPDATE SET due_at = excluded.due_at \
         WHERE template_syncs.due_at <= ?3 OR template_syncs.due_at > excluded.due_at";
    let soon = at.as_microsecond() + SOON;
    let values = [tenant.into(), waba_id.into(), at.into(), soon.into()];
    tx.execute(sql, &values).await.map(drop)
}
