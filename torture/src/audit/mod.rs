//! What stands in the database and in the journal, compared with what was acknowledged.

mod checks;
mod jobs;

use std::collections::{BTreeMap, HashMap};

use domain::ids::{ContactId, MessageId};
use domain::message::{Content, Direction, Message, Status};
use futures_util::future::try_join_all;
use storage::{EventState, Job, JobProgress, LedgerFilter};

use crate::journal::{self, Entry};
use crate::people::Person;
use crate::plan::Plan;
use crate::ravage::Ravaged;
use crate::report::{Report, Violations};
use crate::scene::{ALL, Scene};
use crate::server;
use crate::simulator::Counts;
use crate::told::{Acknowledged, Pages};

/// How many contacts are looked up at once.
const AT_ONCE: u64 = 16;

/// What there is.
pub(crate) struct Audit<'a> {
    told: std::sync::MutexGuard<'a, Pages>,
    contacts: HashMap<Person, ContactId>,
    /// How many contacts the tenant has, by its own count.
    counted: i64,
    messages: HashMap<MessageId, Message>,
    /// What there is of each job: the job, and what became of its recipients.
    jobs: Vec<(Job, JobProgress)>,
    journal: Vec<Entry>,
    webhooks: Counts,
    /// Events that wait, and those that could not be applied.
    events: [Vec<i64>; 2],
    complaints: Vec<String>,
    engine: &'static str,
    seed: u64,
}

impl<'a> Audit<'a> {
    /// Reads everything there is.
    pub(crate) async fn of(scene: &'a Scene, plan: &Plan) -> anyhow::Result<Self> {
        let people = scene.told.pages().people;
        let (mut contacts, mut messages) = (HashMap::new(), HashMap::new());
        for first in (0..people).step_by(AT_ONCE as usize) {
            let group = (first..people.min(first + AT_ONCE)).map(|it| look_up(scene, Person(it)));
            for (person, contact, said) in try_join_all(group).await?.into_iter().flatten() {
                contacts.insert(person, contact);
                messages.extend(said.into_iter().map(|it| (it.id, it)));
            }
        }
        let system = scene.database.system();
        let events = |state| {
            let filter = LedgerFilter {
                state: Some(state),
                limit: ALL,
                ..LedgerFilter::default()
            };
            let system = system.clone();
            async move {
                let kept = system.kept_events(filter).await?;
                anyhow::Ok(kept.iter().map(|event| event.id).collect())
            }
        };
        let mut jobs = Vec::new();
        for job in scene.jobs().await? {
            let progress = scene.store.job_progress(&job).await?;
            jobs.push((job, progress));
        }
        Ok(Self {
            contacts,
            counted: scene.store.contact_count().await?,
            messages,
            jobs,
            journal: journal::read(&scene.simulator.journal)?,
            webhooks: scene.simulator.counts().await?,
            events: [
                events(EventState::Received).await?,
                events(EventState::Failed).await?,
            ],
            complaints: server::complaints(plan)?,
            told: scene.told.pages(),
            engine: plan.engine.name(),
            seed: plan.seed,
        })
    }

    /// Compares.
    pub(crate) fn report(&self, ravaged: Ravaged, is_settled: bool) -> Report {
        let mut violations = Violations::default();
        if !is_settled {
            violations.add("not everything was settled when patience ended");
        }
        let [jobs, recipients] = self.check_jobs(&mut violations);
        let rows = vec![
            self.check_contacts(&mut violations),
            self.check_sends(&mut violations),
            self.check_queued(&mut violations),
            jobs,
            recipients,
            self.check_written(&mut violations),
        ];
        let doubled = self.check_journal(&mut violations);
        let statuses = self.check_statuses(&mut violations);
        let stuck = self.check_stuck(&mut violations);
        self.check_webhooks(&mut violations);
        for surprise in self.told.surprises.iter().chain(&self.complaints) {
            violations.add(surprise);
        }
        let is = |status| self.sent().filter(|it| it.status == status).count() as u64;
        Report {
            engine: self.engine,
            seed: self.seed,
            kills: ravaged.kills,
            kills_at_start: ravaged.at_start,
            took: ravaged.took,
            rows,
            statuses,
            reached: [self.journal.len() as u64, doubled],
            settled: self.settled(),
            ends: [Status::Unconfirmed, Status::Failed, Status::Cancelled].map(is),
            stuck,
            webhooks: [self.webhooks.webhooks, self.webhooks.attempts],
            repeated: self.told.repeated,
            reported: self.told.reported,
            answers: self.told.answers.clone(),
            unanswered: self.told.unanswered,
            violations,
        }
    }

    fn sent(&self) -> impl Iterator<Item = &Message> {
        let messages = self.messages.values();
        messages.filter(|it| it.direction == Direction::Outbound)
    }

    /// Returns the outbound messages by what they say, which is the number they were asked under.
    fn by_number(&self) -> BTreeMap<u64, Vec<&Message>> {
        let mut found: BTreeMap<u64, Vec<&Message>> = BTreeMap::new();
        for message in self.sent() {
            if let Content::Text(text) = &message.content
                && let Ok(number) = text.body.parse()
            {
                found.entry(number).or_default().push(message);
            }
        }
        found
    }

    /// Counts the messages of which nobody was told that they went, that did, and whose rows know.
    fn settled(&self) -> u64 {
        let found = self.by_number();
        let asked = self.told.asked.iter();
        let in_doubt = asked.filter(|it| matches!(it.told, Acknowledged::No));
        let rows = in_doubt.filter_map(|it| found.get(&it.number)).flatten();
        rows.filter(|it| it.wamid.is_some()).count() as u64
    }
}

async fn look_up(
    scene: &Scene,
    person: Person,
) -> anyhow::Result<Option<(Person, ContactId, Vec<Message>)>> {
    let Some(contact) = scene.store.contact_by_number(&person.key()).await? else {
        return Ok(None);
    };
    let messages = scene.store.messages_of_contact(contact.id, ALL).await?;
    Ok(Some((person, contact.id, messages)))
}

#[cfg(test)]
mod tests;
