//! The ids of a page, in their order.

use std::cmp::Ordering;

use domain::ids::{ConversationId, MessageId};
use domain::listing::Order;
use domain::message::{MessageSort, Stage, Status, Talks};

use super::List;
use crate::error::Result;
use crate::search::Total;
use crate::sql::{self, Statement};
use crate::tx::Tx;
use crate::value::Value;

/// How many conversations are merged in their order; those of more are sorted.
const MAX_MERGED: usize = 64;

/// Which rows, from which end: so many are passed over, and so many are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// From the beginning.
    Forward(i64, i64),
    /// From the end.
    Backward(i64, i64),
}

fn column(sort: MessageSort) -> &'static str {
    match sort {
        MessageSort::CreatedAt => "created_at",
        MessageSort::UpdatedAt => "updated_at",
    }
}

impl List {
    /// Returns the ids of the page. Where it is known how many there are, the pages of the second
    /// half are read from the end.
    pub(super) async fn ids(&self, tx: &mut Tx, total: Total) -> Result<Vec<MessageId>> {
        let (offset, limit) = (self.listing.offset(), self.listing.per_page);
        let part = if total.is_exact && offset > total.count / 2 {
            let limit = limit.min(total.count - offset);
            Part::Backward(total.count - offset - limit, limit)
        } else {
            Part::Forward(offset, limit)
        };
        let (Part::Forward(_, limit) | Part::Backward(_, limit)) = part;
        let Some((sql, values)) = self.statement(part).filter(|_| limit > 0) else {
            return Ok(Vec::new());
        };
        let mut ids = Vec::new();
        let most = usize::try_from(limit).unwrap_or_default();
        for mut row in tx.query(&sql, &values).await?.into_iter().take(most) {
            ids.push(row.id(MessageId::new)?);
        }
        if let Part::Backward(..) = part {
            ids.reverse();
        }
        Ok(ids)
    }

    /// Returns the statement that reads a part of the list; nothing where nothing can be in it.
    pub(super) fn statement(&self, part: Part) -> Option<Statement> {
        let mut values: Vec<Value> = vec![self.tenant.into()];
        let ranges = self.ranges(&mut values);
        if ranges.is_empty() {
            return None;
        }
        let (first, count, from_end) = match part {
            Part::Forward(first, count) => (first, count, false),
            Part::Backward(first, count) => (first, count, true),
        };
        let (mut columns, mut order) = (Vec::new(), Vec::new());
        for (sort, way) in &self.listing.sort {
            let is_down = (*way == Order::Descending) != from_end;
            columns.push(format!(", l.{}", column(*sort)));
            order.push(format!("{}{}", column(*sort), down(is_down)));
        }
        order.push(format!("id{}", down(!from_end)));
        let (columns, order) = (columns.concat(), order.join(", "));
        // Written out, for Postgres makes another plan for a few rows than for it knows not how many.
        let limit = count.max(1).unsigned_abs().next_power_of_two();
        let (mut offset, mut most) = (String::new(), limit.to_string());
        if first > 0 {
            let last = first.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX));
            values.extend([first.into(), last.into()]);
            offset = format!(" OFFSET ?{}", values.len() - 1);
            most = format!("?{}", values.len());
        }
        // Each range has a limit of its own, or Postgres would sort all of it.
        let range = |(number, range): (usize, &String)| {
            format!(
                // global: each range names its tenant.
                "SELECT * FROM (SELECT l.id{columns} FROM messages l WHERE {range} \
                 ORDER BY {order} LIMIT {most}) AS r{number}"
            )
        };
        let ranges: Vec<String> = ranges.iter().enumerate().map(range).collect();
        let ranges = ranges.join(" UNION ALL ");
        let sql = format!("{ranges} ORDER BY {order} LIMIT {limit}{offset}");
        Some((sql, values))
    }

    /// Returns conditions that have all of the list, each of it once, and are ranges of an index.
    fn ranges(&self, values: &mut Vec<Value>) -> Vec<String> {
        if let Talks::Only(talks) = &self.listing.talks {
            return self.of_talks(talks, values);
        }
        let except = self.talks(values);
        let mut cells: Vec<[Value; 2]> = Vec::new();
        for (kind, stage) in &self.cells {
            let statuses = stage.statuses();
            let cell = |status: Status| [kind.as_str().into(), status.as_str().into()];
            cells.extend(statuses.map(cell));
        }
        // Filled up with nothing, so that few distinct statements are ever prepared.
        if !cells.is_empty() {
            let count = cells.len().next_power_of_two();
            cells.resize(count, [Value::Null, Value::Null]);
        }
        // True of all, and tells SQLite which of the two indexes leads.
        let lead = self.listing.sort.first();
        let lead = lead.map(|(sort, _)| format!(" AND l.{} > 0", column(*sort)));
        let lead = lead.unwrap_or_default();
        let range = |cell: [Value; 2]| {
            values.extend(cell);
            let (kind, status) = (values.len() - 1, values.len());
            format!("l.tenant_id = ?1 AND l.kind = ?{kind} AND l.status = ?{status}{lead}{except}")
        };
        cells.into_iter().map(range).collect()
    }

    fn of_talks(&self, talks: &[ConversationId], values: &mut Vec<Value>) -> Vec<String> {
        let wanted = if self.is_of_all() {
            String::new()
        } else {
            format!(" AND {}", self.wanted(values))
        };
        if talks.len() > MAX_MERGED {
            let list = sql::list_of(talks.iter().map(|it| it.get().into()), values);
            let range = format!("l.tenant_id = ?1 AND l.conversation_id IN {list}{wanted}");
            return vec![range];
        }
        let mut talks: Vec<Value> = talks.iter().map(|it| it.get().into()).collect();
        if !talks.is_empty() {
            talks.resize(talks.len().next_power_of_two(), Value::Null);
        }
        let range = |talk: Value| {
            values.push(talk);
            let talk = values.len();
            format!("l.tenant_id = ?1 AND l.conversation_id = ?{talk}{wanted}")
        };
        talks.into_iter().map(range).collect()
    }

    /// Returns the condition of a wanted kind and stage, by which no index is looked for.
    pub(super) fn wanted(&self, values: &mut Vec<Value>) -> String {
        let kinds = self.listing.kinds.iter();
        let kinds = sql::list_of(kinds.map(|it| it.as_str().into()), values);
        let stages = self.listing.stages.iter().copied();
        let statuses = stages.flat_map(Stage::statuses);
        let statuses = sql::list_of(statuses.map(|it| it.as_str().into()), values);
        format!("(l.kind || '') IN {kinds} AND (l.status || '') IN {statuses}")
    }

    /// Returns those of these messages that are in the list, in its order.
    pub(super) async fn matching(
        &self,
        tx: &mut Tx,
        found: &[MessageId],
    ) -> Result<Vec<MessageId>> {
        let mut places: Vec<(Vec<i64>, MessageId)> = Vec::new();
        let columns = self.listing.sort.iter();
        let columns: String = columns
            .map(|(it, _)| format!(", l.{}", column(*it)))
            .collect();
        for chunk in found.chunks(sql::MAX_ROWS) {
            let mut values: Vec<Value> = vec![self.tenant.into()];
            let list = sql::list_of(chunk.iter().map(|id| id.get().into()), &mut values);
            let wanted = self.wanted(&mut values);
            let talks = self.talks(&mut values);
            let sql = format!(
                "SELECT l.id{columns} FROM messages l \
                 WHERE l.tenant_id = ?1 AND l.id IN {list} AND {wanted}{talks}"
            );
            for mut row in tx.query(&sql, &values).await? {
                let id = row.id(MessageId::new)?;
                let times = self.listing.sort.iter().map(|_| row.int());
                places.push((times.collect::<Result<_>>()?, id));
            }
        }
        places.sort_unstable_by(|one, other| self.compare(one, other));
        Ok(places.into_iter().map(|(_, id)| id).collect())
    }

    /// Returns the condition of a wanted conversation, as it follows others; no index is looked for
    /// by it.
    fn talks(&self, values: &mut Vec<Value>) -> String {
        let (not, talks) = match &self.listing.talks {
            Talks::All => return String::new(),
            Talks::Only(talks) => ("", talks),
            Talks::AllBut(talks) => (" NOT", talks),
        };
        let list = sql::list_of(talks.iter().map(|it| it.get().into()), values);
        format!(" AND (l.conversation_id + 0){not} IN {list}")
    }

    fn compare(&self, one: &(Vec<i64>, MessageId), other: &(Vec<i64>, MessageId)) -> Ordering {
        let times = one.0.iter().zip(&other.0).zip(&self.listing.sort);
        let by_time = times.map(|((one, other), (_, way))| match way {
            Order::Ascending => one.cmp(other),
            Order::Descending => other.cmp(one),
        });
        by_time
            .fold(Ordering::Equal, Ordering::then)
            .then_with(|| other.1.cmp(&one.1))
    }
}

fn down(is_down: bool) -> &'static str {
    if is_down { " DESC" } else { "" }
}
