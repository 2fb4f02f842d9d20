//! What must be true of bulk jobs.

use std::collections::{HashMap, HashSet};

use domain::ids::{ContactId, JobId};
use domain::message::{Message, Status};
use storage::{Job, JobProgress, JobState, RecipientState};

use super::Audit;
use crate::report::{Row, Violations};
use crate::told::AskedJob;

impl Audit<'_> {
    /// Every acknowledged job is there, none twice, and each person in it has one message.
    pub(super) fn check_jobs(&self, violations: &mut Violations) -> [Row; 2] {
        let (mut row, mut recipients) = (Row::of("bulk jobs"), Row::of("people in these"));
        let mut messages = self.by_job();
        let there: HashMap<JobId, _> = self.jobs.iter().map(|it| (it.0.id, it)).collect();
        for asked in &self.told.jobs {
            row.asked += 1;
            let Some(id) = asked.told else {
                continue;
            };
            row.acknowledged += 1;
            let Some((job, progress)) = there.get(&id) else {
                row.lost += 1;
                violations.add(format!("job {id} is lost"));
                continue;
            };
            row.found += 1;
            check_counts(job, progress, violations);
            let said = messages.remove(&id).unwrap_or_default();
            self.check_job((job, asked), &said, (&mut recipients, violations));
        }
        let unknown = row.asked - row.acknowledged;
        let beside = (self.jobs.len() as u64).saturating_sub(row.found);
        if beside > unknown {
            row.doubled = beside - unknown;
            violations.add(format!("{beside} jobs were not acknowledged, of {unknown}"));
        }
        // Of those that nobody was told of: whatever was written is written once all the same.
        for (job, progress) in &self.jobs {
            if let Some(said) = messages.remove(&job.id) {
                check_counts(job, progress, violations);
                check_once(job, &said, violations);
            }
        }
        for id in messages.keys() {
            violations.add(format!("there are messages of job {id}, and no such job"));
        }
        [row, recipients]
    }

    fn by_job(&self) -> HashMap<JobId, Vec<&Message>> {
        let mut found: HashMap<JobId, Vec<&Message>> = HashMap::new();
        for message in self.sent() {
            if let Some(job) = message.author.job_id {
                found.entry(job).or_default().push(message);
            }
        }
        found
    }

    /// Everybody in the job was written to, and nobody else.
    fn check_job(
        &self,
        (job, asked): (&Job, &AskedJob),
        said: &[&Message],
        (row, violations): (&mut Row, &mut Violations),
    ) {
        let id = job.id;
        let sizes = (job.recipients, job.duplicates);
        let people = asked.people.len() as u64;
        if sizes != (signed(people + asked.repeated), signed(asked.repeated)) {
            violations.add(format!("job {id} has recipients and duplicates {sizes:?}"));
        }
        row.doubled += check_once(job, said, violations);
        for message in said {
            let (id, status) = (message.id, message.status);
            if message.wamid.is_none() && status != Status::Unconfirmed {
                violations.add(format!("message {id} of a job is {status:?}"));
            }
        }
        let mut written: HashSet<ContactId> = said.iter().map(|it| it.contact_id).collect();
        row.asked += people;
        row.acknowledged += people;
        for person in &asked.people {
            let contact = self.contacts.get(person);
            if contact.is_some_and(|contact| written.remove(contact)) {
                row.found += 1;
            } else {
                row.lost += 1;
                let person = person.0;
                violations.add(format!("job {id} has no message to person {person}"));
            }
        }
        for contact in written {
            violations.add(format!("job {id} wrote to {contact}, who is not in it"));
        }
    }
}

/// The job is at its end and its counts are those of its recipients.
fn check_counts(job: &Job, progress: &JobProgress, violations: &mut Violations) {
    let id = job.id;
    if job.state != JobState::Completed {
        violations.add(format!("job {id} is {:?}: {:?}", job.state, job.why));
    }
    let count = |state| {
        let rows = progress.recipients.iter().filter(|it| it.0 == state);
        rows.map(|it| it.2).sum::<i64>()
    };
    let counted = [
        (RecipientState::Waiting, 0),
        (RecipientState::Cancelled, 0),
        (RecipientState::Queued, job.queued),
        (RecipientState::Skipped, job.skipped),
        (RecipientState::Failed, job.failed),
        (RecipientState::Duplicate, job.duplicates),
    ];
    for (state, said) in counted {
        let rows = count(state);
        if rows != said {
            violations.add(format!(
                "job {id} counts {said} as {state:?}, and has {rows}"
            ));
        }
    }
    let sum: i64 = counted.iter().map(|it| it.1).sum();
    if sum != job.recipients {
        let recipients = job.recipients;
        violations.add(format!(
            "job {id} counts {sum} of its {recipients} recipients"
        ));
    }
    let messages: i64 = progress.messages.iter().map(|it| it.1).sum();
    if messages != job.queued {
        let queued = job.queued;
        violations.add(format!(
            "job {id} counts {queued} messages, and has {messages}"
        ));
    }
}

/// Nobody was written to twice; returns how many were.
fn check_once(job: &Job, said: &[&Message], violations: &mut Violations) -> u64 {
    let mut written = HashSet::with_capacity(said.len());
    let is_again = |it: &&&Message| !written.insert(it.contact_id);
    let again: Vec<_> = said.iter().filter(is_again).collect();
    for message in &again {
        let (id, contact) = (job.id, message.contact_id);
        violations.add(format!("job {id} wrote to {contact} twice"));
    }
    again.len() as u64
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
