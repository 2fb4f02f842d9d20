//! That whatever is amiss is noticed.

use std::collections::HashMap;

use domain::Clock;
use domain::ids::{ChannelId, ContactId, ConversationId, JobId, MessageId, TemplateId};
use domain::message::content::Text;
use domain::message::{Author, Content, Direction, Message, Status};
use storage::{Job, JobProgress, JobState, RecipientState};

use super::Audit;
use crate::journal::Entry;
use crate::people::Person;
use crate::ravage::Ravaged;
use crate::simulator::Counts;
use crate::told::{Acknowledged, AskedJob, Told};

fn id<T>(new: impl Fn(i64) -> Option<T>, id: i64) -> T {
    new(id).unwrap()
}

fn message(number: i64, direction: Direction, status: Status) -> (MessageId, Message) {
    let at = Clock::system().now();
    let message = Message {
        id: id(MessageId::new, number),
        conversation_id: id(ConversationId::new, 1),
        contact_id: id(ContactId::new, 7),
        channel_id: id(ChannelId::new, 1),
        direction,
        content: Content::Text(Text {
            body: "0".to_owned(),
            preview_url: false,
        }),
        status,
        wamid: Some(format!("wamid.{number}")),
        context_wamid: None,
        author: Author::default(),
        failure: None,
        created_at: at,
        updated_at: at,
    };
    (message.id, message)
}

/// Returns a message of the job.
fn job_message(number: i64) -> (MessageId, Message) {
    let (id, mut message) = message(number, Direction::Outbound, Status::Read);
    message.author.job_id = JobId::new(5);
    message.content = Content::Text(Text {
        body: "Your parcel is on its way".to_owned(),
        preview_url: false,
    });
    (id, message)
}

/// Returns a job for one person, who is in it twice.
fn job() -> (Job, JobProgress) {
    let at = Clock::system().now();
    let job = Job {
        id: id(JobId::new, 5),
        channel_id: id(ChannelId::new, 1),
        template_id: id(TemplateId::new, 1),
        header: None,
        state: JobState::Completed,
        why: None,
        due_at: None,
        scheduled_at: None,
        throttle_per_hour: None,
        reached: 2,
        recipients: 2,
        queued: 1,
        skipped: 0,
        failed: 0,
        duplicates: 1,
        made_by: None,
        created_at: at,
        started_at: Some(at),
        finished_at: Some(at),
        has_recipients: true,
    };
    let progress = JobProgress {
        recipients: vec![
            (RecipientState::Queued, None, 1),
            (RecipientState::Duplicate, None, 1),
        ],
        messages: vec![(Status::Read, 1)],
    };
    (job, progress)
}

/// Returns what was told of one person, who was sent one message and another by a job, and wrote a
/// third.
fn told() -> Told {
    let told = Told::default();
    let person = told.newcomer();
    let mut pages = told.pages();
    pages.contacts.push(person);
    let number = pages.ask(person);
    pages.acknowledge(number, Acknowledged::Sent("wamid.1".to_owned()));
    pages.written.insert("wamid.2".to_owned(), person);
    pages.jobs.push(AskedJob {
        people: vec![person],
        repeated: 1,
        told: JobId::new(5),
    });
    drop(pages);
    told
}

fn entry(number: i64) -> Entry {
    Entry {
        wamid: format!("wamid.{number}"),
        message_id: MessageId::new(number),
    }
}

/// Returns what is there when nothing is amiss.
fn sound(told: &Told) -> Audit<'_> {
    Audit {
        told: told.pages(),
        contacts: HashMap::from([(Person(0), id(ContactId::new, 7))]),
        counted: 1,
        messages: HashMap::from([
            message(1, Direction::Outbound, Status::Read),
            message(2, Direction::Inbound, Status::Received),
            job_message(4),
        ]),
        jobs: vec![job()],
        journal: vec![entry(1), entry(4)],
        webhooks: Counts::default(),
        events: [vec![], vec![]],
        complaints: vec![],
        engine: "none",
        seed: 1,
    }
}

/// Returns how much is amiss after something was changed.
fn amiss(change: impl Fn(&mut Audit<'_>)) -> u64 {
    let told = told();
    let mut audit = sound(&told);
    change(&mut audit);
    let ravaged = Ravaged {
        kills: 1,
        at_start: 0,
        took: std::time::Duration::ZERO,
    };
    audit.report(ravaged, true).violations()
}

#[test]
fn nothing_is_amiss_where_all_is_as_it_was_told() {
    assert_eq!(amiss(|_| {}), 0);
}

#[test]
fn whatever_is_lost_is_noticed() {
    assert!(amiss(|audit| audit.contacts.clear()) > 0);
    for wamid in ["wamid.1", "wamid.2"] {
        let lose = |audit: &mut Audit<'_>| {
            audit
                .messages
                .retain(|_, it| it.wamid.as_deref() != Some(wamid));
        };
        assert!(amiss(lose) > 0, "{wamid}");
    }
    assert!(amiss(|audit| audit.journal.clear()) > 0);
    let queued = Acknowledged::Queued(id(MessageId::new, 9));
    assert!(amiss(|audit| audit.told.acknowledge(0, queued.clone())) > 0);
}

#[test]
fn whatever_is_doubled_is_noticed() {
    assert!(amiss(|audit| audit.counted = 2) > 0);
    assert!(amiss(|audit| audit.journal.push(audit.journal[0].clone())) > 0);
    for (direction, status, wamid) in [
        (Direction::Inbound, Status::Received, "wamid.2"),
        (Direction::Outbound, Status::Unconfirmed, ""),
    ] {
        let twin = |audit: &mut Audit<'_>| {
            let (id, mut twin) = message(3, direction, status);
            twin.wamid = (!wamid.is_empty()).then(|| wamid.to_owned());
            audit.messages.insert(id, twin);
        };
        assert!(amiss(twin) > 0, "{direction:?}");
    }
}

#[test]
fn whatever_is_amiss_with_a_job_is_noticed() {
    let changes: [fn(&mut Audit<'_>); 9] = [
        |audit| audit.jobs.clear(),
        |audit| audit.messages.retain(|_, it| it.author.job_id.is_none()),
        |audit| audit.messages.extend([job_message(6)]),
        |audit| audit.told.jobs[0].people.push(Person(1)),
        |audit| audit.told.jobs[0].people.clear(),
        |audit| audit.jobs[0].0.state = JobState::Paused,
        |audit| audit.jobs[0].0.queued = 2,
        |audit| audit.jobs[0].1.recipients[1].0 = RecipientState::Waiting,
        |audit| audit.jobs[0].1.messages.clear(),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        assert!(amiss(change) > 0, "{n}");
    }
    let twin = |audit: &mut Audit<'_>| {
        let (mut twin, progress) = job();
        twin.id = id(JobId::new, 8);
        audit.jobs.push((twin, progress));
    };
    assert!(amiss(twin) > 0);
    let doubt = |audit: &mut Audit<'_>| audit.told.jobs[0].told = None;
    assert_eq!(amiss(doubt), 0);
}

#[test]
fn whatever_is_stuck_or_too_low_or_anothers_is_noticed() {
    for status in [
        Status::Queued,
        Status::Sending,
        Status::Unconfirmed,
        Status::Delivered,
    ] {
        let change = |audit: &mut Audit<'_>| {
            let (id, message) = message(1, Direction::Outbound, status);
            audit.messages.insert(id, message);
        };
        assert!(amiss(change) > 0, "{status:?}");
    }
    assert!(amiss(|audit| audit.events[0].push(5)) > 0);
    assert!(amiss(|audit| audit.events[1].push(5)) > 0);
    assert!(amiss(|audit| audit.told.played = ["wamid.1".to_owned()].into()) > 0);
    let by_another = |audit: &mut Audit<'_>| {
        audit.told.written.insert("wamid.2".to_owned(), Person(1));
    };
    assert!(amiss(by_another) > 0);
}
