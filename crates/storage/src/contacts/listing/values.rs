//! Filters of the columns whose values are counted, as the values that pass: by these an index finds
//! the rows, and how many there are is known.

use domain::contact::ContactField;
use domain::listing::{Operand, Span, Test};

use super::List;
use super::condition::{column, singles};
use super::filed::COUNTED;
use crate::error::Result;
use crate::tx::Tx;

/// As many values are named one by one.
const MAX_VALUES: usize = 256;

impl List {
    /// Returns the list with its filters of what is filed as the values that pass them.
    pub(super) async fn by_values(&self, tx: &mut Tx) -> Result<Self> {
        let mut listing = self.listing.clone();
        for filter in &mut listing.filters {
            let is_counted = COUNTED.contains(&column(filter.field));
            if !is_counted || singles(filter).is_some() {
                continue;
            }
            let values = self.values_of(tx, filter.field).await?;
            let passing = values.into_iter().filter(|it| filter.passes(Some(it)));
            let passing: Vec<Span> = passing.map(Span::of).collect();
            if passing.len() <= MAX_VALUES {
                filter.test = Test::Within(passing);
                filter.is_negated = false;
            }
        }
        let tenant = self.tenant;
        Ok(Self { tenant, listing })
    }

    /// Returns the values that contacts are filed with; none is no value.
    async fn values_of(&self, tx: &mut Tx, field: ContactField) -> Result<Vec<Operand>> {
        let sql = "SELECT value FROM listed_counts \
             WHERE tenant_id = ?1 AND field = ?2 AND contacts > 0";
        let key = [self.tenant.into(), column(field).into()];
        let mut values = Vec::new();
        for mut row in tx.query(sql, &key).await? {
            let text = row.text()?;
            values.extend(match field {
                ContactField::Kind => Some(Operand::Text(text)),
                _ => text.parse().ok().map(Operand::Int),
            });
        }
        Ok(values)
    }
}
