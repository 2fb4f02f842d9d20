//! Looking at jobs, and stopping them.

use domain::ids::{JobId, TenantId};
use jiff::SignedDuration;
use storage::{Job, JobProgress};

use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

/// As many jobs' recipients are forgotten in a minute.
const AT_ONCE: i64 = 100;

/// A job, and what became of its recipients.
#[derive(Clone, Debug)]
pub struct JobReport {
    /// The job.
    pub job: Job,
    /// What became of its recipients, one by one.
    pub progress: JobProgress,
}

impl Operations {
    /// Returns the tenant's newest jobs, newest first.
    pub async fn jobs(&self, caller: &Caller, limit: i64) -> Result<Vec<Job>> {
        Ok(self.store(caller).jobs(limit).await?)
    }

    /// Returns a job of the tenant, and what became of its recipients.
    pub async fn job_report(&self, caller: &Caller, id: JobId) -> Result<Option<JobReport>> {
        let store = self.store(caller);
        let Some(job) = store.job(id).await? else {
            return Ok(None);
        };
        let progress = store.job_progress(&job).await?;
        Ok(Some(JobReport { job, progress }))
    }

    /// Stops a job for now: what it queued, a few seconds' worth, still leaves. `false` where it
    /// neither waits nor is worked on.
    pub async fn pause_job(&self, caller: &Caller, id: JobId, why: &str) -> Result<bool> {
        Ok(self.store(caller).pause_job(id, why).await?)
    }

    /// Goes on with a job; `false` where it is not paused.
    pub async fn resume_job(&self, caller: &Caller, id: JobId) -> Result<bool> {
        let at = self.clock().now();
        Ok(self.store(caller).resume_job(id, at).await?)
    }

    /// Stops a job for good and takes back what has not left; `false` where it is at its end.
    pub async fn cancel_job(&self, caller: &Caller, id: JobId) -> Result<bool> {
        let at = self.clock().now();
        Ok(self.store(caller).cancel_job(id, at).await?)
    }

    /// Has everybody written to again whose message failed, or who could not be written to; returns
    /// how many they are, or nothing where the job is not at its end or its recipients are
    /// forgotten.
    pub async fn retry_job(&self, caller: &Caller, id: JobId) -> Result<Option<i64>> {
        let at = self.clock().now();
        Ok(self.store(caller).retry_job(id, at).await?)
    }

    /// Forgets the recipients of jobs that ended long ago.
    pub(crate) async fn forget_recipients(&self) -> Result<()> {
        let days = self.job_keep_days();
        let before = self.clock().now() - SignedDuration::from_hours(24 * days);
        let system = self.database().system();
        for job in system.jobs_to_forget(before, AT_ONCE).await? {
            if let Some(tenant) = TenantId::new(job.tenant_id) {
                let store = self.database().store_for(tenant);
                while store.forget_recipients(job, before).await? {}
            }
        }
        Ok(())
    }
}
