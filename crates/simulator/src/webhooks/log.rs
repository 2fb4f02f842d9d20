//! What became of the webhooks.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Serialize, Serializer};

/// How many webhooks are remembered, and how many bytes of their bodies.
const MAX_DELIVERIES: usize = 10_000;
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// How far a webhook got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was not heard yet, and will be posted again.
    Pending,
    /// It was answered with 200.
    Delivered,
    /// It was not heard for too long, or there is no longer anybody to tell.
    GivenUp,
}

/// A webhook, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its number, which rises.
    pub id: u64,
    /// Where it goes.
    #[serde(serialize_with = "as_text")]
    pub url: Arc<str>,
    /// How many updates it carries.
    pub updates: usize,
    /// How far it got.
    pub state: State,
    /// How often it was tried, those attempts included that were lost on purpose.
    pub attempts: u32,
    /// The last answer's status, if there ever was one.
    pub last_status: Option<u16>,
    /// Why the last attempt failed, if it did.
    pub last_error: Option<String>,
    /// What is posted.
    #[serde(skip)]
    pub body: Bytes,
}

fn as_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// How many webhooks there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Updates that came about.
    pub updates: u64,
    /// Updates that were thrown away, because too much waited already.
    pub dropped_updates: u64,
    /// Updates that wait to be put into a webhook.
    pub waiting_updates: u64,
    /// Webhooks, repeats included.
    pub webhooks: u64,
    /// Attempts to post one.
    pub attempts: u64,
    /// Webhooks that were answered with 200.
    pub delivered: u64,
    /// Webhooks that will not be tried again.
    pub given_up: u64,
}

/// The last webhooks of an app.
#[derive(Debug, Default)]
pub(super) struct Log {
    deliveries: VecDeque<Delivery>,
    body_bytes: usize,
    next_id: u64,
    pub(super) counts: Counts,
}

impl Log {
    /// Adds a webhook that is about to be posted, and returns its number.
    pub(super) fn add(&mut self, url: Arc<str>, updates: usize, body: Bytes) -> u64 {
        self.next_id += 1;
        self.counts.webhooks += 1;
        self.body_bytes += body.len();
        self.deliveries.push_back(Delivery {
            id: self.next_id,
            url,
            updates,
            state: State::Pending,
            attempts: 0,
            last_status: None,
            last_error: None,
            body,
        });
        while self.deliveries.len() > MAX_DELIVERIES || self.body_bytes > MAX_BODY_BYTES {
            let Some(oldest) = self.deliveries.pop_front() else {
                break;
            };
            self.body_bytes -= oldest.body.len();
        }
        self.next_id
    }

    /// Writes down what came of an attempt.
    pub(super) fn attempted(&mut self, id: u64, state: State, outcome: Result<u16, String>) {
        self.counts.attempts += 1;
        match state {
            State::Delivered => self.counts.delivered += 1,
            State::GivenUp => self.counts.given_up += 1,
            State::Pending => {}
        }
        // The numbers follow each other, so the place of one is known.
        let first = self.deliveries.front().map_or(0, |it| it.id);
        let place = id
            .checked_sub(first)
            .and_then(|it| usize::try_from(it).ok());
        let found = place.and_then(|it| self.deliveries.get_mut(it));
        let Some(delivery) = found else {
            return;
        };
        delivery.attempts += 1;
        delivery.state = state;
        match outcome {
            Ok(status) => {
                delivery.last_status = Some(status);
                delivery.last_error = (status != 200).then(|| format!("answered {status}"));
            }
            Err(error) => delivery.last_error = Some(error),
        }
    }

    /// Returns those after a number, oldest first.
    pub(super) fn after(&self, id: u64, most: usize) -> Vec<Delivery> {
        let later = self.deliveries.iter().filter(|it| it.id > id);
        later.take(most).cloned().collect()
    }
}
