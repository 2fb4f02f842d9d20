//! Events on their way in: the signature, then the ledger, and nothing else before Meta hears 200.

use std::sync::Arc;
use std::time::Duration;

use cloud_api::webhook::{self, Element};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use storage::NewEvent;
use tokio::sync::{Notify, Semaphore};

use super::apps::MetaApp;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// How much of bodies may be in memory at once, in KiB. Meta posts in parallel, and its bursts must
/// not fill the memory.
const ROOM_KIB: usize = 48 << 10;

/// How long a body waits for room; Meta comes again by itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the two ends of the ledger share in one process.
pub(crate) struct Arrivals {
    room: Arc<Semaphore>,
    /// Told when something waits to be applied.
    pub(super) news: Notify,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(ROOM_KIB)),
            news: Notify::new(),
        }
    }
}

/// Room for a body that is about to be read; it is given back when this is dropped.
#[derive(Debug)]
pub struct Room {
    _taken: tokio::sync::OwnedSemaphorePermit,
}

impl Operations {
    /// Takes room for a body of so many bytes; fails with [`Error::Busy`] where there is none.
    pub async fn take_room(&self, bytes: usize) -> Result<Room> {
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX);
        let taken = Arc::clone(&self.arrivals().room).acquire_many_owned(kib);
        match tokio::time::timeout(PATIENCE, taken).await {
            Ok(Ok(taken)) => Ok(Room { _taken: taken }),
            Ok(Err(_)) | Err(_) => Err(Error::Busy {
                retry_after_seconds: 1,
            }),
        }
    }

    /// Keeps the events of a body, if its signature is the app's; `false` where it is not.
    ///
    /// Returns after the commit. What cannot be read is kept as it is.
    pub async fn accept_events(&self, app: &MetaApp, signature: &str, body: &[u8]) -> Result<bool> {
        if !app.has_signed(body, signature) {
            return Ok(false);
        }
        let now = self.clock().now();
        let events = match webhook::parse(body) {
            Ok(payload) => payload
                .elements
                .iter()
                .map(|it| event(app, it, now))
                .collect(),
            Err(webhook::NotJson) => vec![unreadable(app, body, now)],
        };
        if !events.is_empty() {
            self.database().system().keep_events(events).await?;
            self.arrivals().news.notify_one();
        }
        Ok(true)
    }
}

fn event(app: &MetaApp, element: &Element, now: Timestamp) -> NewEvent {
    let number = element.phone_number_id.as_deref();
    let place = number.unwrap_or(&element.waba_id);
    NewEvent {
        key: key(app, element.occurred_at, &[place, &element.dedup_key]),
        app_id: app.id,
        waba_id: element.waba_id.clone(),
        phone_number_id: element.phone_number_id.clone(),
        kind: element.event.kind(),
        body: element.to_payload(),
        at: now,
    }
}

fn unreadable(app: &MetaApp, body: &[u8], now: Timestamp) -> NewEvent {
    let text = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
    NewEvent {
        key: key(app, None, &["unreadable", &text]),
        app_id: app.id,
        waba_id: String::new(),
        phone_number_id: None,
        kind: "unreadable",
        body: text,
        at: now,
    }
}

/// Returns what an event's repetitions share. It begins with when the event happened, so that the
/// index grows at its end and the pages that are written are few.
fn key(app: &MetaApp, occurred_at: Option<Timestamp>, parts: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(app.id.to_be_bytes());
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let seconds = occurred_at.map_or(0, Timestamp::as_second);
    let mut key = seconds.to_be_bytes().to_vec();
    key.extend_from_slice(&hash.finalize()[..24]);
    key
}
