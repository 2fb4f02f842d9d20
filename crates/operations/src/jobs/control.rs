//! Looking at jobs, and stopping them.

use domain::ids::JobId;
use storage::{Job, JobProgress};

use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

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
    /// how many they are, or nothing where the job is not at its end.
    pub async fn retry_job(&self, caller: &Caller, id: JobId) -> Result<Option<i64>> {
        let at = self.clock().now();
        Ok(self.store(caller).retry_job(id, at).await?)
    }
}
