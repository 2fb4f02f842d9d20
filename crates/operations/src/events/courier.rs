//! What waits for its webhook, on its way there: few at once to each receiver, so that a slow one
//! hurts nobody, and no more in memory than can be on its way.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::{DeliveryId, TenantId, WebhookId};
use jiff::SignedDuration;
use storage::{DueDelivery, SettledAs, Settlement, Store, Webhook};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::voice::Parcel;
use super::webhooks::outcome;
use crate::operations::Operations;

/// As many deliveries are on their way at once.
const AT_ONCE: u32 = 1024;

/// As many of them to one receiver.
const AT_ONCE_TO_ONE: usize = 16;

/// How long to wait after an attempt that failed; after the last one there is another attempt, and
/// no more.
const WAITS: [SignedDuration; 2] = [SignedDuration::from_secs(30), SignedDuration::from_mins(2)];

/// Waits between attempts to write down what became of a delivery.
const RECORD_AGAIN: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(5),
];

/// What is on its way.
pub(crate) struct Courier {
    places: Arc<Semaphore>,
    under_way: Mutex<UnderWay>,
    news: Notify,
}

#[derive(Default)]
struct UnderWay {
    receivers: HashMap<String, Receiver>,
    deliveries: HashSet<DeliveryId>,
    /// What came back since somebody last looked at what is due: it is among what they found, and is
    /// due no more.
    came_back: HashSet<DeliveryId>,
    /// Of one person, one delivery follows the other.
    about: HashSet<(WebhookId, i64)>,
}

/// A server that webhooks lead to.
#[derive(Default)]
struct Receiver {
    at_once: usize,
    /// Whether the last delivery failed. Until one is taken again, one at a time is tried.
    is_failing: bool,
}

impl Receiver {
    fn room(&self) -> usize {
        let most = if self.is_failing { 1 } else { AT_ONCE_TO_ONE };
        most.saturating_sub(self.at_once)
    }
}

impl Default for Courier {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE as usize)),
            under_way: Mutex::default(),
            news: Notify::new(),
        }
    }
}

impl Courier {
    /// Says that something may be due.
    pub(crate) fn wake(&self) {
        self.news.notify_one();
    }

    /// Returns once something may be due.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    /// Returns once nothing is on its way.
    pub(super) async fn is_idle(&self) {
        // Closed is never.
        drop(self.places.acquire_many(AT_ONCE).await);
    }

    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        let locked = self.under_way.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how many more a receiver may be told at once, and how many it is being told.
    fn room(&self, receiver: &str) -> (usize, usize) {
        let under_way = self.under_way();
        let receiver = under_way.receivers.get(receiver);
        receiver.map_or((AT_ONCE_TO_ONE, 0), |it| (it.room(), it.at_once))
    }

    /// Begins a look at what is due. Whatever comes back from now on is not taken again by what the
    /// look finds.
    fn look(&self) {
        self.under_way().came_back.clear();
    }

    /// Takes a delivery that was found on its way; nothing where it is already, or was when the look
    /// began, or there is no room for it.
    fn take(
        &self,
        receiver: &str,
        webhook: WebhookId,
        delivery: &DueDelivery,
    ) -> Option<OwnedSemaphorePermit> {
        let mut under_way = self.under_way();
        let about = (webhook, delivery.about);
        let is_known = under_way.deliveries.contains(&delivery.id)
            || under_way.came_back.contains(&delivery.id)
            || under_way.about.contains(&about);
        let has_room = |it: &Receiver| it.room() > 0;
        if is_known || !under_way.receivers.get(receiver).is_none_or(has_room) {
            return None;
        }
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        under_way.deliveries.insert(delivery.id);
        under_way.about.insert(about);
        let receiver = under_way.receivers.entry(receiver.to_owned()).or_default();
        receiver.at_once += 1;
        Some(place)
    }

    /// Takes note that a delivery is on its way no more.
    fn give_back(&self, receiver: &str, webhook: WebhookId, delivery: &DueDelivery) {
        let mut under_way = self.under_way();
        under_way.deliveries.remove(&delivery.id);
        under_way.came_back.insert(delivery.id);
        under_way.about.remove(&(webhook, delivery.about));
        if let Some(told) = under_way.receivers.get_mut(receiver) {
            told.at_once = told.at_once.saturating_sub(1);
            if told.at_once == 0 && !told.is_failing {
                under_way.receivers.remove(receiver);
            }
        }
        drop(under_way);
        self.wake();
    }

    fn note(&self, receiver: &str, is_failing: bool) {
        if let Some(receiver) = self.under_way().receivers.get_mut(receiver) {
            receiver.is_failing = is_failing;
        }
    }
}

/// A delivery on its way.
struct Trip {
    store: Store,
    webhook: Webhook,
    receiver: String,
    delivery: DueDelivery,
}

impl Operations {
    /// Sends on their way as many of the deliveries that are due as there is room for; returns
    /// whether there was one.
    pub(super) async fn send_out(&self) -> storage::Result<bool> {
        let now = self.clock().now();
        let mut has_sent = false;
        for (tenant, webhook) in self.database().system().webhooks_with_due(now).await? {
            has_sent |= self.send_out_to(tenant, webhook).await?;
        }
        Ok(has_sent)
    }

    async fn send_out_to(&self, tenant: TenantId, webhook: WebhookId) -> storage::Result<bool> {
        let store = self.database().store_for(tenant);
        let Some(webhook) = store.webhook(webhook).await? else {
            return Ok(false);
        };
        let receiver = receiver_of(&webhook.url);
        let (room, at_once) = self.courier().room(&receiver);
        if room == 0 || webhook.disabled.is_some() {
            return Ok(false);
        }
        let now = self.clock().now();
        self.courier().look();
        // What is on its way is still due as well.
        let due = store.due_deliveries(webhook.id, now, room + at_once);
        let mut has_sent = false;
        for delivery in due.await? {
            let Some(place) = self.courier().take(&receiver, webhook.id, &delivery) else {
                continue;
            };
            has_sent = true;
            let trip = Trip {
                store: store.clone(),
                webhook: webhook.clone(),
                receiver: receiver.clone(),
                delivery,
            };
            let operations = self.clone();
            self.tasks().spawn(async move {
                operations.deliver(&trip).await;
                let (webhook, delivery) = (trip.webhook.id, &trip.delivery);
                let courier = operations.courier();
                courier.give_back(&trip.receiver, webhook, delivery);
                drop(place);
            });
        }
        Ok(has_sent)
    }

    /// Makes a delivery once, and writes down what became of it. Where that cannot be written it
    /// will be made again.
    async fn deliver(&self, trip: &Trip) {
        let (webhook, delivery) = (&trip.webhook, &trip.delivery);
        let is_late = delivery.give_up_at <= self.clock().now();
        let (answer, reason) = if is_late {
            (None, Some("it could not be told for a day".to_owned()))
        } else {
            let parcel = Parcel {
                id: delivery.id,
                event: &delivery.event,
                at: self.clock().now(),
                signature: None,
            };
            outcome(self.post(webhook, parcel, &delivery.body).await)
        };
        if !is_late {
            self.courier().note(&trip.receiver, reason.is_some());
        }
        let at = self.clock().now();
        let wait = usize::try_from(delivery.attempts)
            .ok()
            .and_then(|nth| WAITS.get(nth));
        let as_what = match (&reason, wait) {
            (None, _) => SettledAs::Delivered,
            (Some(_), Some(wait)) if !is_late => SettledAs::Again(at + *wait),
            (Some(_), _) => SettledAs::Failed {
                off_after: self.voice(webhook.api).and_then(|it| it.off_after()),
            },
        };
        if let Some(reason) = &reason {
            let id = delivery.id;
            tracing::info!(delivery.id = %id, webhook.id = %webhook.id, reason, "a webhook was not told");
        }
        let settlement = Settlement {
            attempts: delivery.attempts,
            as_what,
            answer,
            reason,
            at,
        };
        self.record_delivery(trip, settlement).await;
    }

    async fn record_delivery(&self, trip: &Trip, settlement: Settlement) {
        let mut waits = RECORD_AGAIN.into_iter();
        loop {
            let (webhook, id) = (trip.webhook.id, trip.delivery.id);
            let settled = trip.store.settle_delivery(webhook, id, settlement.clone());
            let Err(error) = settled.await else { return };
            tracing::warn!(error = %error, "what became of a delivery is not written yet");
            match waits.next() {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return,
            }
        }
    }
}

/// Returns the server that an address is on.
fn receiver_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest[..end].to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use domain::Clock;
    use domain::ids::{DeliveryId, WebhookId};
    use storage::DueDelivery;

    use super::Courier;

    const RECEIVER: &str = "hooks.acme.test";

    fn due(id: i64, about: i64) -> DueDelivery {
        DueDelivery {
            id: DeliveryId::new(id).unwrap(),
            event: "message.sent".into(),
            about,
            body: "{}".into(),
            attempts: 0,
            give_up_at: Clock::system().now(),
        }
    }

    #[test]
    fn what_comes_back_during_a_look_is_not_taken_again() {
        let (courier, webhook) = (Courier::default(), WebhookId::new(7).unwrap());
        let (one, other) = (due(1, 5), due(2, 6));
        courier.look();
        assert!(courier.take(RECEIVER, webhook, &one).is_some());
        assert!(courier.take(RECEIVER, webhook, &one).is_none());
        // The next look finds both; while it does, the first is told and written down.
        courier.look();
        courier.give_back(RECEIVER, webhook, &one);
        assert!(courier.take(RECEIVER, webhook, &one).is_none());
        assert!(courier.take(RECEIVER, webhook, &other).is_some());
        // One that is still due in a later look is to be tried again.
        courier.look();
        assert!(courier.take(RECEIVER, webhook, &one).is_some());
    }

    #[test]
    fn of_one_person_one_delivery_follows_the_other() {
        let (courier, webhook) = (Courier::default(), WebhookId::new(7).unwrap());
        let (first, second) = (due(1, 5), due(2, 5));
        courier.look();
        assert!(courier.take(RECEIVER, webhook, &first).is_some());
        assert!(courier.take(RECEIVER, webhook, &second).is_none());
        courier.give_back(RECEIVER, webhook, &first);
        assert!(courier.take(RECEIVER, webhook, &second).is_some());
    }
}
