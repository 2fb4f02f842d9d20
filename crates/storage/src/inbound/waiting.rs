//! The events that are not applied yet.

use jiff::Timestamp;

use crate::error::Result;
use crate::leases::{Lease, must_hold};
use crate::system::System;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// An event that waits to be applied.
#[derive(Clone, Debug)]
pub struct WaitingEvent {
    /// Its id.
    pub id: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// The app that posted it.
    pub app_id: i64,
    /// The business account it is of.
    pub waba_id: String,
    /// The number it is of, if it names one.
    pub phone_number_id: Option<String>,
    /// All of it, as Meta says it.
    pub body: String,
    /// When it came.
    pub received_at: Timestamp,
}

fn read(row: &mut Row) -> Result<WaitingEvent> {
    Ok(WaitingEvent {
        id: row.int()?,
        attempts: row.int()?,
        app_id: row.int()?,
        waba_id: row.text()?,
        phone_number_id: row.opt_text()?,
        body: row.text()?,
        received_at: row.time()?,
    })
}

impl System {
    /// Returns the oldest events that are due, in the order in which they came.
    pub async fn waiting_events(&self, now: Timestamp, limit: i64) -> Result<Vec<WaitingEvent>> {
        // global: events are whose number they are of.
        let sql = "SELECT e.id, w.attempts, e.app_id, e.waba_id, e.phone_number_id, \
                 e.body, e.received_at \
             FROM (SELECT event_id, attempts FROM inbound_waiting WHERE due_at <= ?1 \
                 ORDER BY event_id LIMIT ?2) w JOIN inbound_events e ON e.id = w.event_id";
        let values = [now.into(), limit.into()];
        let rows = self
            .database()
            .read(|tx| Box::pin(async move { tx.query(sql, &values).await }))
            .await?;
        let mut events: Vec<WaitingEvent> = rows
            .into_iter()
            .map(|mut row| read(&mut row))
            .collect::<Result<_>>()?;
        // Every node has ids of its own; theirs say nothing of the order among each other.
        events.sort_by_key(|event| (event.received_at, event.id));
        Ok(events)
    }

    /// Lets an event wait until another time; it could not be applied now.
    pub async fn postpone_event(
        &self,
        lease: &Lease,
        event: &WaitingEvent,
        due_at: Timestamp,
    ) -> Result<()> {
        let lease = lease.clone();
        let values = [event.id.into(), due_at.into()];
        let unit = work(move |tx| {
            let (lease, values) = (lease.clone(), values.clone());
            Box::pin(async move {
                must_hold(tx, &lease).await?;
                // global: events are whose number they are of.
                let sql = "UPDATE inbound_waiting SET due_at = ?2, attempts = attempts + 1 \
                     WHERE event_id = ?1";
                tx.execute(sql, &values).await.map(drop)
            })
        });
        self.database().write(unit).await
    }

    /// Gives an event up, and says why.
    pub async fn fail_event(
        &self,
        lease: &Lease,
        event: &WaitingEvent,
        reason: &str,
        at: Timestamp,
    ) -> Result<()> {
        let lease = lease.clone();
        let failed = [
            event.id.into(),
            reason.into(),
            (event.attempts + 1).into(),
            at.into(),
        ];
        let unit = work(move |tx| {
            let (lease, failed) = (lease.clone(), failed.clone());
            Box::pin(async move {
                must_hold(tx, &lease).await?;
                // global: events are whose number they are of.
                let sql = "DELETE FROM inbound_waiting WHERE event_id = ?1";
                tx.execute(sql, &failed[..1]).await?;
                fail(tx, &failed).await
            })
        });
        self.database().write(unit).await
    }
}

/// Notes an event that failed: its id, the reason, how often it was tried, and when.
pub(super) async fn fail(tx: &mut Tx, failed: &[Value; 4]) -> Result<()> {
    // global: events are whose number they are of.
    let sql = "INSERT INTO inbound_failed (event_id, reason, attempts, failed_at) \
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (event_id) DO UPDATE SET \
         reason = excluded.reason, attempts = excluded.attempts, failed_at = excluded.failed_at";
    tx.execute(sql, failed).await.map(drop)
}

/// Lets an event wait.
pub(super) async fn wait(tx: &mut Tx, id: i64, due_at: Timestamp) -> Result<()> {
    // global: events are whose number they are of.
    let sql = "INSERT INTO inbound_waiting (event_id, due_at, attempts) VALUES (?1, ?2, 0) \
         ON CONFLICT DO NOTHING";
    tx.execute(sql, &[id.into(), due_at.into()]).await.map(drop)
}
