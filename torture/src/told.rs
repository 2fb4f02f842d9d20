//! What everybody asked for, and what they were told.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::ids::{JobId, MessageId};

use crate::people::Person;

/// What everybody asked for, and what they were told.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Pages>);

/// A message that somebody asked for, once.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Its number, which is its text too.
    pub(crate) number: u64,
    pub(crate) to: Person,
    pub(crate) told: Acknowledged,
}

/// What whoever asked for a message heard.
#[derive(Clone, Debug)]
pub(crate) enum Acknowledged {
    /// Nothing, or that it did not go.
    No,
    /// That Meta took it, under this id.
    Sent(String),
    /// That it is queued.
    Queued(MessageId),
}

/// A bulk job that somebody asked for, once, however often the request came.
#[derive(Clone, Debug)]
pub(crate) struct AskedJob {
    /// Everybody in it, each once.
    pub(crate) people: Vec<Person>,
    /// How many of them are in it a second time, in another spelling or the same.
    pub(crate) repeated: u64,
    /// The job, once it was acknowledged.
    pub(crate) told: Option<JobId>,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// People there are; the next one has this number.
    pub(crate) people: u64,
    pub(crate) contacts_asked: u64,
    /// Whose contact was acknowledged, once an answer.
    pub(crate) contacts: Vec<Person>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) jobs: Vec<AskedJob>,
    /// By their ids, who wrote the messages that the simulator posts.
    pub(crate) written: HashMap<String, Person>,
    /// Messages that the simulator was made to post again.
    pub(crate) repeated: u64,
    /// Statuses that the simulator was made to post besides its own.
    pub(crate) reported: u64,
    /// Messages that were reported as played.
    pub(crate) played: BTreeSet<String>,
    /// How often the server answered a kind of request with a status.
    pub(crate) answers: BTreeMap<(&'static str, u16), u64>,
    /// Requests that nobody answered.
    pub(crate) unanswered: u64,
    /// What should not have been said.
    pub(crate) surprises: Vec<String>,
}

impl Told {
    pub(crate) fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns somebody new.
    pub(crate) fn newcomer(&self) -> Person {
        let mut pages = self.pages();
        pages.people += 1;
        Person(pages.people - 1)
    }
}

impl Pages {
    /// Keeps a message that is about to be asked for, and returns its number.
    pub(crate) fn ask(&mut self, to: Person) -> u64 {
        let number = self.asked.len() as u64;
        self.asked.push(Asked {
            number,
            to,
            told: Acknowledged::No,
        });
        number
    }

    /// Keeps what was said of a message.
    pub(crate) fn acknowledge(&mut self, number: u64, told: Acknowledged) {
        let asked = usize::try_from(number).ok();
        if let Some(asked) = asked.and_then(|it| self.asked.get_mut(it)) {
            asked.told = told;
        }
    }
}
