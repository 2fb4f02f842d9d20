//! Applying events: everything an event changes, and that it was applied, in one transaction.
//!
//! Whoever applies holds a lease and says so in the same transaction, so each event is applied
//! once, whichever process dies when. Applying again what was applied changes nothing all the same.

mod changes;
mod edits;
mod messages;
mod owners;
mod people;
mod reports;
mod talks;
mod templates;

pub use changes::{
    Change, InboundChange, InboundEdit, InboundFile, InboundMessage, Report, TemplateChange,
    TemplateNews, Upgrade, Wish, WishOrigin,
};
pub use people::Person;
pub(crate) use talks::{Pair, Touch, Touched, touch};

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::waiting::fail;
use crate::error::{Error, Result};
use crate::leases::{Lease, must_hold};
use crate::sql;
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::Value;
use owners::{Owner, Owners};

/// How many ids an event may need: of a message, a conversation, a contact and a consent.
const IDS: usize = 4;
const CONTACT: usize = 2;

/// An event with the ids that what it makes will have.
struct Event {
    change: InboundChange,
    ids: [i64; IDS],
}

impl Event {
    fn message_id(&self) -> i64 {
        self.ids[0]
    }

    fn conversation_id(&self) -> i64 {
        self.ids[1]
    }

    fn contact_id(&self) -> i64 {
        self.ids[CONTACT]
    }

    fn consent_id(&self) -> i64 {
        self.ids[3]
    }
}

/// An event whose owner is known, on its way.
#[derive(Clone, Copy)]
struct Owned<'e> {
    event: &'e Event,
    owner: &'e Owner,
}

/// What is to be said of events after all.
#[derive(Default)]
struct Endings {
    notes: Vec<(i64, &'static str)>,
    failures: Vec<(i64, &'static str)>,
}

impl System {
    /// Applies events in their order, all of them or none; a change that the tenant's data speaks
    /// against fails alone. Fails with [`Error::LeaseLost`] where somebody else applies by now.
    pub async fn apply_events(
        &self,
        lease: &Lease,
        changes: Vec<InboundChange>,
        now: Timestamp,
    ) -> Result<()> {
        let mut events = Vec::with_capacity(changes.len());
        for change in changes {
            let mut ids = [0; IDS];
            // A light one makes a contact at most. None is taken while the work is under way: that
            // would let everybody else who needs one wait for its end.
            let taken = if change.change.is_light() {
                &mut ids[CONTACT..=CONTACT]
            } else {
                &mut ids[..]
            };
            for id in taken {
                *id = self.database().next_id().await?;
            }
            events.push(Event { change, ids });
        }
        let (lease, events) = (lease.clone(), Arc::new(events));
        let unit = work(move |tx| {
            let (lease, events) = (lease.clone(), Arc::clone(&events));
            Box::pin(async move { apply(tx, &lease, &events, now).await })
        });
        self.database().write(unit).await
    }
}

async fn apply(tx: &mut Tx, lease: &Lease, events: &[Event], now: Timestamp) -> Result<()> {
    must_hold(tx, lease).await?;
    let owners = owners::of(tx, events).await?;
    let mut batch = Batch::default();
    for event in events {
        batch.take(tx, &owners, event).await?;
    }
    batch.flush(tx).await?;
    finish(tx, events, &batch.endings, now).await
}

/// Events that are applied together: reports and messages touch different rows, so each kind may
/// wait for others of its own.
#[derive(Default)]
struct Batch<'e> {
    messages: Vec<Owned<'e>>,
    reports: Vec<Owned<'e>>,
    endings: Endings,
}

impl<'e> Batch<'e> {
    async fn take(&mut self, tx: &mut Tx, owners: &'e Owners, event: &'e Event) -> Result<()> {
        let id = event.change.event_id;
        let owner = match owners.judge(&event.change) {
            Ok(owner) => owner,
            Err(reason) => {
                self.endings.failures.push((id, reason));
                return Ok(());
            }
        };
        match (&event.change.change, owner) {
            (Change::Unreadable, _) => self.endings.failures.push((id, "it is not JSON")),
            (Change::Kept(note), _) => self.endings.notes.extend(note.map(|note| (id, note))),
            (Change::Upgraded(upgrade), _) => {
                if !owners::upgrade(tx, &event.change, upgrade).await? {
                    self.endings.notes.push((id, "no channel has this number"));
                }
            }
            (Change::Template(change), _) => templates::apply(tx, &event.change, change).await?,
            (_, None) => self.endings.failures.push((id, "it names no number")),
            (Change::Said(_), Some(owner)) => self.messages.push(Owned { event, owner }),
            (Change::Reported(_), Some(owner)) => self.reports.push(Owned { event, owner }),
            (change, Some(owner)) => {
                self.flush(tx).await?;
                let owned = Owned { event, owner };
                match change {
                    Change::Edited(edit) => edits::apply(tx, owned, edit).await?,
                    Change::Wished(wish) => {
                        if !people::wish(tx, owned, wish).await? {
                            self.endings.failures.push((id, "it names nobody"));
                        }
                    }
                    Change::Moved { before, after } => {
                        if !people::moved(tx, owned, (before, after)).await? {
                            self.endings.notes.push((id, "nobody was called so before"));
                        }
                    }
                    Change::Said(_)
                    | Change::Reported(_)
                    | Change::Upgraded(_)
                    | Change::Template(_)
                    | Change::Kept(_)
                    | Change::Unreadable => {}
                }
            }
        }
        Ok(())
    }

    async fn flush(&mut self, tx: &mut Tx) -> Result<()> {
        let messages = std::mem::take(&mut self.messages);
        let written = messages::apply(tx, &messages, &mut self.endings).await?;
        let reports = std::mem::take(&mut self.reports);
        reports::apply(tx, &reports, &mut self.endings).await?;
        written.finish(tx).await
    }
}

const NOTE_COLUMNS: [(&str, &str); 2] = [("v_id", "BIGINT"), ("v_note", "TEXT")];

/// Takes the events off what waits, and says of each what is to be said.
async fn finish(tx: &mut Tx, events: &[Event], endings: &Endings, now: Timestamp) -> Result<()> {
    for chunk in events.chunks(sql::MAX_ROWS) {
        let ids = chunk.iter().map(|event| event.change.event_id.into());
        let mut values: Vec<Value> = ids.collect();
        // Nulls are nobody's id; they keep the number of distinct statements small.
        let count = chunk.len().next_power_of_two();
        values.resize(count, Value::Null);
        // global: events are whose number they are of.
        let sql = "DELETE FROM inbound_waiting WHERE event_id IN ";
        let sql = format!("{sql}{}", sql::list(1, count));
        if tx.execute(&sql, &values).await? != chunk.len() as u64 {
            return Err(Error::lost_race("an event was applied by somebody else"));
        }
    }
    for chunk in endings.notes.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 2);
        for (id, note) in chunk {
            values.extend([(*id).into(), (*note).into()]);
        }
        let with = sql::with_values(&NOTE_COLUMNS, &mut values);
        let sql = format!("{with} UPDATE inbound_events SET note = v_note FROM v WHERE id = v_id");
        tx.execute(&sql, &values).await?;
    }
    for (id, reason) in &endings.failures {
        let failed = [(*id).into(), (*reason).into(), 1.into(), now.into()];
        fail(tx, &failed).await?;
    }
    Ok(())
}

/// Groups rows by a key, in the order in which each key came first.
fn by_key<K: std::hash::Hash + Eq + Copy, T>(
    rows: impl IntoIterator<Item = (K, T)>,
) -> Vec<(K, Vec<T>)> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for (key, row) in rows {
        let place = *places.entry(key).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(row);
    }
    groups
}
