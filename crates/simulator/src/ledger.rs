//! What was sent, and what is to go wrong.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::chance;
use crate::fault::{Fault, FaultRule};

/// How many messages are kept.
const MAX_SENT: usize = 10_000;

/// How many bytes of message bodies are kept, as they came over the wire.
const MAX_SENT_BYTES: usize = 32 * 1024 * 1024;

/// A message the simulator took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// Its number, which rises from 1.
    pub number: u64,
    /// When it was taken, in microseconds since 1970.
    pub at_microseconds: i64,
    /// The id it was given.
    pub wamid: String,
    /// Whom it went to: the digits as dialled, or a business-scoped user id.
    pub to: String,
    /// Meta's id of the number it came from.
    pub phone_number_id: String,
    /// Its `type`.
    pub kind: String,
    /// What came along as `biz_opaque_callback_data`.
    pub opaque: Option<String>,
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
    taken: u64,
    faults: VecDeque<FaultRule>,
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

    pub(crate) fn add_fault(&self, rule: FaultRule) {
        self.pages().faults.push_back(rule);
    }

    /// Lets the next message have a fault that could not be used.
    pub(crate) fn give_back(&self, fault: Fault) {
        self.pages().faults.push_front(FaultRule::once(fault));
    }

    pub(crate) fn faults(&self) -> Vec<FaultRule> {
        self.pages().faults.iter().cloned().collect()
    }

    pub(crate) fn clear_faults(&self) {
        self.pages().faults.clear();
    }

    /// Returns what is to go wrong with a message, and counts it as gone wrong.
    pub(crate) fn next_fault(&self, phone_number_id: &str, to: &str) -> Option<Fault> {
        let faults = &mut self.pages().faults;
        let is_for = |rule: &FaultRule| rule.is_for(phone_number_id, to, dice_for(rule.percent));
        let at = faults.iter().position(is_for)?;
        let rule = faults.get_mut(at)?;
        let fault = rule.fault.clone();
        if let Some(count) = &mut rule.count {
            *count = count.saturating_sub(1);
            if *count == 0 {
                faults.remove(at);
            }
        }
        Some(fault)
    }

    /// Keeps a message whose request had this many bytes, and forgets the oldest ones.
    pub(crate) fn record(&self, mut sent: Sent, bytes: usize) {
        let mut pages = self.pages();
        pages.taken += 1;
        sent.number = pages.taken;
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

    /// Returns how many were taken at all, and those kept after a number, oldest first.
    pub(crate) fn after(&self, number: u64, most: usize) -> (u64, Vec<Arc<Sent>>) {
        let pages = self.pages();
        let first = pages.sent.front().map_or(0, |it| it.sent.number);
        let skip = (number.saturating_add(1)).saturating_sub(first);
        let later = pages
            .sent
            .iter()
            .skip(usize::try_from(skip).unwrap_or(usize::MAX));
        let later = later.take(most).map(|it| it.sent.clone()).collect();
        (pages.taken, later)
    }

    /// Returns a message that is still kept.
    pub(crate) fn find(&self, wamid: &str) -> Option<Arc<Sent>> {
        let pages = self.pages();
        let newest_first = pages.sent.iter().rev();
        let mut found = newest_first.filter(|it| it.sent.wamid == wamid);
        found.next().map(|it| it.sent.clone())
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Throws the dice only where chance decides.
fn dice_for(percent: u8) -> u8 {
    if percent >= 100 { 0 } else { chance::percent() }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, MAX_SENT, MAX_SENT_BYTES, Sent};
    use serde_json::Value;

    fn sent(number: usize) -> Sent {
        Sent {
            number: 0,
            at_microseconds: 0,
            opaque: None,
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
