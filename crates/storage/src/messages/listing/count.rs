//! How many messages a list has.

use std::collections::BTreeMap;

use domain::ids::ConversationId;
use domain::message::{Kind, Talks};

use super::{EXACT, List};
use crate::error::Result;
use crate::search::Total;
use crate::sql;
use crate::tallies::Counts;
use crate::tx::Tx;
use crate::value::Value;

impl List {
    /// Returns how many messages the list has: by what is kept, as far as that tells.
    pub(super) async fn total(
        &self,
        tx: &mut Tx,
        counts: &BTreeMap<Kind, Counts>,
    ) -> Result<Total> {
        let cells = self.cells.iter();
        let count = cells.filter_map(|(kind, stage)| Some(counts.get(kind)?[*stage as usize]));
        let count = count.sum();
        let all = Total {
            count,
            is_exact: true,
        };
        match &self.listing.talks {
            Talks::All => Ok(all),
            Talks::Only(talks) => self.total_of(tx, talks).await,
            Talks::AllBut(talks) => {
                let others = self.total_of(tx, talks).await?;
                Ok(Total {
                    count: (all.count - others.count).max(0),
                    is_exact: others.is_exact,
                })
            }
        }
    }

    /// Counts in conversations: their own counts where all of them is wanted, one by one as far as
    /// it may be, and in proportion beyond.
    async fn total_of(&self, tx: &mut Tx, talks: &[ConversationId]) -> Result<Total> {
        let mut values: Vec<Value> = vec![self.tenant.into()];
        let list = sql::list_of(talks.iter().map(|it| it.get().into()), &mut values);
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(message_count), 0) AS BIGINT), 0 FROM conversations \
             WHERE tenant_id = ?1 AND id IN {list}"
        );
        let (size, _) = numbers(tx, &sql, &values).await?;
        if self.is_of_all() {
            return Ok(Total {
                count: size,
                is_exact: true,
            });
        }
        let wanted = self.wanted(&mut values);
        let sql = format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(passes), 0) AS BIGINT) FROM \
             (SELECT CASE WHEN {wanted} THEN 1 ELSE 0 END AS passes FROM messages l \
              WHERE l.tenant_id = ?1 AND l.conversation_id IN {list} LIMIT {EXACT} + 1) AS seen"
        );
        let (seen, passed) = numbers(tx, &sql, &values).await?;
        if seen <= EXACT {
            return Ok(Total {
                count: passed,
                is_exact: true,
            });
        }
        let estimate = i128::from(passed) * i128::from(size.max(seen)) / i128::from(seen);
        Ok(Total {
            count: i64::try_from(estimate).unwrap_or(i64::MAX),
            is_exact: false,
        })
    }
}

async fn numbers(tx: &mut Tx, sql: &str, values: &[Value]) -> Result<(i64, i64)> {
    match tx.first(sql, values).await? {
        Some(mut row) => Ok((row.int()?, row.int()?)),
        None => Ok((0, 0)),
    }
}
