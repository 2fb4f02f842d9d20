//! Starting, stopping and ending jobs, and how far they are.

use domain::ids::JobId;
use domain::message::{Kind, Status};
use jiff::Timestamp;

use super::forget::remembered;
use super::rows::{Job, RecipientState};
use crate::error::Result;
use crate::leases::{Lease, must_hold};
use crate::messages::FORGET_CODE;
use crate::store::Store;
use crate::tallies::{Counted, Moves};
use crate::tx::{Tx, work};
use crate::value::Value;

/// What became of a job's recipients, one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobProgress {
    /// How many have which state, and why where there is a reason.
    pub recipients: Vec<(RecipientState, Option<String>, i64)>,
    /// How many of their messages got how far.
    pub messages: Vec<(Status, i64)>,
}

impl Store {
    /// Begins a job that waits; `false` where somebody stopped it.
    pub async fn start_job(&self, lease: &Lease, id: JobId, at: Timestamp) -> Result<bool> {
        let sql = "UPDATE jobs SET state = 'processing', started_at = COALESCE(started_at, ?3) \
             WHERE tenant_id = ?1 AND id = ?2 AND state = 'pending'";
        self.change_as_worker(lease, sql, vec![id.get().into(), at.into()])
            .await
    }

    /// Has a job looked at again only later.
    pub async fn postpone_job(&self, lease: &Lease, id: JobId, due_at: Timestamp) -> Result<bool> {
        let sql = "UPDATE jobs SET due_at = ?3 \
             WHERE tenant_id = ?1 AND id = ?2 AND due_at IS NOT NULL";
        self.change_as_worker(lease, sql, vec![id.get().into(), due_at.into()])
            .await
    }

    /// Ends a job: it is completed, or failed where nobody could be written to, or for a reason.
    pub async fn finish_job(
        &self,
        lease: &Lease,
        id: JobId,
        (why, at): (Option<&str>, Timestamp),
    ) -> Result<bool> {
        let sql = "UPDATE jobs SET why = ?3, due_at = NULL, finished_at = ?4, state = CASE \
             WHEN CAST(?3 AS TEXT) IS NOT NULL OR (queued = 0 AND failed > 0) THEN 'failed' \
             ELSE 'completed' END WHERE tenant_id = ?1 AND id = ?2 AND state = 'processing'";
        self.change_as_worker(lease, sql, vec![id.get().into(), why.into(), at.into()])
            .await
    }

    /// Forgets a job that was never written down whole.
    pub async fn forget_job(&self, lease: &Lease, id: JobId) -> Result<bool> {
        let sql = "DELETE FROM jobs WHERE tenant_id = ?1 AND id = ?2 AND state = 'arriving'";
        self.change_as_worker(lease, sql, vec![id.get().into()])
            .await
    }

    /// Stops a job for now; `false` where it neither waits nor is worked on.
    pub async fn pause_job(&self, id: JobId, why: &str) -> Result<bool> {
        let sql = "UPDATE jobs SET state = 'paused', why = ?3, due_at = NULL \
             WHERE tenant_id = ?1 AND id = ?2 AND state IN ('pending', 'processing')";
        self.change_job(sql, vec![id.get().into(), why.into()])
            .await
    }

    /// Goes on with a job; `false` where it is not paused.
    pub async fn resume_job(&self, id: JobId, at: Timestamp) -> Result<bool> {
        let sql = "UPDATE jobs SET why = NULL, \
             state = CASE WHEN started_at IS NULL THEN 'pending' ELSE 'processing' END, \
             due_at = CASE WHEN started_at IS NULL AND scheduled_at > ?3 THEN scheduled_at \
             ELSE ?3 END WHERE tenant_id = ?1 AND id = ?2 AND state = 'paused'";
        self.change_job(sql, vec![id.get().into(), at.into()]).await
    }

    /// Stops a job for good and takes back what has not left; `false` where it is at its end.
    pub async fn cancel_job(&self, id: JobId, at: Timestamp) -> Result<bool> {
        let (tenant, id) = (self.tenant.get(), id.get());
        self.database
            .write(work(move |tx| Box::pin(cancel(tx, tenant, id, at))))
            .await
    }

    /// Has everybody written to again who could not be, or whose message failed; returns how many
    /// they are, or nothing where the job is not at its end or its recipients are forgotten.
    pub async fn retry_job(&self, id: JobId, at: Timestamp) -> Result<Option<i64>> {
        let (tenant, id) = (self.tenant.get(), id.get());
        self.database
            .write(work(move |tx| Box::pin(retry(tx, tenant, id, at))))
            .await
    }

    /// Counts what became of a job's recipients, one by one; of those that were forgotten the job
    /// knows how many there were.
    pub async fn job_progress(&self, job: &Job) -> Result<JobProgress> {
        if !job.has_recipients {
            return Ok(remembered(job));
        }
        let values = [self.tenant_value(), job.id.get().into()];
        self.database
            .read(|tx| Box::pin(async move { progress(tx, &values).await }))
            .await
    }

    async fn change_job(&self, sql: &'static str, more: Vec<Value>) -> Result<bool> {
        let values = [vec![self.tenant_value()], more].concat();
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { Ok(tx.execute(sql, &values).await? == 1) })
            }))
            .await
    }

    async fn change_as_worker(
        &self,
        lease: &Lease,
        sql: &'static str,
        more: Vec<Value>,
    ) -> Result<bool> {
        let values = [vec![self.tenant_value()], more].concat();
        let lease = lease.clone();
        self.database
            .write(work(move |tx| {
                let (values, lease) = (values.clone(), lease.clone());
                Box::pin(async move {
                    must_hold(tx, &lease).await?;
                    Ok(tx.execute(sql, &values).await? == 1)
                })
            }))
            .await
    }
}

async fn cancel(tx: &mut Tx, tenant: i64, id: i64, at: Timestamp) -> Result<bool> {
    let sql = "UPDATE jobs SET state = 'cancelled', due_at = NULL, finished_at = ?3 \
         WHERE tenant_id = ?1 AND id = ?2 AND state IN ('pending', 'processing', 'paused') \
         RETURNING channel_id";
    let Some(mut row) = tx
        .first(sql, &[tenant.into(), id.into(), at.into()])
        .await?
    else {
        return Ok(false);
    };
    let channel = row.int()?;
    // Those under way by one number are few: a job queues a few seconds' worth. The list is the
    // index's own condition.
    let sql = format!(
        "UPDATE messages SET status = 'cancelled', updated_at = ?4, {FORGET_CODE} \
         WHERE tenant_id = ?1 AND channel_id = ?2 AND job_id = ?3 AND status = 'queued' \
         AND status IN ('queued', 'sending') RETURNING id, kind, created_at"
    );
    let values = [tenant.into(), channel.into(), id.into(), at.into()];
    let mut moves = Moves::default();
    for mut row in tx.query(&sql, &values).await? {
        let message = Counted {
            tenant,
            id: row.int()?,
            kind: row.word(Kind::parse)?,
            at: row.time()?,
        };
        moves.moved(message, Status::Queued, Status::Cancelled);
    }
    moves.write(tx).await?;
    let sql = "UPDATE job_recipients SET state = 'cancelled' \
         WHERE tenant_id = ?1 AND job_id = ?2 AND state = 'waiting'";
    tx.execute(sql, &[tenant.into(), id.into()]).await?;
    Ok(true)
}

async fn retry(tx: &mut Tx, tenant: i64, id: i64, at: Timestamp) -> Result<Option<i64>> {
    let lock = tx.for_update();
    let key = [tenant.into(), id.into()];
    let sql = format!(
        "SELECT 1 FROM jobs WHERE tenant_id = ?1 AND id = ?2 \
         AND state IN ('completed', 'failed') AND recipients_kept = 'all'{lock}"
    );
    if tx.first(&sql, &key).await?.is_none() {
        return Ok(None);
    }
    let again = "UPDATE job_recipients SET state = 'waiting', why = NULL, message_id = NULL \
         WHERE tenant_id = ?1 AND job_id = ?2";
    let failed = count(
        tx.execute(&format!("{again} AND state = 'failed'"), &key)
            .await?,
    );
    // One that nobody knows of is never sent again.
    let sql = format!(
        "{again} AND state = 'queued' AND EXISTS (SELECT 1 FROM messages m \
         WHERE m.tenant_id = job_recipients.tenant_id AND m.id = job_recipients.message_id \
         AND m.status = 'failed')"
    );
    let lost = count(tx.execute(&sql, &key).await?);
    if failed + lost == 0 {
        return Ok(Some(0));
    }
    let [tenant, id] = key;
    let values = [tenant, id, failed.into(), lost.into(), at.into()];
    let sql = "UPDATE jobs SET state = 'processing', why = NULL, reached = 0, \
         failed = failed - ?3, queued = queued - ?4, due_at = ?5, finished_at = NULL \
         WHERE tenant_id = ?1 AND id = ?2";
    tx.execute(sql, &values).await?;
    Ok(Some(failed + lost))
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

async fn progress(tx: &mut Tx, values: &[Value]) -> Result<JobProgress> {
    let sql = "SELECT state, why, COUNT(*) FROM job_recipients \
         WHERE tenant_id = ?1 AND job_id = ?2 GROUP BY state, why ORDER BY state, why";
    let mut progress = JobProgress::default();
    for mut row in tx.query(sql, values).await? {
        let state = row.word(RecipientState::parse)?;
        progress
            .recipients
            .push((state, row.opt_text()?, row.int()?));
    }
    let sql = "SELECT m.status, COUNT(*) FROM job_recipients r \
         JOIN messages m ON m.tenant_id = r.tenant_id AND m.id = r.message_id \
         WHERE r.tenant_id = ?1 AND r.job_id = ?2 GROUP BY m.status ORDER BY m.status";
    for mut row in tx.query(sql, values).await? {
        progress
            .messages
            .push((row.word(Status::parse)?, row.int()?));
    }
    Ok(progress)
}
