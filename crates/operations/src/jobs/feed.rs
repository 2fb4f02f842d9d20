//! Taking a job's recipients up in portions, as the number's queue has room.

use domain::contact::{Contact, Origin};
use domain::ids::TenantId;
use domain::message::Author;
use domain::template::Template;
use domain::tenant::{Subscription, Tenant};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use storage::{
    Channel, ContactWrite, DueJob, Fate, Fed, Job, JobState, Lease, NewContact, NewSend, OnKnown,
    Portion, RecipientState, Start, Store, WaitingRecipient, Window, Written,
};

use super::filling::{Filling, header_of_text};
use crate::error::Result;
use crate::operations::Operations;
use crate::templates::{Filler, GivenHeader};

/// As many recipients are taken up in one transaction.
const PORTION: i64 = 250;

/// A number's queue is fed up to what it sends in so many seconds, so that a job that is stopped
/// stops soon.
const QUEUE_SECONDS: i64 = 3;
const QUEUE_MIN: i64 = 20;
const QUEUE_MAX: i64 = 2_000;

/// What is tried again within this time keeps its place in the queue.
const HORIZON: SignedDuration = SignedDuration::from_hours(1);

/// When to look again: where the queue is full or the last messages leave, and where a number or a
/// tenant may not send for now.
const SOON: SignedDuration = SignedDuration::from_millis(500);
const LATER: SignedDuration = SignedDuration::from_secs(30);

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// A job that is due, and what is needed to work on it.
pub(super) struct Feeder<'o> {
    operations: &'o Operations,
    lease: &'o Lease,
    tenant: Tenant,
    store: Store,
    job: Job,
    now: Timestamp,
}

impl<'o> Feeder<'o> {
    /// Looks a job up; nothing where it is gone.
    pub(super) async fn of(
        operations: &'o Operations,
        lease: &'o Lease,
        due: DueJob,
    ) -> Result<Option<Self>> {
        let Some(id) = TenantId::new(due.tenant_id) else {
            return Ok(None);
        };
        let store = operations.database().store_for(id);
        let tenant = operations.database().system().tenant(id).await?;
        let (Some(tenant), Some(job)) = (tenant, store.job(due.job_id).await?) else {
            return Ok(None);
        };
        Ok(Some(Self {
            operations,
            lease,
            tenant,
            store,
            job,
            now: operations.clock().now(),
        }))
    }

    /// Does the next step of the job.
    pub(super) async fn feed(&self) -> Result<()> {
        let (store, id) = (&self.store, self.job.id);
        match self.job.state {
            JobState::Processing => {}
            JobState::Pending => {
                if !store.start_job(self.lease, id, self.now).await? {
                    return Ok(());
                }
            }
            JobState::Arriving => {
                store.forget_job(self.lease, id).await?;
                return Ok(());
            }
            JobState::Paused | JobState::Completed | JobState::Failed | JobState::Cancelled => {
                return Ok(());
            }
        }
        if !self.tenant.is_active || self.tenant.subscription == Subscription::PastDue {
            return self.wait_long().await;
        }
        let Some(channel) = store.channel(self.job.channel_id).await? else {
            let why = Some("The channel is gone");
            store.finish_job(self.lease, id, (why, self.now)).await?;
            return Ok(());
        };
        if channel.paused.is_some() {
            return self.wait_long().await;
        }
        let most = self.room(&channel).await?;
        if most == 0 {
            return self.postpone(SOON).await;
        }
        let waiting = store.waiting_recipients(&self.job, most).await?;
        if waiting.is_empty() {
            return self.finish().await;
        }
        match store.template(self.job.template_id).await? {
            Some(template) if template.is_approved() => {
                self.take_up(channel, &template, waiting).await
            }
            Some(template) => {
                let why = format!("The template is {}", template.status);
                store.pause_job(id, &why).await.map(drop)?;
                Ok(())
            }
            None => {
                store.pause_job(id, "The template is gone").await?;
                Ok(())
            }
        }
    }

    /// Has the job looked at later.
    pub(super) async fn wait_long(&self) -> Result<()> {
        self.postpone(LATER).await
    }

    async fn postpone(&self, pause: SignedDuration) -> Result<()> {
        let due_at = self.now + pause;
        self.store
            .postpone_job(self.lease, self.job.id, due_at)
            .await?;
        Ok(())
    }

    /// Ends the job once its last messages have left.
    async fn finish(&self) -> Result<()> {
        if self.store.is_sending_job(&self.job).await? {
            return self.postpone(SOON).await;
        }
        self.store
            .finish_job(self.lease, self.job.id, (None, self.now))
            .await?;
        Ok(())
    }

    /// Returns how many recipients may be taken up now.
    async fn room(&self, channel: &Channel) -> Result<usize> {
        let fast = channel.tier_per_second.saturating_mul(QUEUE_SECONDS);
        let (mut queue, mut portion) = (fast.clamp(QUEUE_MIN, QUEUE_MAX), PORTION);
        if let Some(per_hour) = self.job.throttle_per_hour {
            // About a second's worth at a time, and no queue that leaves in one go later.
            portion = (per_hour * SECOND / HOUR).clamp(1, PORTION);
            queue = queue.min(portion * 2);
        }
        let length = self
            .store
            .queue_length(channel.id, self.now + HORIZON, queue);
        let room = (queue - length.await?).min(portion);
        Ok(usize::try_from(room).unwrap_or(0))
    }

    async fn take_up(
        &self,
        channel: Channel,
        template: &Template,
        waiting: Vec<WaitingRecipient>,
    ) -> Result<()> {
        let header = header_of_text(self.job.header.as_deref())?;
        let filler = Filler::of(template);
        let meetings = waiting.iter().map(|it| self.meet(it));
        let met = join_all(meetings).await;
        let mut fates = Vec::with_capacity(waiting.len());
        for (waiting, met) in waiting.iter().zip(met) {
            let fate = match met? {
                Ok(contact) => self.fate(&filler, waiting, (contact, header.clone()))?,
                Err(why) => Fate::End(RecipientState::Failed, why.to_owned()),
            };
            fates.push((waiting.n, fate));
        }
        let portion = Portion {
            job_id: self.job.id,
            fates,
            due_at: self.due_at(),
            pace: self.job.throttle_per_hour.map_or(0, |it| HOUR / it),
        };
        if let Fed::Queued(1..) = self.store.feed(self.lease, portion).await? {
            let route = self.operations.route(self.tenant.id, channel);
            self.operations.wake(&route);
        }
        Ok(())
    }

    /// Returns from when on the pace of the job counts: what was missed by a little is made up for,
    /// what was missed by much is not.
    fn due_at(&self) -> Timestamp {
        let due_at = self.job.due_at.unwrap_or(self.now);
        if self.now.duration_since(due_at) < SignedDuration::from_secs(2) {
            due_at
        } else {
            self.now
        }
    }

    /// Returns a recipient's contact, made now where there was none; or why there is none.
    async fn meet(&self, waiting: &WaitingRecipient) -> Result<Result<Contact, &'static str>> {
        let none = "There is no such contact";
        if let Some(id) = waiting.contact_id {
            return Ok(self.store.contact(id).await?.ok_or(none));
        }
        let Some(phone) = &waiting.phone else {
            return Ok(Err(none));
        };
        if let Some(contact) = self.store.contact_by_number(&phone.match_key()).await? {
            return Ok(Ok(contact));
        }
        let filed = self.tenant.defaults;
        let new = NewContact::unknown(phone.clone(), filed, Origin::Api, self.now);
        let write = ContactWrite {
            new,
            on_known: OnKnown::Report,
        };
        match self.store.write_contact(write).await {
            Ok(Written::Created(it) | Written::Known(it) | Written::Updated(it)) => Ok(Ok(it)),
            Err(storage::Error::LimitReached { .. }) => {
                Ok(Err("The plan has no room for a new contact"))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn fate(
        &self,
        filler: &Filler<'_>,
        waiting: &WaitingRecipient,
        (contact, header): (Contact, Option<GivenHeader>),
    ) -> Result<Fate> {
        if !contact.flags.allows_broadcast {
            let why = "The contact takes no broadcasts".to_owned();
            return Ok(Fate::End(RecipientState::Skipped, why));
        }
        let filling = Filling::of_text(waiting.filling.as_deref())?;
        let content = match filler.fill(&filling.given(header)) {
            Ok(content) => content,
            // It fitted once; the template is another by now.
            Err(problems) => {
                let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
                return Ok(Fate::End(RecipientState::Failed, words.join("; ")));
            }
        };
        Ok(Fate::Send(Box::new(NewSend {
            contact_id: contact.id,
            channel_id: self.job.channel_id,
            content,
            context_wamid: None,
            author: Author {
                job_id: Some(self.job.id),
                ..Author::default()
            },
            window: Window::MayBeClosed,
            topic: filler.topic(),
            start: Start::Due(self.now),
            give_up_at: None,
            at: self.now,
        })))
    }
}
