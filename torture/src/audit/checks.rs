//! What must be true, one thing after the other.

use std::collections::{BTreeSet, HashMap};

use domain::ids::{ContactId, MessageId};
use domain::message::{Direction, Message, Status};

use super::Audit;
use crate::people::Person;
use crate::report::{Row, Violations};
use crate::simulator::Counts;
use crate::told::Acknowledged;

impl Audit<'_> {
    /// Every acknowledged contact is there, and every person once.
    pub(super) fn check_contacts(&self, violations: &mut Violations) -> Row {
        let acknowledged: BTreeSet<Person> = self.told.contacts.iter().copied().collect();
        let mut lost = 0;
        for person in &acknowledged {
            if !self.contacts.contains_key(person) {
                lost += 1;
                violations.add(format!("the contact of person {} is lost", person.0));
            }
        }
        let different: BTreeSet<ContactId> = self.contacts.values().copied().collect();
        let people = self.contacts.len() as u64;
        let doubled = self.counted.unsigned_abs().abs_diff(people);
        if doubled > 0 || different.len() != self.contacts.len() {
            let (counted, different) = (self.counted, different.len());
            violations.add(format!(
                "{people} people have {different} contacts, and the tenant counts {counted}"
            ));
        }
        Row {
            name: "contacts",
            asked: self.told.contacts_asked,
            acknowledged: acknowledged.len() as u64,
            found: people,
            lost,
            doubled,
        }
    }

    /// Every acknowledged send has one row, with the id that was told, and its person's.
    pub(super) fn check_sends(&self, violations: &mut Violations) -> Row {
        let found = self.by_number();
        let mut row = Row::of("messages asked for");
        for asked in &self.told.asked {
            let rows = found.get(&asked.number).map_or(&[][..], Vec::as_slice);
            let number = asked.number;
            row.asked += 1;
            row.found += u64::from(!rows.is_empty());
            if rows.len() > 1 {
                row.doubled += 1;
                violations.add(format!("message {number} has {} rows", rows.len()));
            }
            let Acknowledged::Sent(wamid) = &asked.told else {
                continue;
            };
            row.acknowledged += 1;
            let is_it = |message: &&&Message| message.wamid.as_ref() == Some(wamid);
            match rows.iter().find(is_it) {
                None => {
                    row.lost += 1;
                    let rows: Vec<_> = rows.iter().map(|it| (it.id, it.status)).collect();
                    violations.add(format!("sent message {number} is lost; it has {rows:?}"));
                }
                Some(message) if self.contacts.get(&asked.to) != Some(&message.contact_id) => {
                    violations.add(format!("sent message {number} is somebody else's"));
                }
                Some(_) => {}
            }
        }
        row
    }

    /// Every message that was queued is there.
    pub(super) fn check_queued(&self, violations: &mut Violations) -> Row {
        let mut row = Row::of("of these queued");
        for asked in &self.told.asked {
            let Acknowledged::Queued(id) = &asked.told else {
                continue;
            };
            row.asked += 1;
            row.acknowledged += 1;
            if self.messages.contains_key(id) {
                row.found += 1;
            } else {
                row.lost += 1;
                violations.add(format!("queued message {id} is lost"));
            }
        }
        row
    }

    /// Every message that somebody wrote is there once, under its own sender, and no other.
    pub(super) fn check_written(&self, violations: &mut Violations) -> Row {
        let mut found: HashMap<&str, Vec<&Message>> = HashMap::new();
        let messages = self.messages.values();
        for message in messages.filter(|it| it.direction == Direction::Inbound) {
            let wamid = message.wamid.as_deref().unwrap_or_default();
            found.entry(wamid).or_default().push(message);
        }
        let mut row = Row::of("messages written to us");
        for (wamid, person) in &self.told.written {
            row.asked += 1;
            // The simulator says that every webhook was answered with 200, or it is not settled.
            row.acknowledged += 1;
            let rows = found.remove(wamid.as_str()).unwrap_or_default();
            row.found += u64::from(!rows.is_empty());
            if rows.is_empty() {
                row.lost += 1;
                violations.add(format!("a message that person {} wrote is lost", person.0));
            }
            if rows.len() > 1 {
                row.doubled += 1;
                let ids: Vec<_> = rows.iter().map(|it| it.id).collect();
                violations.add(format!("a written message has the rows {ids:?}"));
            }
            let contact = self.contacts.get(person);
            if rows.iter().any(|it| contact != Some(&it.contact_id)) {
                let ids: Vec<_> = rows.iter().map(|it| it.id).collect();
                violations.add(format!("{ids:?} of person {} are another's", person.0));
            }
        }
        for message in found.into_values().flatten() {
            violations.add(format!("nobody wrote message {}", message.id));
        }
        row
    }

    /// Nothing reached the simulator twice, and whatever did has its row; returns how many did
    /// twice.
    pub(super) fn check_journal(&self, violations: &mut Violations) -> u64 {
        let mut doubled = 0;
        let mut reached: HashMap<MessageId, &str> = HashMap::new();
        for entry in &self.journal {
            let Some(id) = entry.message_id else {
                violations.add("the simulator took a message without our id");
                continue;
            };
            if reached.insert(id, &entry.wamid).is_some() {
                doubled += 1;
                violations.add(format!("message {id} reached the simulator twice"));
            }
            match self.messages.get(&id) {
                None => violations.add(format!("message {id} was sent and has no row")),
                Some(row) if row.wamid.as_ref() != Some(&entry.wamid) => {
                    let status = row.status;
                    violations.add(format!("message {id}, {status:?}, has another id at Meta"));
                }
                Some(_) => {}
            }
        }
        for message in self.sent() {
            let (id, status) = (message.id, message.status);
            if message.wamid.is_some() && !reached.contains_key(&id) {
                violations.add(format!(
                    "message {id}, {status:?}, never reached the simulator"
                ));
            }
        }
        doubled
    }

    /// Whatever reached the simulator is as far as was reported; returns how many are, of how many.
    pub(super) fn check_statuses(&self, violations: &mut Violations) -> [u64; 2] {
        let mut risen = 0;
        for entry in &self.journal {
            let Some(row) = entry.message_id.and_then(|id| self.messages.get(&id)) else {
                continue;
            };
            let reported = if self.told.played.contains(&entry.wamid) {
                Status::Played
            } else {
                Status::Read
            };
            if row.status == reported {
                risen += 1;
            } else {
                let (id, status) = (row.id, row.status);
                violations.add(format!("message {id} is {status:?}, reported {reported:?}"));
            }
        }
        [risen, self.journal.len() as u64]
    }

    /// Nothing is under way any more; returns how many rows and events are all the same.
    pub(super) fn check_stuck(&self, violations: &mut Violations) -> [u64; 3] {
        let is_stuck = |it: &&Message| matches!(it.status, Status::Queued | Status::Sending);
        let mut stuck = 0;
        for message in self.sent().filter(is_stuck) {
            stuck += 1;
            let (id, status) = (message.id, message.status);
            violations.add(format!("message {id} is still {status:?}"));
        }
        let [received, failed] = &self.events;
        for event in received {
            violations.add(format!("event {event} is not applied"));
        }
        for event in failed {
            violations.add(format!("event {event} failed"));
        }
        [stuck, received.len() as u64, failed.len() as u64]
    }

    pub(super) fn check_webhooks(&self, violations: &mut Violations) {
        let Counts {
            dropped_updates,
            given_up,
            ..
        } = self.webhooks;
        if dropped_updates + given_up > 0 {
            violations.add("the simulator gave webhooks up; the run says nothing of these");
        }
    }
}
