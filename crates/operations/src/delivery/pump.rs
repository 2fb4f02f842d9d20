//! The pump works a lane's queue off, in small groups, for as long as there is one.

use std::time::Duration;

use domain::ids::MessageId;
use storage::{Departure, Lease, Waiting};

use super::Route;
use super::attempt::{Attempt, has_links};
use super::lane::{HeldUp, Slot};
use crate::error::Result;
use crate::operations::Operations;

/// As many messages are taken up in one transaction.
const GROUP: usize = 128;

/// As many messages may be on their way by one number.
const UNDER_WAY: usize = 512;

/// How long before their places come messages are taken up, so that writing the rows down, which
/// waits for the disk, holds nothing up; and how much of that must be left for a look to be worth
/// it. What was taken up when a process is killed is `unconfirmed`, so it is not long.
const AHEAD: Duration = Duration::from_millis(150);
const LEAST_AHEAD: Duration = Duration::from_millis(75);

/// How long to wait for something to happen before looking again.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How long to wait after the storage failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How often a number that Meta stopped is tried with one message.
const PROBE_AFTER: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// What a look at the queue came to.
enum Look {
    /// There may be more.
    More,
    /// The next place comes later.
    Pause(Duration),
    /// Everything due is on its way already, or must wait for what is.
    Wait,
    /// Nothing is due, or nothing may be sent.
    Nothing,
}

impl Operations {
    /// Sends what is due, until nothing is. It is started where none runs.
    pub(super) async fn pump(&self, route: &Route) {
        let mut ready: Vec<Waiting> = Vec::new();
        while !self.delivery().stopping.is_cancelled() {
            route.lane.look();
            match self.pump_once(route, &mut ready).await {
                Ok(Look::More) => {}
                Ok(Look::Pause(pause)) => tokio::time::sleep(pause).await,
                Ok(Look::Wait) => route.lane.changed(LOOK_AGAIN).await,
                Ok(Look::Nothing) if route.lane.may_stop() => return,
                Ok(Look::Nothing) => {}
                Err(error) => {
                    tracing::warn!(channel.id = %route.channel.id, error = %error, "a queue waits");
                    ready.clear();
                    route.lane.changed(AFTER_FAILURE).await;
                }
            }
        }
        route.lane.stop();
    }

    async fn pump_once(&self, route: &Route, ready: &mut Vec<Waiting>) -> Result<Look> {
        let Some(lease) = self.lease(route).await? else {
            return Ok(Look::Nothing);
        };
        if ready.is_empty() {
            let Some((fresh, most)) = self.open_route(route).await? else {
                return Ok(Look::Nothing);
            };
            let now = self.clock().now();
            *ready = fresh.store.waiting(fresh.channel.id, now, most).await?;
            if ready.is_empty() {
                return Ok(Look::Nothing);
            }
            // Those due longest are at the end, to be taken from there.
            ready.reverse();
        }
        let pause = route.lane.next_place_in().saturating_sub(LEAST_AHEAD);
        if !pause.is_zero() {
            return Ok(Look::Pause(pause));
        }
        let room = UNDER_WAY.saturating_sub(route.lane.under_way());
        let group = self.admit(route, ready, room.min(GROUP)).await?;
        // Asked once their slots are taken: whoever paused the number gave theirs back after it.
        if route.lane.was_paused() {
            ready.clear();
            return Ok(Look::More);
        }
        if group.is_empty() {
            return Ok(Look::Wait);
        }
        self.depart(route, &lease, group).await?;
        Ok(Look::More)
    }

    /// Returns the channel as it is now, and how many may be taken up; nothing where it is paused.
    async fn open_route(&self, route: &Route) -> Result<Option<(Route, usize)>> {
        let Some(channel) = route.store.channel(route.channel.id).await? else {
            return Ok(None);
        };
        let most = match &channel.paused {
            None => GROUP * 2,
            Some(pause) if pause.is_by_meta && pause.at + PROBE_AFTER <= self.clock().now() => 1,
            Some(_) => return Ok(None),
        };
        Ok(Some((self.route(route.lane.key.0, channel), most)))
    }

    /// Picks those who may leave soon, at most so many; who has had many is put off.
    async fn admit(
        &self,
        route: &Route,
        ready: &mut Vec<Waiting>,
        most: usize,
    ) -> Result<Vec<(Waiting, Slot)>> {
        let mut group = Vec::with_capacity(most.min(ready.len()));
        while group.len() < most
            && let Some(waiting) = ready.pop()
        {
            match route.lane.enter(waiting.contact_id, AHEAD) {
                Ok((slot, _)) => group.push((waiting, slot)),
                Err(HeldUp::Behind) => {}
                Err(HeldUp::Pace) => {
                    ready.push(waiting);
                    break;
                }
                Err(HeldUp::Pair(wait)) => {
                    let due_at = self.clock().now() + wait;
                    route.store.defer(&[waiting.id], due_at).await?;
                }
            }
        }
        Ok(group)
    }

    /// Takes a group up and sends it. Whoever has media to be given to Meta first goes alone, once
    /// that is done.
    async fn depart(
        &self,
        route: &Route,
        lease: &Lease,
        group: Vec<(Waiting, Slot)>,
    ) -> Result<()> {
        let (slow, group): (Vec<_>, Vec<_>) = group
            .into_iter()
            .partition(|(waiting, _)| has_links(&waiting.content));
        for (waiting, slot) in slow {
            let (operations, route) = (self.clone(), route.clone());
            self.tasks().spawn(async move {
                operations.depart_with_media(&route, waiting, slot).await;
            });
        }
        if group.is_empty() {
            return Ok(());
        }
        let ids: Vec<MessageId> = group.iter().map(|(waiting, _)| waiting.id).collect();
        let at = self.clock().now();
        let departures = route.store.depart(lease, &ids, at).await?;
        for ((waiting, slot), departure) in group.into_iter().zip(departures) {
            if departure != Departure::Sending {
                continue;
            }
            let (operations, route) = (self.clone(), route.clone());
            self.tasks().spawn(async move {
                operations.attempt(&route, slot, waiting.into()).await;
            });
        }
        Ok(())
    }

    async fn depart_with_media(&self, route: &Route, waiting: Waiting, slot: Slot) {
        let mut attempt = Attempt::from(waiting);
        let (tries, patience) = (attempt.tries, attempt.patience);
        attempt.ready = self.ready(route, &attempt.content, (tries, patience)).await;
        if self.depart_alone(route, attempt.message_id).await == Some(Departure::Sending) {
            self.attempt(route, slot, attempt).await;
        }
    }
}
