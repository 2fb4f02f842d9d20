//! Forgetting the recipients of jobs that ended long ago.

use jiff::Timestamp;

use super::feed::{DueJob, read_due};
use super::rows::Job;
use super::{JobProgress, RecipientState};
use crate::error::Result;
use crate::store::Store;
use crate::system::System;
use crate::tx::{Tx, work};

/// As many recipients are forgotten in one transaction.
const PORTION: i64 = 2_000;

impl System {
    /// Returns jobs that ended before an instant and still have recipients, those that ended first.
    pub async fn jobs_to_forget(&self, before: Timestamp, limit: i64) -> Result<Vec<DueJob>> {
        self.database()
            .read(|tx| {
                Box::pin(async move {
                    // global: every tenant's jobs in turn. The conditions are the index's own.
                    let sql = "SELECT tenant_id, id FROM jobs WHERE finished_at IS NOT NULL \
                         AND recipients_kept <> 'none' AND finished_at < ?1 \
                         ORDER BY finished_at, tenant_id, id LIMIT ?2";
                    let rows = tx.query(sql, &[before.into(), limit.into()]).await?;
                    rows.into_iter().map(read_due).collect()
                })
            })
            .await
    }
}

impl Store {
    /// Forgets some recipients of a job that ended before an instant; `false` where none are left,
    /// or the job goes on. The job itself and its counts stay.
    pub async fn forget_recipients(&self, job: DueJob, before: Timestamp) -> Result<bool> {
        let (tenant, job) = (self.tenant.get(), job.job_id.get());
        self.database
            .write(work(move |tx| {
                Box::pin(async move { forget(tx, (tenant, job), before).await })
            }))
            .await
    }
}

async fn forget(tx: &mut Tx, (tenant, job): (i64, i64), before: Timestamp) -> Result<bool> {
    let key = [tenant.into(), job.into(), before.into()];
    // Held until the commit, so that nobody has it begin anew meanwhile.
    let sql = "UPDATE jobs SET recipients_kept = 'some' WHERE tenant_id = ?1 AND id = ?2 \
         AND finished_at < ?3 AND recipients_kept <> 'none'";
    if tx.execute(sql, &key).await? == 0 {
        return Ok(false);
    }
    let sql = "DELETE FROM job_recipients WHERE tenant_id = ?1 AND job_id = ?2 AND n IN \
         (SELECT r.n FROM job_recipients r WHERE r.tenant_id = ?1 AND r.job_id = ?2 \
             ORDER BY r.n LIMIT ?3)";
    let portion = [tenant.into(), job.into(), PORTION.into()];
    if tx.execute(sql, &portion).await? >= PORTION.unsigned_abs() {
        return Ok(true);
    }
    let sql = "UPDATE jobs SET recipients_kept = 'none' WHERE tenant_id = ?1 AND id = ?2";
    tx.execute(sql, &key[..2]).await?;
    Ok(false)
}

/// Returns what a job itself knows of its recipients.
pub(super) fn remembered(job: &Job) -> JobProgress {
    let ended = job.queued + job.skipped + job.failed + job.duplicates;
    let counts = [
        (RecipientState::Queued, job.queued),
        (RecipientState::Skipped, job.skipped),
        (RecipientState::Failed, job.failed),
        (RecipientState::Duplicate, job.duplicates),
        (RecipientState::Cancelled, job.recipients - ended),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    JobProgress {
        recipients: counts.map(|(state, count)| (state, None, count)).collect(),
        messages: Vec::new(),
    }
}
