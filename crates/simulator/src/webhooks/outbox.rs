//! What waits to be posted to an app.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::behaviour::Behaviour;
use super::log::{Counts, Delivery, Log, State};
use super::update::{self, Update};

/// How much may wait, in bytes, for an app that does not answer.
const MAX_BYTES: usize = 128 * 1024 * 1024;

/// The longest pause between two attempts, and how long a webhook is tried at all, as Meta does.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
const GIVE_UP_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);

/// What waits to be posted to an app.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    behaviour: Behaviour,
    fresh: VecDeque<(Instant, Update)>,
    /// Turned round already, and next in line.
    turned: VecDeque<Update>,
    later: BTreeMap<(Instant, u64), Parcel>,
    bytes: usize,
    in_flight: u32,
    log: Log,
}

/// A webhook that is to be posted.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    id: u64,
    pub(super) url: Arc<str>,
    pub(super) body: Bytes,
    /// The signature to send in place of the right one; empty is none at all.
    pub(super) signature: Option<String>,
    born_at: Instant,
    attempts: u32,
}

/// What becomes of the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Luck {
    Arrives,
    IsLost,
    /// It arrives, and nobody hears the answer.
    IsUnheard,
}

enum Next {
    Parcel(Parcel, Luck),
    At(Instant),
    Never,
}

impl Outbox {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what came about; where too much waits already, it is thrown away and counted.
    pub(crate) fn push(&self, updates: impl IntoIterator<Item = Update>) {
        let mut inner = self.inner();
        let now = Instant::now();
        for update in updates {
            inner.log.counts.updates += 1;
            let bytes = inner.bytes + update.weight();
            if bytes > MAX_BYTES {
                if inner.log.counts.dropped_updates == 0 {
                    tracing::error!("too many webhooks wait; the newest are thrown away");
                }
                inner.log.counts.dropped_updates += 1;
                continue;
            }
            inner.bytes = bytes;
            inner.fresh.push_back((now, update));
        }
        drop(inner);
        self.changed.notify_one();
    }

    /// Adds a webhook as it is, some times.
    pub(crate) fn push_raw(&self, raw: &Raw) -> Vec<u64> {
        let mut inner = self.inner();
        let now = Instant::now();
        let ids = inner.add(now, raw, 1);
        drop(inner);
        self.changed.notify_one();
        ids
    }

    pub(crate) fn behaviour(&self) -> Behaviour {
        self.inner().behaviour
    }

    pub(crate) fn set_behaviour(&self, behaviour: Behaviour) {
        self.inner().behaviour = behaviour;
        self.changed.notify_one();
    }

    pub(crate) fn counts(&self) -> Counts {
        let inner = self.inner();
        Counts {
            waiting_updates: (inner.fresh.len() + inner.turned.len()) as u64,
            ..inner.log.counts
        }
    }

    pub(crate) fn deliveries(&self, after: u64, most: usize) -> Vec<Delivery> {
        self.inner().log.after(after, most)
    }

    /// Waits for a webhook that is due.
    pub(super) async fn next(&self) -> (Parcel, Luck) {
        loop {
            let changed = self.changed.notified();
            let next = self.inner().next(Instant::now());
            match next {
                Next::Parcel(parcel, luck) => return (parcel, luck),
                Next::At(at) => {
                    drop(tokio::time::timeout_at(at, changed).await);
                }
                Next::Never => changed.await,
            }
        }
    }

    /// Takes a webhook back after an attempt: it is done, or will be posted again.
    pub(super) fn finish(&self, parcel: Parcel, outcome: Result<u16, String>, pause: Duration) {
        let now = Instant::now();
        let mut inner = self.inner();
        inner.in_flight -= 1;
        let state = if outcome == Ok(200) {
            State::Delivered
        } else if now.duration_since(parcel.born_at) > GIVE_UP_AFTER {
            State::GivenUp
        } else {
            State::Pending
        };
        inner.log.attempted(parcel.id, state, outcome);
        if state == State::Pending {
            let at = now + pause_after(parcel.attempts, pause);
            inner.later.insert((at, parcel.id), parcel);
        } else {
            inner.bytes = inner.bytes.saturating_sub(parcel.weight());
        }
        drop(inner);
        self.changed.notify_one();
    }
}

/// Returns how long to wait after a number of attempts: not at all, then longer and longer.
fn pause_after(attempts: u32, pause: Duration) -> Duration {
    match attempts {
        0 | 1 => Duration::ZERO,
        more => pause
            .saturating_mul(1 << (more - 2).min(30))
            .min(LONGEST_PAUSE),
    }
}

/// A webhook that somebody else worded.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) url: Arc<str>,
    pub(crate) body: Bytes,
    pub(crate) signature: Option<String>,
    pub(crate) times: u32,
}

impl Parcel {
    fn weight(&self) -> usize {
        self.body.len() + 256
    }
}

impl Inner {
    fn next(&mut self, now: Instant) -> Next {
        if self.in_flight >= self.behaviour.concurrency {
            return Next::Never;
        }
        if self.later.first_key_value().is_none_or(|it| it.0.0 > now) {
            self.wrap(now);
        }
        let Some(first) = self.later.first_entry() else {
            return self.ripe_at(now).map_or(Next::Never, Next::At);
        };
        let due_at = first.key().0;
        if due_at > now {
            let ripe_at = self.ripe_at(now);
            return Next::At(ripe_at.map_or(due_at, |it| it.min(due_at)));
        }
        let mut parcel = first.remove();
        let Behaviour {
            drop_first,
            unheard_first,
            ..
        } = self.behaviour;
        let luck = match parcel.attempts {
            it if it < drop_first => Luck::IsLost,
            it if it < drop_first.saturating_add(unheard_first) => Luck::IsUnheard,
            _ => Luck::Arrives,
        };
        parcel.attempts = parcel.attempts.saturating_add(1);
        self.in_flight += 1;
        Next::Parcel(parcel, luck)
    }

    /// Returns when the oldest update is to be put into a webhook, if there is one.
    fn ripe_at(&self, now: Instant) -> Option<Instant> {
        if !self.turned.is_empty() {
            return Some(now);
        }
        let (came_at, _) = self.fresh.front()?;
        let Behaviour {
            delay_ms,
            gather_ms,
            batch,
            reorder,
            ..
        } = self.behaviour;
        let due_at = *came_at + Duration::from_millis(delay_ms);
        let wanted = batch.max(reorder) as usize;
        // The last of those that are wanted must be due as well.
        let gathered = self.fresh.get(wanted - 1);
        let gathered_at = gathered.map(|it| it.0 + Duration::from_millis(delay_ms));
        let patience = due_at + Duration::from_millis(gather_ms);
        Some(gathered_at.map_or(patience, |it| it.min(patience)))
    }

    /// Puts updates that are due into a webhook.
    fn wrap(&mut self, now: Instant) {
        if self.ripe_at(now).is_none_or(|at| at > now) {
            return;
        }
        let Behaviour {
            repeat,
            reorder,
            batch,
            delay_ms,
            ..
        } = self.behaviour;
        let delay = Duration::from_millis(delay_ms);
        let mut updates: Vec<Update> = Vec::new();
        while updates.len() < batch as usize {
            if self.turned.is_empty() {
                let due = self.fresh.iter().take(reorder as usize);
                let due = due.take_while(|it| it.0 + delay <= now).count();
                let due = self.fresh.drain(..due).map(|it| it.1);
                self.turned.extend(due.rev());
            }
            let Some(next) = self.turned.front() else {
                break;
            };
            if updates.first().is_some_and(|it| it.url != next.url) {
                break;
            }
            updates.extend(self.turned.pop_front());
        }
        let Some(first) = updates.first() else {
            return;
        };
        let raw = Raw {
            url: first.url.clone(),
            body: update::body(&updates),
            signature: None,
            times: repeat,
        };
        let weight: usize = updates.iter().map(Update::weight).sum();
        self.bytes = self.bytes.saturating_sub(weight);
        self.add(now, &raw, updates.len());
    }

    /// Adds a webhook to those that are due, as often as it says, and returns their numbers.
    fn add(&mut self, now: Instant, raw: &Raw, updates: usize) -> Vec<u64> {
        let mut ids = Vec::new();
        for _ in 0..raw.times {
            let id = self.log.add(raw.url.clone(), updates, raw.body.clone());
            let parcel = Parcel {
                id,
                url: raw.url.clone(),
                body: raw.body.clone(),
                signature: raw.signature.clone(),
                born_at: now,
                attempts: 0,
            };
            self.bytes += parcel.weight();
            self.later.insert((now, id), parcel);
            ids.push(id);
        }
        ids
    }
}
