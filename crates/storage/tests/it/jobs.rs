use domain::ids::{ChannelId, ContactId, JobId, TemplateId};
use domain::message::{Author, Status};
use storage::{
    Fate, Fed, Job, JobState, Lease, LeaseName, NewJob, NewRecipient, NewSend, Outcome, Portion,
    RecipientState, Start,
};

use crate::place::Place;
use crate::shop::{Shop, at, new_send, number, phone};

on_both_engines! {
    a_job_is_written_down_whole_and_waits_for_its_time,
    what_was_never_whole_is_forgotten,
    a_recipient_and_their_message_are_written_together,
    one_person_under_two_numbers_is_written_to_once,
    whoever_opted_out_is_skipped,
    a_worker_that_was_replaced_takes_nobody_up,
    a_job_that_is_stopped_meanwhile_takes_nobody_up,
    a_cancelled_job_takes_back_what_has_not_left,
    what_failed_is_tried_again_and_nothing_else,
    the_pace_of_a_job_counts_messages,
    nobody_reaches_the_jobs_of_another,
    of_a_job_that_ended_long_ago_the_counts_are_kept,
}

/// A shop with a job of which nobody was taken up.
pub(crate) struct Bulk {
    pub(crate) shop: Shop,
    channel: ChannelId,
    pub(crate) contacts: Vec<ContactId>,
    lease: Lease,
    pub(crate) job: JobId,
}

impl Bulk {
    pub(crate) async fn begin(place: &Place, people: usize) -> Self {
        let shop = Shop::open(place).await;
        let channel = shop.channel().await;
        let mut contacts = vec![];
        for person in 0..people {
            contacts.push(shop.made(&number(person)).await);
        }
        let lease = lease(&shop, "one").await;
        let recipients = (0..people).map(by_number).collect();
        let new = new_job(channel);
        let job = shop.store.create_job(new, recipients).await.unwrap();
        assert!(shop.store.start_job(&lease, job, at(10)).await.unwrap());
        Self {
            shop,
            channel,
            contacts,
            lease,
            job,
        }
    }

    pub(crate) async fn job(&self) -> Job {
        self.shop.store.job(self.job).await.unwrap().unwrap()
    }

    pub(crate) fn send(&self, person: usize) -> Fate {
        self.send_to(self.contacts[person])
    }

    pub(crate) fn send_to(&self, contact: ContactId) -> Fate {
        Fate::Send(Box::new(NewSend {
            start: Start::Due(at(10)),
            author: Author {
                job_id: Some(self.job),
                ..Author::default()
            },
            ..new_send(contact, self.channel)
        }))
    }

    pub(crate) async fn feed(&self, fates: Vec<(i64, Fate)>) -> storage::Result<Fed> {
        self.feed_as(&self.lease, fates).await
    }

    pub(crate) async fn feed_as(
        &self,
        lease: &Lease,
        fates: Vec<(i64, Fate)>,
    ) -> storage::Result<Fed> {
        let portion = Portion {
            job_id: self.job,
            fates,
            due_at: at(10),
            pace: 0,
        };
        self.shop.store.feed(lease, portion).await
    }

    /// Counts recipients by their state, and messages by their status.
    pub(crate) async fn count(&self, state: RecipientState, status: Status) -> (i64, i64) {
        let progress = self
            .shop
            .store
            .job_progress(&self.job().await)
            .await
            .unwrap();
        let recipients = progress.recipients.iter().filter(|it| it.0 == state);
        let messages = progress.messages.iter().filter(|it| it.0 == status);
        (
            recipients.map(|it| it.2).sum(),
            messages.map(|it| it.1).sum(),
        )
    }

    pub(crate) async fn message(&self, person: usize) -> domain::message::Message {
        let contact = self.contacts[person];
        let messages = self.shop.store.messages_of_contact(contact, 9).await;
        let mut messages = messages.unwrap();
        assert_eq!(messages.len(), 1);
        messages.remove(0)
    }
}

async fn lease(shop: &Shop, holder: &str) -> Lease {
    let name = LeaseName {
        tenant: 0,
        name: "jobs".into(),
    };
    let system = shop.database.system();
    system.take_lease(&name, holder, 10).await.unwrap().unwrap()
}

fn new_job(channel_id: ChannelId) -> NewJob {
    NewJob {
        channel_id,
        template_id: TemplateId::new(7).unwrap(),
        header: Some("{}".into()),
        scheduled_at: None,
        throttle_per_hour: Some(3600),
        made_by: Some("key 7".into()),
        at: at(0),
    }
}

fn by_number(person: usize) -> NewRecipient {
    NewRecipient {
        contact_id: None,
        phone: Some(phone(&number(person))),
        filling: Some(format!(r#"{{"b":["{person}"]}}"#)),
        is_duplicate: false,
    }
}

async fn a_job_is_written_down_whole_and_waits_for_its_time(place: &Place) {
    let shop = Shop::open(place).await;
    let mut all: Vec<NewRecipient> = (0..2_500).map(by_number).collect();
    all[2_499].is_duplicate = true;
    let new = NewJob {
        scheduled_at: Some(at(60)),
        ..new_job(shop.channel().await)
    };
    let id = shop.store.create_job(new, all).await.unwrap();
    let job = shop.store.job(id).await.unwrap().unwrap();
    assert_eq!((job.state, job.recipients), (JobState::Pending, 2_500));
    assert_eq!((job.duplicates, job.due_at), (1, Some(at(60))));
    assert_eq!(
        (job.throttle_per_hour, job.made_by.as_deref()),
        (Some(3600), Some("key 7"))
    );
    let system = shop.database.system();
    assert_eq!(system.due_jobs(at(59), 9).await.unwrap(), []);
    let due = system.due_jobs(at(60), 9).await.unwrap();
    assert_eq!((due.len(), due[0].job_id), (1, id));
    assert_eq!(shop.store.jobs(9).await.unwrap().first(), Some(&job));
    let waiting = shop.store.waiting_recipients(&job, 5_000).await.unwrap();
    assert_eq!(waiting.len(), 2_499);
    for (n, recipient) in (0..).zip(&waiting) {
        assert_eq!(recipient.n, n + 1);
    }
    let last = &waiting[2_498];
    assert_eq!(last.phone, Some(phone(&number(2_498))));
    assert_eq!(last.filling.as_deref(), Some(r#"{"b":["2498"]}"#));
}

async fn what_was_never_whole_is_forgotten(place: &Place) {
    let bulk = Bulk::begin(place, 2).await;
    let raw = place.raw().await;
    raw.run("UPDATE jobs SET state = 'arriving'").await;
    let store = &bulk.shop.store;
    assert_eq!(store.jobs(9).await.unwrap(), []);
    assert!(store.forget_job(&bulk.lease, bulk.job).await.unwrap());
    assert_eq!(store.job(bulk.job).await.unwrap(), None);
    assert_eq!(raw.number("SELECT count(*) FROM job_recipients").await, 0);
}

async fn a_recipient_and_their_message_are_written_together(place: &Place) {
    let bulk = Bulk::begin(place, 3).await;
    let gone = Fate::End(RecipientState::Failed, "nobody".into());
    let fates = vec![(1, bulk.send(0)), (2, gone), (3, bulk.send(2))];
    assert_eq!(bulk.feed(fates).await.unwrap(), Fed::Queued(2));
    let job = bulk.job().await;
    assert_eq!((job.queued, job.failed, job.reached), (2, 1, 3));
    let store = &bulk.shop.store;
    assert_eq!(store.waiting_recipients(&job, 9).await.unwrap().len(), 0);
    assert_eq!(bulk.message(0).await.author.job_id, Some(bulk.job));
    let counts = bulk.count(RecipientState::Queued, Status::Queued).await;
    assert_eq!(counts, (2, 2));
    // Again, as after a crash before anybody heard of it: nothing is written twice.
    assert!(bulk.feed(vec![(1, bulk.send(0))]).await.is_err());
    assert_eq!(bulk.message(0).await.status, Status::Queued);
    assert_eq!(bulk.job().await, job);
    assert!(store.is_sending_job(&job).await.unwrap());
}

async fn one_person_under_two_numbers_is_written_to_once(place: &Place) {
    let bulk = Bulk::begin(place, 4).await;
    // Both at once, and one after the other.
    bulk.feed(vec![(1, bulk.send(0)), (2, bulk.send(0))])
        .await
        .unwrap();
    bulk.feed(vec![(3, bulk.send(0)), (4, bulk.send(3))])
        .await
        .unwrap();
    let job = bulk.job().await;
    assert_eq!((job.queued, job.duplicates), (2, 2));
    assert_eq!(bulk.message(0).await.status, Status::Queued);
    let counts = bulk.count(RecipientState::Duplicate, Status::Queued).await;
    assert_eq!(counts, (2, 2));
}

async fn whoever_opted_out_is_skipped(place: &Place) {
    let bulk = Bulk::begin(place, 2).await;
    let change = crate::consents::opt_out(bulk.contacts[0], None);
    bulk.shop.store.set_consent(change).await.unwrap();
    bulk.feed(vec![(1, bulk.send(0)), (2, bulk.send(1))])
        .await
        .unwrap();
    let job = bulk.job().await;
    assert_eq!((job.queued, job.skipped), (1, 1));
    let counts = bulk.count(RecipientState::Skipped, Status::Queued).await;
    assert_eq!(counts, (1, 1));
}

async fn a_worker_that_was_replaced_takes_nobody_up(place: &Place) {
    let bulk = Bulk::begin(place, 1).await;
    let before = bulk.lease.clone();
    let system = bulk.shop.database.system();
    system.release_lease(&before).await.unwrap();
    let after = lease(&bulk.shop, "two").await;
    let refused = bulk.feed_as(&before, vec![(1, bulk.send(0))]).await;
    assert!(
        matches!(refused, Err(storage::Error::LeaseLost)),
        "{refused:?}"
    );
    let taken = bulk.feed_as(&after, vec![(1, bulk.send(0))]).await;
    assert_eq!(taken.unwrap(), Fed::Queued(1));
}

async fn a_job_that_is_stopped_meanwhile_takes_nobody_up(place: &Place) {
    let bulk = Bulk::begin(place, 1).await;
    let store = &bulk.shop.store;
    assert!(store.pause_job(bulk.job, "wait").await.unwrap());
    assert!(!store.pause_job(bulk.job, "wait").await.unwrap());
    assert_eq!(
        bulk.feed(vec![(1, bulk.send(0))]).await.unwrap(),
        Fed::Stopped
    );
    let job = bulk.job().await;
    assert_eq!(
        (job.state, job.why.as_deref()),
        (JobState::Paused, Some("wait"))
    );
    assert_eq!((job.queued, job.due_at), (0, None));
    assert!(store.resume_job(bulk.job, at(99)).await.unwrap());
    assert!(!store.resume_job(bulk.job, at(99)).await.unwrap());
    let job = bulk.job().await;
    assert_eq!(
        (job.state, job.why, job.due_at),
        (JobState::Processing, None, Some(at(99)))
    );
    assert_eq!(
        bulk.feed(vec![(1, bulk.send(0))]).await.unwrap(),
        Fed::Queued(1)
    );
}

async fn a_cancelled_job_takes_back_what_has_not_left(place: &Place) {
    let bulk = Bulk::begin(place, 3).await;
    let other = bulk.shop.sent(bulk.contacts[2], bulk.channel).await;
    bulk.feed(vec![(1, bulk.send(0)), (2, bulk.send(1))])
        .await
        .unwrap();
    let store = &bulk.shop.store;
    assert!(store.cancel_job(bulk.job, at(20)).await.unwrap());
    assert!(!store.cancel_job(bulk.job, at(20)).await.unwrap());
    for person in [0, 1] {
        assert_eq!(bulk.message(person).await.status, Status::Cancelled);
    }
    assert_eq!(bulk.message(2).await, other);
    let counts = bulk
        .count(RecipientState::Cancelled, Status::Cancelled)
        .await;
    assert_eq!(counts, (1, 2));
    let job = bulk.job().await;
    assert_eq!(
        (job.state, job.finished_at),
        (JobState::Cancelled, Some(at(20)))
    );
    assert_eq!(store.retry_job(bulk.job, at(30)).await.unwrap(), None);
    assert!(!store.resume_job(bulk.job, at(30)).await.unwrap());
}

async fn what_failed_is_tried_again_and_nothing_else(place: &Place) {
    let bulk = Bulk::begin(place, 4).await;
    let gone = Fate::End(RecipientState::Failed, "nobody".into());
    let mut fates = vec![(4, gone)];
    for (n, person) in (1..).zip(0..3) {
        let Fate::Send(mut send) = bulk.send(person) else {
            unreachable!();
        };
        send.start = Start::Now { lane_epoch: 1 };
        fates.push((n, Fate::Send(send)));
    }
    bulk.feed(fates).await.unwrap();
    let store = &bulk.shop.store;
    let ends = [Status::Failed, Status::Unconfirmed, Status::Accepted];
    for (person, status) in ends.into_iter().enumerate() {
        let outcome = Outcome {
            message_id: bulk.message(person).await.id,
            status,
            wamid: None,
            failure: None,
            due_at: None,
            at: at(20),
        };
        store.record_outcome(outcome).await.unwrap();
    }
    assert_eq!(store.retry_job(bulk.job, at(30)).await.unwrap(), None);
    assert!(
        store
            .finish_job(&bulk.lease, bulk.job, (None, at(25)))
            .await
            .unwrap()
    );
    assert_eq!(bulk.job().await.state, JobState::Completed);
    assert_eq!(store.retry_job(bulk.job, at(30)).await.unwrap(), Some(2));
    let job = bulk.job().await;
    assert_eq!(
        (job.state, job.reached, job.due_at),
        (JobState::Processing, 0, Some(at(30)))
    );
    assert_eq!((job.queued, job.failed, job.finished_at), (2, 0, None));
    let waiting = store.waiting_recipients(&job, 9).await.unwrap();
    let waiting: Vec<i64> = waiting.iter().map(|it| it.n).collect();
    assert_eq!(waiting, [1, 4]);
    assert_eq!(
        bulk.feed(vec![(1, bulk.send(0))]).await.unwrap(),
        Fed::Queued(1)
    );
}

async fn the_pace_of_a_job_counts_messages(place: &Place) {
    let bulk = Bulk::begin(place, 3).await;
    let portion = |fates| Portion {
        job_id: bulk.job,
        fates,
        due_at: at(100),
        pace: 2_000_000,
    };
    let store = &bulk.shop.store;
    let fates = vec![(1, bulk.send(0)), (2, bulk.send(1))];
    store.feed(&bulk.lease, portion(fates)).await.unwrap();
    assert_eq!(bulk.job().await.due_at, Some(at(104)));
    let nobody = Fate::End(RecipientState::Skipped, "no".into());
    store
        .feed(&bulk.lease, portion(vec![(3, nobody)]))
        .await
        .unwrap();
    assert_eq!(bulk.job().await.due_at, Some(at(100)));
    assert_eq!(
        store.queue_length(bulk.channel, at(10), 99).await.unwrap(),
        2
    );
    assert_eq!(
        store.queue_length(bulk.channel, at(9), 99).await.unwrap(),
        0
    );
    assert_eq!(
        store.queue_length(bulk.channel, at(10), 1).await.unwrap(),
        1
    );
}

async fn nobody_reaches_the_jobs_of_another(place: &Place) {
    let bulk = Bulk::begin(place, 1).await;
    let job = bulk.job().await;
    let other = Shop::in_database(&bulk.shop.database, "other").await.store;
    assert_eq!(other.job(bulk.job).await.unwrap(), None);
    assert_eq!(other.jobs(9).await.unwrap(), []);
    assert!(other.waiting_recipients(&job, 9).await.unwrap().is_empty());
    assert!(!other.pause_job(bulk.job, "x").await.unwrap());
    assert!(!other.cancel_job(bulk.job, at(9)).await.unwrap());
    assert_eq!(other.retry_job(bulk.job, at(9)).await.unwrap(), None);
    assert!(!other.resume_job(bulk.job, at(9)).await.unwrap());
    assert_eq!(bulk.job().await, job);
}

async fn of_a_job_that_ended_long_ago_the_counts_are_kept(place: &Place) {
    let bulk = Bulk::begin(place, 3).await;
    let (store, system) = (&bulk.shop.store, bulk.shop.database.system());
    let gone = Fate::End(RecipientState::Failed, "nobody".into());
    let fates = vec![(1, bulk.send(0)), (2, bulk.send(0)), (3, gone)];
    bulk.feed(fates).await.unwrap();
    assert_eq!(system.jobs_to_forget(at(9_999), 9).await.unwrap(), []);
    store
        .finish_job(&bulk.lease, bulk.job, (None, at(25)))
        .await
        .unwrap();
    assert_eq!(system.jobs_to_forget(at(25), 9).await.unwrap(), []);
    let old = system.jobs_to_forget(at(26), 9).await.unwrap();
    assert_eq!((old.len(), old[0].job_id), (1, bulk.job));
    // One that goes on, and that of another, stay whole.
    assert!(!store.forget_recipients(old[0], at(25)).await.unwrap());
    let other = Shop::in_database(&bulk.shop.database, "other").await.store;
    assert!(!other.forget_recipients(old[0], at(26)).await.unwrap());
    assert!(bulk.job().await.has_recipients);
    assert!(!store.forget_recipients(old[0], at(26)).await.unwrap());
    assert_eq!(system.jobs_to_forget(at(26), 9).await.unwrap(), []);
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM job_recipients").await, 0);
    let job = bulk.job().await;
    assert_eq!((job.queued, job.duplicates, job.failed), (1, 1, 1));
    let progress = store.job_progress(&job).await.unwrap();
    let states: Vec<_> = progress.recipients.iter().map(|it| (it.0, it.2)).collect();
    let expected = [
        (RecipientState::Queued, 1),
        (RecipientState::Failed, 1),
        (RecipientState::Duplicate, 1),
    ];
    assert_eq!(states, expected);
    // The message to the one of them is still there, and nobody is written to again.
    assert_eq!(bulk.message(0).await.status, Status::Queued);
    assert_eq!(store.retry_job(bulk.job, at(30)).await.unwrap(), None);
}
