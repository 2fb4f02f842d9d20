//! What Meta says of messages that were sent, many at a time.

use std::collections::{HashMap, HashSet};

use domain::MatchKey;
use domain::event::EventKind;
use domain::message::{Failure, Kind, Status};
use jiff::Timestamp;

use super::changes::{Change, Report};
use super::people::Person;
use super::{Endings, Owned, by_key, people};
use crate::error::Result;
use crate::events::{Announcement, announce};
use crate::messages::FORGET_CODE;
use crate::sql;
use crate::tallies::{Counted, Moves};
use crate::tx::Tx;
use crate::value::{Row, Value};

/// A report and the message it is of.
struct Found<'e> {
    owned: Owned<'e>,
    report: &'e Report,
    message: Option<Sent>,
}

/// A message that was sent, as far as a report needs it.
#[derive(Clone)]
struct Sent {
    id: i64,
    contact: i64,
    phone: Option<String>,
    /// What WhatsApp calls the person, as far as we know.
    wa_id: Option<String>,
    user_id: Option<String>,
}

/// Raises the statuses of messages; a report that comes late or twice changes nothing.
pub(super) async fn apply<'e>(
    tx: &mut Tx,
    reports: &[Owned<'e>],
    endings: &mut Endings,
) -> Result<()> {
    let mut all: Vec<Found<'e>> = reports.iter().filter_map(|it| unknown(*it)).collect();
    if all.is_empty() {
        return Ok(());
    }
    find(tx, &mut all, By::Id).await?;
    find(tx, &mut all, By::Wamid).await?;
    raise(tx, &all).await?;
    note_evidence(tx, &all).await?;
    // Of each message there are several reports, and all of them name the same person.
    let mut learned: HashSet<(i64, i64, &Person)> = HashSet::new();
    for found in &all {
        let Some(message) = &found.message else {
            let id = found.owned.event.change.event_id;
            endings.notes.push((id, "we sent no such message"));
            continue;
        };
        let (recipient, contact) = (&found.report.recipient, message.contact);
        let tenant = found.owned.owner.tenant.id.get();
        if recipient.is_news(message.wa_id.as_deref(), message.user_id.as_deref())
            && learned.insert((tenant, contact, recipient))
        {
            people::learn(tx, found.owned, (contact, recipient)).await?;
        }
        if let Some(wish) = &found.report.wish {
            people::record_wish(tx, found.owned, (contact, wish)).await?;
        }
    }
    Ok(())
}

/// Meta's code for a message that cannot be delivered.
const UNDELIVERABLE: i64 = 131_026;

/// Keeps who was reached, and who could not be.
async fn note_evidence(tx: &mut Tx, all: &[Found<'_>]) -> Result<()> {
    let reached = all.iter().filter(|found| {
        let is_there = matches!(
            found.report.status,
            Status::Delivered | Status::Read | Status::Played
        );
        is_there && found.message.is_some()
    });
    let reached = reached.map(|found| (found.owned, &found.report.recipient));
    people::note_reached(tx, reached).await?;
    let lost = all.iter().filter_map(|found| {
        let code = found.report.failure.as_ref().and_then(|it| it.code);
        let message = found
            .message
            .as_ref()
            .filter(|_| code == Some(UNDELIVERABLE))?;
        let phone = message.phone.as_deref()?;
        Some((found.owned, MatchKey::of_digits(phone)))
    });
    people::note_unreachable(tx, lost).await
}

fn unknown<'e>(owned: Owned<'e>) -> Option<Found<'e>> {
    match &owned.event.change.change {
        Change::Reported(report) => Some(Found {
            owned,
            report,
            message: None,
        }),
        _ => None,
    }
}

/// How a report says which message it is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// By our id, which went along with the request.
    Id,
    /// By WhatsApp's.
    Wamid,
}

impl By {
    fn value(self, report: &Report) -> Option<Value> {
        match self {
            Self::Id => report.message_id.map(|id| id.get().into()),
            Self::Wamid => Some(report.wamid.as_str().into()),
        }
    }

    fn columns(self) -> [(&'static str, &'static str); 4] {
        let key = match self {
            Self::Id => ("v_key", "BIGINT"),
            Self::Wamid => ("v_key", "TEXT"),
        };
        [
            ("v_n", "BIGINT"),
            ("v_tenant_id", "BIGINT"),
            ("v_channel_id", "BIGINT"),
            key,
        ]
    }
}

/// Finds the messages of the reports that have none yet.
async fn find(tx: &mut Tx, all: &mut [Found<'_>], by: By) -> Result<()> {
    for chunk in all.chunks_mut(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 4);
        for (n, found) in (0_i64..).zip(&*chunk) {
            let key = by.value(found.report).filter(|_| found.message.is_none());
            let Some(key) = key else { continue };
            let owner = found.owned.owner;
            values.extend([n.into(), owner.tenant.id.get().into()]);
            values.extend([owner.channel_id.into(), key]);
        }
        if values.is_empty() {
            continue;
        }
        let with = sql::with_values(&by.columns(), &mut values);
        let column = match by {
            By::Id => "id",
            By::Wamid => "wamid",
        };
        let sql = format!(
            "{with} SELECT v_n, m.id, m.contact_id, c.phone, c.wa_id, c.bsuid FROM v \
             JOIN messages m ON m.tenant_id = v_tenant_id AND m.{column} = v_key \
             JOIN contacts c ON c.tenant_id = m.tenant_id AND c.id = m.contact_id \
             WHERE m.channel_id = v_channel_id AND m.direction = 'outbound'"
        );
        for mut row in tx.query(&sql, &values).await? {
            let place = usize::try_from(row.int()?).unwrap_or(usize::MAX);
            if let Some(found) = chunk.get_mut(place) {
                found.message = Some(read(&mut row)?);
            }
        }
    }
    Ok(())
}

fn read(row: &mut Row) -> Result<Sent> {
    Ok(Sent {
        id: row.int()?,
        contact: row.int()?,
        phone: row.opt_text()?,
        wa_id: row.opt_text()?,
        user_id: row.opt_text()?,
    })
}

/// All that a batch says of one message.
struct Sum<'e> {
    status: Status,
    wamid: &'e str,
    failure: Option<&'e Failure>,
    at: Timestamp,
    /// Of `sent`, `delivered`, `read`, `played` and `failed`, when each was first said to be.
    times: [Option<Timestamp>; 5],
}

/// The statuses that have a time of their own, in the order of [`Sum::times`].
const TIMED: [Status; 5] = [
    Status::Sent,
    Status::Delivered,
    Status::Read,
    Status::Played,
    Status::Failed,
];

impl<'e> Sum<'e> {
    /// Adds the reports of one message; there is at least one.
    fn of(first: &Found<'e>, all: &[&Found<'e>]) -> Self {
        let mut sum = Self {
            status: first.report.status,
            wamid: &first.report.wamid,
            failure: first.report.failure.as_ref(),
            at: first.owned.event.change.at,
            times: [None; 5],
        };
        for found in all {
            let (report, at) = (found.report, found.owned.event.change.at);
            if sum.status.rises_to(report.status) {
                sum.status = report.status;
                sum.failure = report.failure.as_ref();
            }
            sum.at = sum.at.max(at);
            for (status, time) in TIMED.iter().zip(&mut sum.times) {
                if *status == report.status {
                    *time = Some(time.map_or(at, |it| it.min(at)));
                }
            }
        }
        sum
    }

    /// Returns what there is to tell of a message with all of this, and when it came to be.
    fn news(&self, before: Status) -> Vec<(EventKind, Timestamp)> {
        let mut news = Vec::new();
        let mut reached = before;
        for status in [
            Status::Sent,
            Status::Failed,
            Status::Delivered,
            Status::Read,
            Status::Played,
        ] {
            let place = TIMED.iter().position(|it| *it == status);
            let at = place.and_then(|place| self.times.get(place).copied().flatten());
            let is_told = status != Status::Failed || self.status == Status::Failed;
            let Some(at) = at.filter(|_| is_told && reached.rises_to(status)) else {
                continue;
            };
            news.extend(EventKind::of_rise(reached, status).map(|kind| (kind, at)));
            reached = status;
        }
        news
    }
}

const COLUMNS: [(&str, &str); 14] = [
    ("v_tenant_id", "BIGINT"),
    ("v_id", "BIGINT"),
    ("v_status", "TEXT"),
    ("v_rank", "BIGINT"),
    ("v_wamid", "TEXT"),
    ("v_error_code", "BIGINT"),
    ("v_error_title", "TEXT"),
    ("v_error_details", "TEXT"),
    ("v_at", "BIGINT"),
    ("v_sent_at", "BIGINT"),
    ("v_delivered_at", "BIGINT"),
    ("v_read_at", "BIGINT"),
    ("v_played_at", "BIGINT"),
    ("v_failed_at", "BIGINT"),
];

/// Raises each message once, in the order of the ids, so that two writers never wait for each
/// other.
async fn raise(tx: &mut Tx, all: &[Found<'_>]) -> Result<()> {
    let known = all.iter().filter_map(|found| {
        let message = found.message.as_ref()?;
        Some(((found.owned.owner.tenant.id.get(), message.id), found))
    });
    let mut messages = by_key(known);
    messages.sort_by_key(|(key, _)| *key);
    let (mut news, mut moves) = (Vec::new(), Moves::default());
    for chunk in messages.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        let mut sums: HashMap<(i64, i64), Sum<'_>> = HashMap::with_capacity(chunk.len());
        for ((tenant, id), reports) in chunk {
            let Some(first) = reports.first() else {
                continue;
            };
            let sum = Sum::of(first, reports);
            let rank = i64::from(sum.status.rank());
            let failure = sum.failure;
            values.extend([(*tenant).into(), (*id).into()]);
            values.extend([sum.status.as_str().into(), rank.into(), sum.wamid.into()]);
            values.push(failure.and_then(|it| it.code).into());
            values.push(failure.map(|it| it.title.as_str()).into());
            values.push(failure.and_then(|it| it.details.as_deref()).into());
            values.push(sum.at.into());
            values.extend(sum.times.map(Value::from));
            sums.insert((*tenant, *id), sum);
        }
        let with = sql::with_values(&COLUMNS, &mut values);
        for mut row in tx.query(&update(&with), &values).await? {
            let message = Counted {
                tenant: row.int()?,
                id: row.int()?,
                kind: row.word(Kind::parse)?,
                at: row.time()?,
            };
            let before = row.word(Status::parse)?;
            if let Some(sum) = sums.get(&(message.tenant, message.id)) {
                let happened = sum.news(before).into_iter();
                news.extend(happened.map(|(kind, at)| Announcement {
                    tenant: message.tenant,
                    kind,
                    subject: message.id,
                    at,
                }));
            }
            moves.moved(message, before, row.word(Status::parse)?);
        }
    }
    announce(tx, &news).await?;
    moves.write(tx).await
}

fn update(with: &str) -> String {
    let ranks: Vec<String> = Status::ALL
        .iter()
        .map(|it| format!("WHEN '{}' THEN {}", it.as_str(), it.rank()))
        .collect();
    let rises = format!("CASE status {} END < v_rank", ranks.join(" "));
    let set =
        |column: &str| format!("{column} = CASE WHEN {rises} THEN v_{column} ELSE {column} END");
    let sets: Vec<String> = ["status", "error_code", "error_title", "error_details"]
        .into_iter()
        .map(set)
        .collect();
    let times: Vec<String> = TIMED
        .iter()
        .map(|it| format!("{0}_at = COALESCE({0}_at, v_{0}_at)", it.as_str()))
        .collect();
    let (sets, times) = (sets.join(", "), times.join(", "));
    format!(
        "{with} UPDATE messages SET status_before = status, {sets}, {times}, {FORGET_CODE}, wamid = COALESCE(wamid, v_wamid), \
         updated_at = CASE WHEN {rises} THEN v_at ELSE updated_at END FROM v \
         WHERE messages.tenant_id = v_tenant_id AND messages.id = v_id \
         RETURNING tenant_id, id, kind, created_at, status_before, status"
    )
}
