//! The conversations of messages on their way out.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{Claim, ClaimRow, Pair, pair};
use crate::conversations::begun::{self, Begun, Limits};
use crate::error::Result;
use crate::sql::{self, Statement};
use crate::tx::Tx;
use crate::value::Value;

const CONVERSATION_COLUMNS: [(&str, &str); 7] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("contact_id", "BIGINT"),
    ("channel_id", "BIGINT"),
    ("last_message_at", "BIGINT"),
    ("message_count", "BIGINT"),
    ("created_at", "BIGINT"),
];

/// The conversations of messages.
pub(super) struct Talks {
    pub(super) ids: HashMap<Pair, i64>,
    limits: Limits,
}

impl Talks {
    /// A conversation that is new has the id that its first message brought for it.
    pub(super) fn is_first(&self, row: &ClaimRow) -> bool {
        self.ids.get(&pair(row)) == Some(&row.conversation)
    }

    /// Returns the statements that count the conversations which no plan limits.
    pub(super) fn counting(&self, opened: &[&ClaimRow]) -> Vec<Statement> {
        let others = opened.iter();
        let others = others.filter(|row| !self.limits.concern(row.tenant));
        begun::counting(others.map(|row| Begun::from(*row)))
    }

    /// Counts the conversations that began where a plan limits them. Those beyond are taken back;
    /// returns what their messages hear.
    pub(super) async fn limit(
        &self,
        tx: &mut Tx,
        allowed: &[(&ClaimRow, Claim)],
    ) -> Result<HashMap<Pair, Claim>> {
        let concerned = allowed.iter().map(|(row, _)| *row);
        let concerned: Vec<&ClaimRow> = concerned
            .filter(|row| self.limits.concern(row.tenant) && self.is_first(row))
            .collect();
        let begun = concerned.iter().map(|row| Begun::from(*row));
        let beyond = begun::limit(tx, begun, &self.limits).await?;
        let full = concerned.iter().filter_map(|row| {
            let (current, maximum) = beyond.get(&row.conversation).copied()?;
            Some((pair(row), Claim::PlanFull { current, maximum }))
        });
        Ok(full.collect())
    }
}

impl From<&ClaimRow> for Begun {
    fn from(row: &ClaimRow) -> Self {
        Self {
            tenant: row.tenant,
            conversation: row.conversation,
            at: row.send.at,
        }
    }
}

/// Opens or touches the conversations of these messages.
pub(super) async fn converse(tx: &mut Tx, allowed: &[(&ClaimRow, Claim)]) -> Result<Talks> {
    let mut rows: Vec<(Pair, &ClaimRow)> =
        allowed.iter().map(|(row, _)| (pair(row), *row)).collect();
    rows.sort_by_key(|(pair, _)| *pair);
    let mut sums: HashMap<Pair, (i64, Timestamp)> = HashMap::with_capacity(rows.len());
    for (pair, row) in &rows {
        let (count, last_at) = sums.entry(*pair).or_insert((0, row.send.at));
        *count += 1;
        *last_at = row.send.at.max(*last_at);
    }
    rows.dedup_by_key(|(pair, _)| *pair);
    let mut tenants: Vec<i64> = rows.iter().map(|((tenant, ..), _)| *tenant).collect();
    tenants.dedup();
    let plans = tenants.chunks(sql::MAX_ROWS);
    let mut statements: Vec<Statement> = plans.map(Limits::asking).collect();
    let asked = statements.len();
    for chunk in rows.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * CONVERSATION_COLUMNS.len());
        for ((tenant, contact, channel), row) in chunk {
            let pair = (*tenant, *contact, *channel);
            let (count, last_at) = sums.get(&pair).copied().unwrap_or((1, row.send.at));
            values.extend([(*tenant).into(), row.conversation.into(), (*contact).into()]);
            values.extend([(*channel).into(), last_at.into(), count.into()]);
            values.push(row.send.at.into());
        }
        let insert = sql::insert("conversations", &CONVERSATION_COLUMNS, &mut values);
        let sql = format!(
            "{insert} \
             ON CONFLICT (tenant_id, contact_id, channel_id) \
             DO UPDATE SET last_message_at = CASE \
                 WHEN conversations.last_message_at > excluded.last_message_at \
                 THEN conversations.last_message_at ELSE excluded.last_message_at END, \
                 message_count = conversations.message_count + excluded.message_count \
             RETURNING tenant_id, contact_id, channel_id, id"
        );
        statements.push((sql, values));
    }
    let mut answers = tx.query_all(&statements).await?;
    let touched = answers.split_off(asked);
    let mut ids = HashMap::with_capacity(rows.len());
    for mut row in touched.into_iter().flatten() {
        ids.insert((row.int()?, row.int()?, row.int()?), row.int()?);
    }
    let limits = Limits::read(answers.into_iter().flatten())?;
    Ok(Talks { ids, limits })
}
