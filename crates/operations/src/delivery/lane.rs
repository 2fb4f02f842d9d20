//! A lane: what leaves by one number, and what this process knows of it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::{ChannelId, ContactId, TenantId};
use storage::{Lease, LeaseName, Store, System};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::pace::Pace;
use super::pairs::Pairs;
use crate::error::Result;

/// How long a lane stays with a process that does not renew it.
pub(super) const LEASE_SECONDS: i64 = 10;

/// A lease is not believed to its very end: a write on its way takes a while.
const LEASE_BELIEVED: Duration = Duration::from_secs(7);

/// Which lane.
pub(super) type LaneKey = (TenantId, ChannelId);

/// A lane, as long as the process lives; whether it is this process's to use, its lease says.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) key: LaneKey,
    held: tokio::sync::Mutex<Held>,
    state: Mutex<State>,
    /// Something left, or something new waits.
    changed: Notify,
}

#[derive(Debug)]
struct Held {
    lease: Option<Lease>,
    until: Instant,
}

#[derive(Debug)]
struct State {
    pace: Pace,
    pairs: Pairs,
    /// To whom something is on its way: each person gets theirs one after the other.
    busy: HashSet<ContactId>,
    pump: Pump,
    /// Whether the number was paused since the pump last looked.
    was_paused: bool,
}

/// Whether somebody works through the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pump {
    Stopped,
    Running,
    /// Running, and something new may have come since it looked.
    Woken,
}

/// Why a message cannot leave at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeldUp {
    /// Something to the same person is on its way.
    Behind,
    /// The person has had many; for how long yet.
    Pair(Duration),
    /// The number sends as fast as it may.
    Pace,
}

/// A message's way through the lane, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    lane: Arc<Lane>,
    person: ContactId,
    /// Its place in the pace, until it leaves.
    place: Option<Instant>,
}

impl Slot {
    /// Waits until the message may leave, which it must then. Each try takes a place of its own.
    pub(super) async fn turn(&mut self) {
        while let Some(wait) = self.lane.turn(&mut self.place) {
            tokio::time::sleep(wait).await;
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.lane.state();
        state.busy.remove(&self.person);
        if let Some(place) = self.place {
            state.pace.give_back(place);
        }
        drop(state);
        self.lane.changed.notify_waiters();
    }
}

impl Lane {
    pub(super) fn new(key: LaneKey, per_second: i64) -> Self {
        let now = Instant::now();
        Self {
            key,
            held: tokio::sync::Mutex::new(Held {
                lease: None,
                until: now,
            }),
            state: Mutex::new(State {
                pace: Pace::new(per_second, now),
                pairs: Pairs::default(),
                busy: HashSet::new(),
                pump: Pump::Stopped,
                was_paused: false,
            }),
            changed: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the lane's lease, taken or renewed where that is due; nothing where another process
    /// holds it. What earlier holders left half done is marked as such.
    pub(super) async fn lease(&self, desk: &LeaseDesk<'_>) -> Result<Option<Lease>> {
        let mut held = self.held.lock().await;
        let asked_at = Instant::now();
        if held.until > asked_at {
            return Ok(held.lease.clone());
        }
        if let Some(lease) = &held.lease
            && desk.system.renew_lease(lease, LEASE_SECONDS).await?
        {
            held.until = asked_at + LEASE_BELIEVED;
            return Ok(held.lease.clone());
        }
        let name = LeaseName {
            tenant: self.key.0.get(),
            name: format!("lane/{}", self.key.1),
        };
        let taken = desk.system.take_lease(&name, desk.holder, LEASE_SECONDS);
        held.lease = taken.await?;
        let Some(lease) = &held.lease else {
            return Ok(None);
        };
        let left = desk.store.abandon_sends(self.key.1, lease, desk.at).await?;
        if left > 0 {
            tracing::warn!(
                messages = left,
                "sends were cut off by a crash; they are unconfirmed and will not be sent again"
            );
        }
        held.until = asked_at + LEASE_BELIEVED;
        Ok(held.lease.clone())
    }

    /// Renews the lease before it is due, where it is held and in use.
    pub(super) async fn keep(&self, system: &System) -> Result<()> {
        let mut held = self.held.lock().await;
        let asked_at = Instant::now();
        let Some(lease) = held.lease.clone() else {
            return Ok(());
        };
        if system.renew_lease(&lease, LEASE_SECONDS).await? {
            held.until = asked_at + LEASE_BELIEVED;
        } else {
            held.lease = None;
            held.until = asked_at;
        }
        Ok(())
    }

    /// Gives the lease back.
    pub(super) async fn release(&self, system: &System) -> Result<()> {
        let mut held = self.held.lock().await;
        held.until = Instant::now();
        match held.lease.take() {
            Some(lease) => Ok(system.release_lease(&lease).await?),
            None => Ok(()),
        }
    }

    /// Returns whether nothing is on its way and nobody looks for more.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        state.busy.is_empty() && state.pump == Pump::Stopped
    }

    /// Takes the channel's tier.
    pub(super) fn set_pace(&self, per_second: i64) {
        self.state().pace.set(per_second);
    }

    /// Lets nothing leave for a while.
    pub(super) fn hold(&self, pause: Duration) {
        self.state().pace.hold(Instant::now(), pause);
    }

    /// Notes that the number was paused: what the pump has read of the queue may not leave.
    pub(super) fn pause(&self) {
        self.state().was_paused = true;
    }

    /// Returns whether the number was paused since this was last asked.
    pub(super) fn was_paused(&self) -> bool {
        std::mem::take(&mut self.state().was_paused)
    }

    /// Takes a place for a message to the person, and says how long until it may leave.
    pub(super) fn enter(
        self: &Arc<Self>,
        person: ContactId,
        patience: Duration,
    ) -> Result<(Slot, Duration), HeldUp> {
        let now = Instant::now();
        let mut state = self.state();
        if state.busy.contains(&person) {
            return Err(HeldUp::Behind);
        }
        let wait = state.pairs.next_in(person, now);
        if !wait.is_zero() {
            return Err(HeldUp::Pair(wait));
        }
        let place = state.pace.reserve(now, patience).ok_or(HeldUp::Pace)?;
        state.busy.insert(person);
        state.pairs.take(person, now);
        let slot = Slot {
            lane: Arc::clone(self),
            person,
            place: Some(place),
        };
        Ok((slot, place - now))
    }

    /// Says how long whoever has this place, or none yet, has to wait; nothing where they leave now.
    fn turn(&self, place: &mut Option<Instant>) -> Option<Duration> {
        let now = Instant::now();
        let mut state = self.state();
        let taken = place.or_else(|| state.pace.reserve(now, Duration::MAX))?;
        let at = state.pace.turn(now, taken);
        *place = (at > now).then_some(at);
        place.map(|at| at - now)
    }

    /// Returns how many are on their way.
    pub(super) fn under_way(&self) -> usize {
        self.state().busy.len()
    }

    /// Returns how long until the pace has a place.
    pub(super) fn next_place_in(&self) -> Duration {
        self.state().pace.next_in(Instant::now())
    }

    /// Waits until something left or came, or for so long.
    pub(super) async fn changed(&self, most: Duration) {
        drop(tokio::time::timeout(most, self.changed.notified()).await);
    }

    /// Says that something may wait in the queue; returns whether somebody must be sent to look.
    pub(super) fn wake(&self) -> bool {
        let mut state = self.state();
        let was = state.pump;
        state.pump = match was {
            Pump::Stopped => Pump::Running,
            Pump::Running | Pump::Woken => Pump::Woken,
        };
        drop(state);
        self.changed.notify_waiters();
        was == Pump::Stopped
    }

    /// Says that the queue is looked at from now on.
    pub(super) fn look(&self) {
        self.state().pump = Pump::Running;
    }

    /// Stops looking, unless something came since the last look.
    pub(super) fn may_stop(&self) -> bool {
        let mut state = self.state();
        if state.pump == Pump::Woken {
            return false;
        }
        state.pump = Pump::Stopped;
        true
    }

    /// Stops looking, whatever came.
    pub(super) fn stop(&self) {
        self.state().pump = Pump::Stopped;
    }
}

/// What it takes to take a lease.
pub(super) struct LeaseDesk<'a> {
    pub(super) system: System,
    pub(super) store: &'a Store,
    pub(super) holder: &'a str,
    pub(super) at: jiff::Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{HeldUp, Lane};
    use domain::ids::{ChannelId, ContactId, TenantId};
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    fn person(id: i64) -> ContactId {
        ContactId::new(id).unwrap()
    }

    /// A lane of one message a second.
    fn slow_lane() -> Arc<Lane> {
        let key = (TenantId::new(1).unwrap(), ChannelId::new(1).unwrap());
        Arc::new(Lane::new(key, 1))
    }

    #[tokio::test]
    async fn only_a_place_that_was_used_is_gone() {
        let lane = slow_lane();
        let unused = lane.enter(person(1), Duration::ZERO).unwrap();
        let held_up = lane.enter(person(2), Duration::ZERO).unwrap_err();
        assert_eq!(held_up, HeldUp::Pace);
        drop(unused);
        let (mut used, _) = lane.enter(person(2), Duration::ZERO).unwrap();
        used.turn().await;
        drop(used);
        let held_up = lane.enter(person(3), Duration::ZERO).unwrap_err();
        assert_eq!(held_up, HeldUp::Pace);
    }

    #[tokio::test]
    async fn each_try_waits_for_a_place_of_its_own() {
        let lane = slow_lane();
        let (mut slot, _) = lane.enter(person(1), Duration::ZERO).unwrap();
        let start = Instant::now();
        slot.turn().await;
        slot.turn().await;
        assert!(start.elapsed() > Duration::from_secs(1));
    }
}
