//! Taking recipients up: what becomes of each, and the message to them, in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::ids::{ChannelId, ContactId, JobId};
use jiff::Timestamp;

use super::rows::{Job, RecipientState};
use crate::contacts::survivor;
use crate::error::{Error, Result};
use crate::leases::{Lease, must_hold};
use crate::messages::{Claim, ClaimRow, NewSend, claim};
use crate::sql;
use crate::store::Store;
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// A job that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueJob {
    /// Whose.
    pub tenant_id: i64,
    /// Which.
    pub job_id: JobId,
}

/// What is to become of a recipient.
#[derive(Clone, Debug)]
pub enum Fate {
    /// They are written to, unless they are in the job before or a rule speaks against it.
    Send(Box<NewSend>),
    /// They are not, for this reason.
    End(RecipientState, String),
}

/// Recipients that are taken up together, in their order.
#[derive(Clone, Debug)]
pub struct Portion {
    /// The job.
    pub job_id: JobId,
    /// Each recipient's number, and what is to become of them.
    pub fates: Vec<(i64, Fate)>,
    /// When the job is looked at next, if nobody is written to.
    pub due_at: Timestamp,
    /// How much later for each message, in microseconds.
    pub pace: i64,
}

/// What became of a [`Portion`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// So many messages are queued.
    Queued(i64),
    /// The job was stopped meanwhile; nothing was done.
    Stopped,
    /// Somebody was merged into another meanwhile; nothing was done, and is to be done anew.
    Merged,
}

/// Returns jobs that are due, those due longest first.
async fn due_jobs(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<DueJob>> {
    // global: every tenant's jobs in turn.
    let sql = "SELECT tenant_id, id FROM jobs WHERE due_at IS NOT NULL AND due_at <= ?1 \
         ORDER BY due_at, tenant_id, id LIMIT ?2";
    let rows = tx.query(sql, &[now.into(), limit.into()]).await?;
    rows.into_iter().map(read_due).collect()
}

pub(super) fn read_due(mut row: Row) -> Result<DueJob> {
    Ok(DueJob {
        tenant_id: row.int()?,
        job_id: row.id(JobId::new)?,
    })
}

impl System {
    /// Returns jobs that are due, those due longest first.
    pub async fn due_jobs(&self, now: Timestamp, limit: i64) -> Result<Vec<DueJob>> {
        self.database()
            .read(|tx| Box::pin(due_jobs(tx, now, limit)))
            .await
    }
}

impl Store {
    /// Returns how many messages of a channel are queued and due until an instant, counted no
    /// further than `most`.
    pub async fn queue_length(
        &self,
        channel: ChannelId,
        until: Timestamp,
        most: i64,
    ) -> Result<i64> {
        let values = [
            self.tenant_value(),
            channel.get().into(),
            until.into(),
            most.into(),
        ];
        let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM messages WHERE tenant_id = ?1 \
             AND channel_id = ?2 AND status = 'queued' AND due_at <= ?3 LIMIT ?4) AS waiting";
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        row.map_or(Ok(0), |mut row| row.int())
    }

    /// Returns whether a message of a job is still on its way to Meta.
    pub async fn is_sending_job(&self, job: &Job) -> Result<bool> {
        let values = [
            self.tenant_value(),
            job.channel_id.get().into(),
            job.id.get().into(),
        ];
        let sql = "SELECT 1 FROM messages WHERE tenant_id = ?1 AND channel_id = ?2 \
             AND status IN ('queued', 'sending') AND job_id = ?3 LIMIT 1";
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(sql, &values).await }))
            .await?;
        Ok(row.is_some())
    }

    /// Takes recipients up under the lease of whoever works on jobs: queues the messages to those
    /// who may be written to, and notes what became of each.
    pub async fn feed(&self, lease: &Lease, portion: Portion) -> Result<Fed> {
        let mut sends = HashMap::new();
        for (n, fate) in &portion.fates {
            if let Fate::Send(send) = fate {
                let row = self.claim_row(send.as_ref().clone()).await?;
                sends.insert(*n, row);
            }
        }
        let unit = Arc::new(Feeding {
            tenant: self.tenant.get(),
            lease: lease.clone(),
            portion,
            sends,
        });
        self.database
            .write(work(move |tx| {
                let unit = Arc::clone(&unit);
                Box::pin(async move { unit.run(tx).await })
            }))
            .await
    }
}

#[derive(Debug)]
struct Feeding {
    tenant: i64,
    lease: Lease,
    portion: Portion,
    sends: HashMap<i64, ClaimRow>,
}

/// What became of a recipient.
struct Taken {
    n: i64,
    state: RecipientState,
    why: Option<String>,
    contact: Option<i64>,
    message: Option<i64>,
}

impl Taken {
    fn ended(n: i64, state: RecipientState, why: impl Into<String>) -> Self {
        Self {
            n,
            state,
            why: Some(why.into()),
            contact: None,
            message: None,
        }
    }
}

impl Feeding {
    async fn run(&self, tx: &mut Tx) -> Result<Fed> {
        must_hold(tx, &self.lease).await?;
        if !self.is_processing(tx).await? {
            return Ok(Fed::Stopped);
        }
        let mut taken = Vec::with_capacity(self.portion.fates.len());
        let contacts = self.contacts();
        if !self.hold(tx, &contacts).await? {
            return Ok(Fed::Merged);
        }
        let mut met = self.written_to(tx, &contacts).await?;
        let mut sends: Vec<(i64, &ClaimRow)> = Vec::with_capacity(self.sends.len());
        for (n, fate) in &self.portion.fates {
            match (fate, self.sends.get(n)) {
                (Fate::End(state, why), _) => taken.push(Taken::ended(*n, *state, why.clone())),
                (Fate::Send(send), Some(row)) if met.insert(send.contact_id.get()) => {
                    sends.push((*n, row));
                }
                (Fate::Send(_), _) => {
                    let why = "The job has this person already";
                    taken.push(Taken::ended(*n, RecipientState::Duplicate, why));
                }
            }
        }
        let rows: Vec<&ClaimRow> = sends.iter().map(|(_, row)| *row).collect();
        let claims = claim(tx, &rows).await?;
        for ((n, row), claim) in sends.iter().zip(claims) {
            taken.push(judge(*n, row.contact_id(), claim));
        }
        self.note(tx, &taken).await?;
        self.advance(tx, &taken).await
    }

    /// Keeps others from stopping the job until the commit.
    async fn is_processing(&self, tx: &mut Tx) -> Result<bool> {
        let lock = tx.for_update();
        let sql = format!(
            "SELECT 1 FROM jobs WHERE tenant_id = ?1 AND id = ?2 AND state = 'processing'{lock}"
        );
        let values = [self.tenant.into(), self.portion.job_id.get().into()];
        Ok(tx.first(&sql, &values).await?.is_some())
    }

    /// Returns whom of these recipients a message is for.
    fn contacts(&self) -> Vec<ContactId> {
        let fates = self.portion.fates.iter();
        let mut contacts: Vec<ContactId> = fates
            .filter_map(|(_, fate)| match fate {
                Fate::Send(send) => Some(send.contact_id),
                Fate::End(..) => None,
            })
            .collect();
        contacts.sort_unstable();
        contacts.dedup();
        contacts
    }

    /// Keeps these people from being merged until the commit, so that who was written to stays known
    /// by the id that they have now; `false` where one of them was merged away already.
    async fn hold(&self, tx: &mut Tx, contacts: &[ContactId]) -> Result<bool> {
        let mut missing: HashSet<i64> = contacts.iter().map(|id| id.get()).collect();
        let lock = tx.for_reference();
        for chunk in contacts.chunks(sql::MAX_ROWS) {
            let mut values: Vec<Value> = vec![self.tenant.into()];
            let list = sql::list_of(chunk.iter().map(|id| id.get().into()), &mut values);
            let sql = format!(
                "SELECT id FROM contacts WHERE tenant_id = ?1 AND id IN {list} ORDER BY id{lock}"
            );
            for mut row in tx.query(&sql, &values).await? {
                missing.remove(&row.int()?);
            }
        }
        for contact in missing {
            if survivor(tx, self.tenant, contact).await?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns whom of these people the job has written to.
    async fn written_to(&self, tx: &mut Tx, contacts: &[ContactId]) -> Result<HashSet<i64>> {
        let mut met = HashSet::new();
        for chunk in contacts.chunks(sql::MAX_ROWS) {
            let job = self.portion.job_id.get();
            let mut values: Vec<Value> = vec![self.tenant.into(), job.into()];
            let list = sql::list_of(chunk.iter().map(|id| id.get().into()), &mut values);
            let sql = format!(
                "SELECT contact_id FROM job_recipients WHERE tenant_id = ?1 AND job_id = ?2 \
                 AND contact_id IN {list} AND state = 'queued'"
            );
            for mut row in tx.query(&sql, &values).await? {
                met.insert(row.int()?);
            }
        }
        Ok(met)
    }

    async fn note(&self, tx: &mut Tx, taken: &[Taken]) -> Result<()> {
        for chunk in taken.chunks(sql::MAX_ROWS) {
            let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
            for it in chunk {
                values.extend([self.tenant.into(), self.portion.job_id.get().into()]);
                values.extend([it.n.into(), it.state.as_str().into()]);
                values.push(it.why.as_deref().into());
                values.extend([it.contact.into(), it.message.into()]);
            }
            let with = sql::with_values(&COLUMNS, &mut values);
            let sql = format!(
                "{with} UPDATE job_recipients SET state = v_state, why = v_why, \
                 contact_id = COALESCE(v_contact_id, contact_id), message_id = v_message_id \
                 FROM v WHERE job_recipients.tenant_id = v_tenant_id \
                 AND job_recipients.job_id = v_job_id AND job_recipients.n = v_n \
                 AND job_recipients.state = 'waiting'"
            );
            if tx.execute(&sql, &values).await? != chunk.len() as u64 {
                return Err(Error::lost_race("a recipient was taken up meanwhile"));
            }
        }
        Ok(())
    }

    async fn advance(&self, tx: &mut Tx, taken: &[Taken]) -> Result<Fed> {
        let count = |state: RecipientState| {
            let count = taken.iter().filter(|it| it.state == state).count();
            i64::try_from(count).unwrap_or(0)
        };
        let queued = count(RecipientState::Queued);
        let last = self.portion.fates.iter().map(|(n, _)| *n).max();
        let due_at = self.portion.due_at.as_microsecond() + queued * self.portion.pace;
        let values = [
            self.tenant.into(),
            self.portion.job_id.get().into(),
            last.unwrap_or(0).into(),
            queued.into(),
            count(RecipientState::Skipped).into(),
            count(RecipientState::Failed).into(),
            count(RecipientState::Duplicate).into(),
            due_at.into(),
        ];
        let sql = "UPDATE jobs SET reached = CASE WHEN reached > ?3 THEN reached ELSE ?3 END, \
             queued = queued + ?4, skipped = skipped + ?5, failed = failed + ?6, \
             duplicates = duplicates + ?7, due_at = ?8 WHERE tenant_id = ?1 AND id = ?2";
        tx.execute(sql, &values).await?;
        Ok(Fed::Queued(queued))
    }
}

const COLUMNS: [(&str, &str); 7] = [
    ("v_tenant_id", "BIGINT"),
    ("v_job_id", "BIGINT"),
    ("v_n", "BIGINT"),
    ("v_state", "TEXT"),
    ("v_why", "TEXT"),
    ("v_contact_id", "BIGINT"),
    ("v_message_id", "BIGINT"),
];

fn judge(n: i64, contact: i64, claim: Claim) -> Taken {
    use RecipientState::{Failed, Queued, Skipped};
    let (state, why, message) = match claim {
        Claim::Claimed(id) | Claim::Queued(id) => (Queued, None, Some(id.get())),
        Claim::NoContact => (Failed, Some("There is no such contact any more"), None),
        Claim::OptedOut => (Skipped, Some("The contact opted out"), None),
        Claim::Blocked => (Skipped, Some("The contact is blocked"), None),
        Claim::WindowClosed => (Failed, Some("The 24-hour service window is closed"), None),
        Claim::PlanFull { .. } => {
            let why = "The plan has no room for a new conversation";
            (Failed, Some(why), None)
        }
    };
    Taken {
        n,
        state,
        why: why.map(str::to_owned),
        contact: Some(contact),
        message,
    }
}
