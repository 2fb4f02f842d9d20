//! Writing a job down.

use domain::Phone;
use domain::ids::{ChannelId, ContactId, JobId, TemplateId};
use jiff::{SignedDuration, Timestamp};

use super::rows::{JobState, RecipientState};
use crate::error::{Error, Result};
use crate::sql;
use crate::store::Store;
use crate::tx::work;
use crate::value::Value;

/// A job that was not opened by then never will be: whoever wrote it down is gone.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// As many recipients are written in one transaction.
const PORTION: usize = 2_000;

/// A job to be made.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The number it is sent from.
    pub channel_id: ChannelId,
    /// What is sent.
    pub template_id: TemplateId,
    /// What is put into the template's header, as JSON.
    pub header: Option<String>,
    /// When it is to begin; `None` is at once.
    pub scheduled_at: Option<Timestamp>,
    /// How many messages an hour it may send.
    pub throttle_per_hour: Option<i64>,
    /// Who makes it.
    pub made_by: Option<String>,
    /// When it is made.
    pub at: Timestamp,
}

/// A recipient of a job that is being made.
#[derive(Clone, Debug)]
pub struct NewRecipient {
    /// The contact, where the caller named it.
    pub contact_id: Option<ContactId>,
    /// The number, where the caller named that.
    pub phone: Option<Phone>,
    /// What is put into the template for them, as JSON.
    pub filling: Option<String>,
    /// Whether they are in the job before.
    pub is_duplicate: bool,
}

const COLUMNS: [(&str, &str); 8] = [
    ("tenant_id", "BIGINT"),
    ("job_id", "BIGINT"),
    ("n", "BIGINT"),
    ("contact_id", "BIGINT"),
    ("phone", "TEXT"),
    ("phone_given", "TEXT"),
    ("filling", "TEXT"),
    ("state", "TEXT"),
];

impl Store {
    /// Writes a job and its recipients down, some at a time, and opens it when all are there.
    pub async fn create_job(&self, new: NewJob, recipients: Vec<NewRecipient>) -> Result<JobId> {
        let fresh = self.database.next_id().await?;
        let id = JobId::new(fresh).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))?;
        self.begin_job(id, &new, &recipients).await?;
        let mut rest = recipients.into_iter();
        let mut n = 0;
        while rest.len() > 0 {
            let portion: Vec<NewRecipient> = rest.by_ref().take(PORTION).collect();
            let count = i64::try_from(portion.len()).unwrap_or(0);
            self.add_recipients(id, n, portion).await?;
            n += count;
        }
        self.open_job(id, new.scheduled_at.unwrap_or(new.at))
            .await?;
        Ok(id)
    }

    async fn begin_job(&self, id: JobId, new: &NewJob, all: &[NewRecipient]) -> Result<()> {
        let count = |count: usize| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
        let duplicates = all.iter().filter(|it| it.is_duplicate).count();
        let values = [
            self.tenant_value(),
            id.get().into(),
            new.channel_id.get().into(),
            new.template_id.get().into(),
            new.header.as_deref().into(),
            JobState::Arriving.as_str().into(),
            (new.at + GIVEN_UP_AFTER).into(),
            new.scheduled_at.into(),
            new.throttle_per_hour.into(),
            count(all.len()),
            count(duplicates),
            new.made_by.as_deref().into(),
            new.at.into(),
        ];
        let sql = "INSERT INTO jobs (tenant_id, id, channel_id, template_id, header, state, \
             due_at, scheduled_at, throttle_per_hour, recipients, duplicates, made_by, \
             created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(sql, &values).await.map(drop) })
            }))
            .await
    }

    /// Writes recipients down, of whom the first is the one after `n`.
    async fn add_recipients(&self, job: JobId, n: i64, all: Vec<NewRecipient>) -> Result<()> {
        let tenant = self.tenant_value();
        let (mut statements, mut n) = (Vec::new(), n);
        for chunk in all.chunks(sql::MAX_ROWS) {
            let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
            for new in chunk {
                n += 1;
                let state = if new.is_duplicate {
                    RecipientState::Duplicate
                } else {
                    RecipientState::Waiting
                };
                values.extend([tenant.clone(), job.get().into(), n.into()]);
                values.push(new.contact_id.map(ContactId::get).into());
                values.push(new.phone.as_ref().map(Phone::digits).into());
                values.push(new.phone.as_ref().and_then(Phone::given).into());
                values.push(new.filling.as_deref().into());
                values.push(state.as_str().into());
            }
            let sql = sql::insert("job_recipients", &COLUMNS, &mut values);
            statements.push((sql, values));
        }
        let statements = std::sync::Arc::new(statements);
        self.database
            .write(work(move |tx| {
                let statements = std::sync::Arc::clone(&statements);
                Box::pin(async move { tx.query_all(&statements).await.map(drop) })
            }))
            .await
    }

    async fn open_job(&self, id: JobId, due_at: Timestamp) -> Result<()> {
        let values = [self.tenant_value(), id.get().into(), due_at.into()];
        let sql = "UPDATE jobs SET state = 'pending', due_at = ?3 \
             WHERE tenant_id = ?1 AND id = ?2 AND state = 'arriving'";
        let opened = self
            .database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(sql, &values).await })
            }))
            .await?;
        if opened == 1 {
            Ok(())
        } else {
            Err(Error::Unavailable(
                "a job took too long to be written down".into(),
            ))
        }
    }
}
