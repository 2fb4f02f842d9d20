//! What was sent, and what is to go wrong.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::fault::Fault;

/// How many messages are kept.
const MAX_SENT: usize = 10_000;

/// How many bytes of message bodies are kept, as they came over the wire.
const MAX_SENT_BYTES: usize = 32 * 1024 * 1024;

/// A message the simulator took.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The id it was given.
    pub wamid: String,
    /// Whom it went to: the digits as dialled, or a business-scoped user id.
    pub to: String,
    /// Meta's id of the number it came from.
    pub phone_number_id: String,
    /// Its `type`.
    pub kind: String,
    /// The whole request.
    pub body: Value,
}

/// Keeps count; shared by all connections.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    requests: AtomicU64,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    sent: VecDeque<Entry>,
    sent_bytes: usize,
    faults: VecDeque<Fault>,
}

#[derive(Debug)]
struct Entry {
    sent: Arc<Sent>,
    bytes: usize,
}

impl Ledger {
    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn add_fault(&self, fault: Fault) {
        self.pages().faults.push_back(fault);
    }

    pub(crate) fn next_fault(&self) -> Option<Fault> {
        self.pages().faults.pop_front()
    }

    /// Keeps a message whose request had this many bytes, and forgets the oldest ones.
    pub(crate) fn record(&self, sent: Sent, bytes: usize) {
        let mut pages = self.pages();
        pages.sent_bytes += bytes;
        pages.sent.push_back(Entry {
            sent: Arc::new(sent),
            bytes,
        });
        while pages.sent.len() > MAX_SENT || pages.sent_bytes > MAX_SENT_BYTES {
            let Some(oldest) = pages.sent.pop_front() else {
                break;
            };
            pages.sent_bytes -= oldest.bytes;
        }
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        // The copying is done without the lock, which every request needs.
        let shared: Vec<Arc<Sent>> = self.pages().sent.iter().map(|it| it.sent.clone()).collect();
        shared.into_iter().map(Arc::unwrap_or_clone).collect()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, MAX_SENT, MAX_SENT_BYTES, Sent};
    use serde_json::Value;

    fn sent(number: usize) -> Sent {
        Sent {
            wamid: number.to_string(),
            to: "16505551234".into(),
            phone_number_id: "1".into(),
            kind: "text".into(),
            body: Value::Null,
        }
    }

    #[test]
    fn only_the_last_messages_are_kept() {
        let ledger = Ledger::default();
        for number in 0..MAX_SENT + 5 {
            ledger.record(sent(number), 100);
        }
        let kept = ledger.sent();
        assert_eq!(kept.len(), MAX_SENT);
        assert_eq!(kept[0].wamid, "5");
    }

    #[test]
    fn long_messages_are_forgotten_sooner() {
        let ledger = Ledger::default();
        for number in 0..10 {
            ledger.record(sent(number), MAX_SENT_BYTES / 4);
        }
        let kept: Vec<_> = ledger.sent().into_iter().map(|it| it.wamid).collect();
        assert_eq!(kept, ["6", "7", "8", "9"]);
    }
}
