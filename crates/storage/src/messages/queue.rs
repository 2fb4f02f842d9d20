//! Messages that wait for their turn, and the step in which they leave.

use domain::ids::{ChannelId, ContactId, MessageId};
use domain::message::{Content, Kind, Status};
use jiff::Timestamp;

use super::claim::opted_out;
use super::rows::{FORGET_CODE, read_content};
use crate::error::Result;
use crate::leases::{Lease, must_hold};
use crate::sql;
use crate::store::Store;
use crate::tallies::{Counted, Moves};
use crate::tx::{Tx, first_of_each_pair, work};
use crate::value::{Row, Value};

/// A message whose turn it is.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Which one.
    pub id: MessageId,
    /// To whom.
    pub contact_id: ContactId,
    /// The number of the recipient, in digits.
    pub phone: Option<String>,
    /// The business-scoped id of the recipient.
    pub bsuid: Option<String>,
    /// What WhatsApp calls the number, as far as it is known.
    pub wa_id: Option<String>,
    /// What it says.
    pub content: Content,
    /// The WhatsApp id of the message it answers.
    pub context_wamid: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is no longer wanted.
    pub give_up_at: Option<Timestamp>,
}

/// What became of a message whose turn it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It is written down as `sending`; it must be sent now.
    Sending,
    /// A rule speaks against it; it is `skipped` and says why.
    Skipped,
    /// It came too late, and is `cancelled`.
    GivenUp,
    /// It does not wait any more, or is another lane's.
    Gone,
}

/// Why a message was skipped, as its row tells it.
pub const SKIPPED_OPTED_OUT: &str = "The contact opted out";
/// See [`SKIPPED_OPTED_OUT`].
pub const SKIPPED_BLOCKED: &str = "The contact is blocked";
/// See [`SKIPPED_OPTED_OUT`].
pub const SKIPPED_WINDOW: &str = "The 24-hour service window is closed";

impl Store {
    /// Returns messages whose turn it is: the first of each recipient, those due longest first. One
    /// that is planned for later holds nobody up; one that is tried again later does.
    pub async fn waiting(
        &self,
        channel: ChannelId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Waiting>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [
            self.tenant_value(),
            channel.get().into(),
            now.into(),
            limit.into(),
        ];
        // Not `NOT EXISTS`: Postgres makes a join of that, and as it believes the index of what is
        // under way to be empty, it reads the whole queue for each message.
        let sql = "SELECT m.id, m.contact_id, c.phone, c.bsuid, c.wa_id, m.content, \
             m.context_wamid, m.attempts, m.give_up_at \
             FROM messages m JOIN contacts c ON c.tenant_id = m.tenant_id AND c.id = m.contact_id \
             WHERE m.tenant_id = ?1 AND m.channel_id = ?2 AND m.status = 'queued' \
             AND m.due_at <= ?3 AND (SELECT 1 FROM messages e \
                 WHERE e.tenant_id = m.tenant_id AND e.channel_id = m.channel_id \
                 AND e.contact_id = m.contact_id AND e.status IN ('queued', 'sending') \
                 AND (e.status = 'sending' OR e.due_at <= ?3 OR e.attempts > 0) \
                 AND (e.created_at < m.created_at \
                     OR (e.created_at = m.created_at AND e.id < m.id)) LIMIT 1) IS NULL \
             ORDER BY m.due_at, m.id LIMIT ?4";
        self.rows(sql, values, read).await
    }

    /// Takes messages up, under the lane's lease: checks the rules and writes them down as
    /// `sending`, at most 256 at once. The answers are in the order of the ids.
    pub async fn depart(
        &self,
        lease: &Lease,
        ids: &[MessageId],
        at: Timestamp,
    ) -> Result<Vec<Departure>> {
        let unit = Departing {
            tenant: self.tenant.get(),
            lease: lease.clone(),
            ids: ids.iter().map(|id| id.get()).collect(),
            at,
        };
        let unit = std::sync::Arc::new(unit);
        self.database
            .write(work(move |tx| {
                let unit = std::sync::Arc::clone(&unit);
                Box::pin(async move { unit.run(tx).await })
            }))
            .await
    }

    /// Puts messages off, such as those to somebody who has had many.
    pub async fn defer(&self, ids: &[MessageId], due_at: Timestamp) -> Result<()> {
        let tenant = self.tenant_value();
        let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
        self.database
            .write(work(move |tx| {
                let (tenant, ids) = (tenant.clone(), ids.clone());
                Box::pin(async move {
                    for chunk in ids.chunks(sql::MAX_ROWS) {
                        let mut values = vec![tenant.clone(), due_at.into()];
                        let list = id_list(chunk, &mut values);
                        let sql = format!(
                            "UPDATE messages SET due_at = ?2 \
                             WHERE tenant_id = ?1 AND id IN {list} AND status = 'queued'"
                        );
                        tx.execute(&sql, &values).await?;
                    }
                    Ok(())
                })
            }))
            .await
    }

    /// Takes a message back that has not left; `false` where it has, or there is none.
    pub async fn cancel_message(&self, id: MessageId, at: Timestamp) -> Result<bool> {
        let tenant = self.tenant.get();
        self.database
            .write(work(move |tx| {
                let cancelled = end(tx, (tenant, id.get()), (Status::Cancelled, None), at);
                Box::pin(cancelled)
            }))
            .await
    }

    /// Marks what earlier holders of a lane left `sending` as unconfirmed, for they are gone;
    /// returns how many there were. They are never sent again by guess.
    pub async fn abandon_sends(
        &self,
        channel: ChannelId,
        lease: &Lease,
        at: Timestamp,
    ) -> Result<u64> {
        let values = [
            self.tenant_value(),
            channel.get().into(),
            lease.epoch.into(),
            at.into(),
        ];
        // The list is the index's own condition, word for word: SQLite asks for that.
        let sql = format!(
            "UPDATE messages SET status = 'unconfirmed', updated_at = ?4, {FORGET_CODE} \
             WHERE tenant_id = ?1 AND channel_id = ?2 AND status = 'sending' \
             AND COALESCE(lane_epoch, 0) < ?3 AND status IN ('queued', 'sending')"
        );
        let lease = lease.clone();
        self.database
            .write(work(move |tx| {
                let (values, lease, sql) = (values.clone(), lease.clone(), sql.clone());
                Box::pin(async move {
                    must_hold(tx, &lease).await?;
                    tx.execute(&sql, &values).await
                })
            }))
            .await
    }
}

fn read(row: &mut Row) -> Result<Waiting> {
    Ok(Waiting {
        id: row.id(MessageId::new)?,
        contact_id: row.id(ContactId::new)?,
        phone: row
            .opt_text()?
            .map(|phone| phone.trim_start_matches('+').to_owned()),
        bsuid: row.opt_text()?,
        wa_id: row.opt_text()?,
        content: read_content(&row.text()?)?,
        context_wamid: row.opt_text()?,
        attempts: row.int()?,
        give_up_at: row.opt_time()?,
    })
}

/// Adds the ids to the values and returns their list, filled up to a power of two, so that few
/// distinct statements are ever prepared.
fn id_list(ids: &[i64], values: &mut Vec<Value>) -> String {
    let first = values.len() + 1;
    values.extend(ids.iter().map(|id| Value::Int(*id)));
    let last = ids.last().map_or(Value::Null, |id| Value::Int(*id));
    values.resize(first - 1 + ids.len().next_power_of_two(), last);
    sql::list(first, values.len() + 1 - first)
}

/// Messages that are taken up together.
#[derive(Debug)]
struct Departing {
    tenant: i64,
    lease: Lease,
    ids: Vec<i64>,
    at: Timestamp,
}

impl Departing {
    async fn run(&self, tx: &mut Tx) -> Result<Vec<Departure>> {
        must_hold(tx, &self.lease).await?;
        let mut departures = vec![Departure::Gone; self.ids.len()];
        let mut leaving = Vec::with_capacity(self.ids.len());
        for mut row in self.look(tx).await? {
            let id = row.int()?;
            let (is_blocked, is_opted_out) = (row.flag()?, row.flag()?);
            let (needs_window, window) = (row.flag()?, row.opt_time()?);
            let is_closed = needs_window && window.is_none_or(|until| until <= self.at);
            let is_late = row
                .opt_time()?
                .is_some_and(|give_up_at| give_up_at <= self.at);
            let departure = if is_late {
                end(tx, (self.tenant, id), (Status::Cancelled, None), self.at).await?;
                Departure::GivenUp
            } else if let Some(why) = skipped(is_blocked, is_opted_out, is_closed) {
                end(tx, (self.tenant, id), (Status::Skipped, Some(why)), self.at).await?;
                Departure::Skipped
            } else {
                leaving.push(id);
                continue;
            };
            self.tell(id, departure, &mut departures);
        }
        if !leaving.is_empty() {
            for mut row in self.leave(tx, &leaving).await? {
                self.tell(row.int()?, Departure::Sending, &mut departures);
            }
        }
        Ok(departures)
    }

    fn tell(&self, id: i64, departure: Departure, departures: &mut [Departure]) {
        let index = self.ids.iter().position(|it| *it == id);
        if let Some(place) = index.and_then(|index| departures.get_mut(index)) {
            *place = departure;
        }
    }

    async fn look(&self, tx: &mut Tx) -> Result<Vec<Row>> {
        let mut values = vec![self.tenant.into()];
        let list = id_list(&self.ids, &mut values);
        let opted_out = opted_out("m.channel_id", "m.topic");
        let sql = format!(
            "SELECT m.id, c.is_blocked, {opted_out}, m.needs_window, k.window_expires_at, \
             m.give_up_at FROM messages m \
             JOIN contacts c ON c.tenant_id = m.tenant_id AND c.id = m.contact_id \
             JOIN conversations k ON k.tenant_id = m.tenant_id AND k.id = m.conversation_id \
             WHERE m.tenant_id = ?1 AND m.id IN {list} AND m.status = 'queued'"
        );
        tx.query(&sql, &values).await
    }

    async fn leave(&self, tx: &mut Tx, ids: &[i64]) -> Result<Vec<Row>> {
        let mut values = vec![self.tenant.into(), self.lease.epoch.into(), self.at.into()];
        let list = id_list(ids, &mut values);
        let sql = format!(
            "UPDATE messages SET status = 'sending', lane_epoch = ?2, updated_at = ?3 \
             WHERE tenant_id = ?1 AND id IN {list} AND status = 'queued' RETURNING id"
        );
        tx.query(&sql, &values).await
    }
}

/// Ends the wait of a message that will not leave; `false` where it does not wait.
async fn end(
    tx: &mut Tx,
    (tenant, id): (i64, i64),
    (status, why): (Status, Option<&str>),
    at: Timestamp,
) -> Result<bool> {
    let sql = format!(
        "UPDATE messages SET status = ?3, error_title = ?4, updated_at = ?5, {FORGET_CODE} \
         WHERE tenant_id = ?1 AND id = ?2 AND status = 'queued' RETURNING kind, created_at"
    );
    let values = [
        tenant.into(),
        id.into(),
        status.as_str().into(),
        why.into(),
        at.into(),
    ];
    let Some(mut row) = tx.first(&sql, &values).await? else {
        return Ok(false);
    };
    let mut moves = Moves::default();
    let message = Counted {
        tenant,
        id,
        kind: row.word(Kind::parse)?,
        at: row.time()?,
    };
    moves.moved(message, Status::Queued, status);
    moves.write(tx).await?;
    Ok(true)
}

fn skipped(is_blocked: bool, is_opted_out: bool, is_closed: bool) -> Option<&'static str> {
    let reasons = [
        (is_blocked, SKIPPED_BLOCKED),
        (is_opted_out, SKIPPED_OPTED_OUT),
        (is_closed, SKIPPED_WINDOW),
    ];
    let found = reasons.into_iter().find(|(applies, _)| *applies);
    found.map(|(_, reason)| reason)
}

/// A channel with something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusyChannel {
    /// Whose.
    pub tenant_id: i64,
    /// Which.
    pub channel_id: ChannelId,
}

/// Returns the channels where something is due.
pub(crate) async fn channels_with_due(tx: &mut Tx, now: Timestamp) -> Result<Vec<BusyChannel>> {
    // global: every tenant's channels in turn.
    let sql = "SELECT tenant_id, channel_id, due_at FROM messages \
         WHERE status = 'queued' AND (tenant_id, channel_id) > (?1, ?2) \
         ORDER BY tenant_id, channel_id, due_at LIMIT 1";
    let waiting = first_of_each_pair(tx, sql).await?.into_iter();
    let due = waiting.filter(|(_, _, due_at)| due_at.is_none_or(|at| at <= now));
    let busy = |(tenant_id, channel, _)| {
        Some(BusyChannel {
            tenant_id,
            channel_id: ChannelId::new(channel)?,
        })
    };
    Ok(due.filter_map(busy).collect())
}

/// Returns the channels where something is being sent, by whomever.
pub(crate) async fn channels_sending(tx: &mut Tx) -> Result<Vec<BusyChannel>> {
    // global: every tenant's channels. The list is the index's own condition.
    let sql = "SELECT DISTINCT tenant_id, channel_id FROM messages \
         WHERE status = 'sending' AND status IN ('queued', 'sending')";
    let rows = tx.query(sql, &[]).await?;
    let read = |mut row: Row| {
        Ok(BusyChannel {
            tenant_id: row.int()?,
            channel_id: row.id(ChannelId::new)?,
        })
    };
    rows.into_iter().map(read).collect()
}
