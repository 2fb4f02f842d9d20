//! Jobs and recipients as rows.

use domain::Phone;
use domain::ids::{ChannelId, ContactId, JobId, TemplateId};
use jiff::Timestamp;

use crate::error::Result;
use crate::store::Store;
use crate::value::Row;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            /// Returns the word that is kept.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Reads the word that is kept.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// How far a job is.
    JobState {
        /// Its recipients are being written down; nobody was told of it yet.
        Arriving = "arriving",
        /// It waits for its time.
        Pending = "pending",
        /// It is worked on.
        Processing = "processing",
        /// Somebody, or what it needs, stopped it for now.
        Paused = "paused",
        /// Everybody was written to, or could not be.
        Completed = "completed",
        /// Nobody could be written to.
        Failed = "failed",
        /// Somebody stopped it for good.
        Cancelled = "cancelled",
    }
}

words! {
    /// What became of a recipient.
    RecipientState {
        /// Nothing yet.
        Waiting = "waiting",
        /// There is a message to them.
        Queued = "queued",
        /// They want no such message.
        Skipped = "skipped",
        /// They cannot be written to.
        Failed = "failed",
        /// They are in the job before.
        Duplicate = "duplicate",
        /// The job was stopped before it was their turn.
        Cancelled = "cancelled",
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The number it is sent from.
    pub channel_id: ChannelId,
    /// What is sent.
    pub template_id: TemplateId,
    /// What is put into the template's header, as JSON.
    pub header: Option<String>,
    /// How far it is.
    pub state: JobState,
    /// Why it was paused, or failed.
    pub why: Option<String>,
    /// When it is looked at next.
    pub due_at: Option<Timestamp>,
    /// When it is to begin.
    pub scheduled_at: Option<Timestamp>,
    /// How many messages an hour it may send.
    pub throttle_per_hour: Option<i64>,
    /// The last recipient who was taken up.
    pub reached: i64,
    /// How many recipients it has.
    pub recipients: i64,
    /// To how many of them there are messages.
    pub queued: i64,
    /// How many want no such message.
    pub skipped: i64,
    /// How many cannot be written to.
    pub failed: i64,
    /// How many are in it twice.
    pub duplicates: i64,
    /// Who made it.
    pub made_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Whether its recipients are kept; of one that ended long ago only the counts are.
    pub has_recipients: bool,
}

/// A recipient whose turn it is.
#[derive(Clone, Debug)]
pub struct WaitingRecipient {
    /// Which one, counted from 1.
    pub n: i64,
    /// The contact, where the caller named it.
    pub contact_id: Option<ContactId>,
    /// The number, where the caller named that.
    pub phone: Option<Phone>,
    /// What is put into the template for them, as JSON.
    pub filling: Option<String>,
}

const COLUMNS: &str = "id, channel_id, template_id, header, state, why, due_at, scheduled_at, \
     throttle_per_hour, reached, recipients, queued, skipped, failed, duplicates, made_by, \
     created_at, started_at, finished_at, CASE WHEN recipients_kept = 'all' THEN 1 ELSE 0 END";

fn read(row: &mut Row) -> Result<Job> {
    Ok(Job {
        id: row.id(JobId::new)?,
        channel_id: row.id(ChannelId::new)?,
        template_id: row.id(TemplateId::new)?,
        header: row.opt_text()?,
        state: row.word(JobState::parse)?,
        why: row.opt_text()?,
        due_at: row.opt_time()?,
        scheduled_at: row.opt_time()?,
        throttle_per_hour: row.opt_int()?,
        reached: row.int()?,
        recipients: row.int()?,
        queued: row.int()?,
        skipped: row.int()?,
        failed: row.int()?,
        duplicates: row.int()?,
        made_by: row.opt_text()?,
        created_at: row.time()?,
        started_at: row.opt_time()?,
        finished_at: row.opt_time()?,
        has_recipients: row.flag()?,
    })
}

impl Store {
    /// Returns the job of this id.
    pub async fn job(&self, id: JobId) -> Result<Option<Job>> {
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE tenant_id = ?1 AND id = ?2");
        let values = [self.tenant_value(), id.get().into()];
        self.first(sql, values, read).await
    }

    /// Returns the newest jobs, newest first.
    pub async fn jobs(&self, limit: i64) -> Result<Vec<Job>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM jobs WHERE tenant_id = ?1 AND state <> 'arriving' \
             ORDER BY id DESC LIMIT ?2"
        );
        let values = [self.tenant_value(), limit.into()];
        self.rows(sql, values, read).await
    }

    /// Returns recipients whose turn it is, in their order.
    pub async fn waiting_recipients(
        &self,
        job: &Job,
        limit: usize,
    ) -> Result<Vec<WaitingRecipient>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [
            self.tenant_value(),
            job.id.get().into(),
            job.reached.into(),
            limit.into(),
        ];
        let sql = "SELECT n, contact_id, phone, phone_given, filling FROM job_recipients \
             WHERE tenant_id = ?1 AND job_id = ?2 AND n > ?3 AND state = 'waiting' \
             ORDER BY n LIMIT ?4";
        let rows = self
            .database
            .read(|tx| Box::pin(async move { tx.query(sql, &values).await }))
            .await?;
        let read = |mut row: Row| {
            let (n, contact_id) = (row.int()?, row.opt_int()?);
            let (digits, given) = (row.opt_text()?, row.opt_text()?);
            Ok(WaitingRecipient {
                n,
                contact_id: contact_id.and_then(ContactId::new),
                phone: digits.map(|digits| Phone::from_stored(digits, given)),
                filling: row.opt_text()?,
            })
        };
        rows.into_iter().map(read).collect()
    }
}
