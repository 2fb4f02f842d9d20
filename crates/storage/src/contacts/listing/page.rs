//! The ids of a page, in their order.

use std::cmp::Reverse;
use std::ops::Bound;

use domain::Contact;
use domain::contact::ContactField;
use domain::ids::ContactId;
use domain::listing::{Filter, Operand, Order, Span, Test};
use jiff::{SignedDuration, Timestamp};

use super::condition::{Use, column, condition, idle, singles};
use super::count::{Sizes, not_in};
use super::filed::sort_value;
use super::{FEW, FURTHER, List, PATIENCE};
use crate::error::Result;
use crate::tx::Tx;
use crate::value::{Row, Value};

/// By how much the clocks of two servers may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(1);

/// By what index a page is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// That of this filter; what it leaves is sorted.
    Filter(usize),
    /// That of this filter, which has the order of the list.
    Both(usize),
    /// That of the order.
    Sort,
    /// That of the order, as far as should be enough. Where it does not fill the page, for what is
    /// filtered stands together elsewhere: some more of it, and then that of the filter.
    Walk(Walk),
}

/// The first rows of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Walk {
    /// How many.
    rows: i64,
    /// The filter that picks out the fewest, and how many.
    filter: usize,
    size: i64,
}

impl Walk {
    /// Returns what is tried where it did not fill the page.
    fn then(self) -> Lead {
        let rows = self.rows.saturating_mul(FURTHER);
        if rows < self.size {
            Lead::Walk(Self { rows, ..self })
        } else {
            Lead::Filter(self.filter)
        }
    }
}

/// Which rows, from which end: so many are passed over, and so many are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// From the beginning.
    Forward(i64, i64),
    /// From the end.
    Backward(i64, i64),
}

/// The fields a list is sorted by, and which way.
pub(super) type Sort = [(ContactField, Order)];

/// Where a contact stands in a list; less is earlier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    ranked: Vec<Ranked>,
    id: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ranked {
    Up(Comparable),
    Down(Reverse<Comparable>),
}

/// A value as both engines compare it: nothing is less than something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Comparable {
    None,
    Int(i64),
    Text(String),
}

impl Ranked {
    fn of(value: Value, order: Order) -> Self {
        let value = match value {
            Value::Int(number) => Comparable::Int(number),
            Value::Text(text) => Comparable::Text(text),
            Value::Null | Value::Bytes(_) => Comparable::None,
        };
        match order {
            Order::Ascending => Self::Up(value),
            Order::Descending => Self::Down(Reverse(value)),
        }
    }
}

/// Returns the order in which no two contacts are alike. Whoever has the same name comes by the other
/// one, and after that, as after all else, by the id: each goes the way of the field before, as the
/// indexes do. So those of one name do not stand in the order in which they were made, and what a filter
/// leaves of them is soon found.
pub(super) fn whole(sort: &Sort) -> Vec<(ContactField, Order)> {
    let mut whole = sort.to_vec();
    let (last, way) = sort
        .last()
        .copied()
        .unwrap_or((ContactField::Id, Order::Descending));
    match last {
        ContactField::FirstName => whole.push((ContactField::LastName, way)),
        ContactField::LastName => whole.push((ContactField::FirstName, way)),
        ContactField::Id if !sort.is_empty() => return whole,
        _ => {}
    }
    whole.push((ContactField::Id, way));
    whole
}

impl Place {
    pub(super) fn of(contact: &Contact, whole: &Sort) -> Self {
        let ranked = whole.iter();
        let ranked = ranked.map(|(field, order)| Ranked::of(sort_value(contact, *field), *order));
        Self {
            ranked: ranked.collect(),
            id: contact.id.get(),
        }
    }

    fn read(row: &mut Row, whole: &Sort) -> Result<Self> {
        let id = row.int()?;
        let mut ranked = Vec::with_capacity(whole.len());
        for (_, order) in whole {
            ranked.push(Ranked::of(row.value()?, *order));
        }
        Ok(Self { ranked, id })
    }

    fn id(&self) -> Option<ContactId> {
        ContactId::new(self.id)
    }
}

impl List {
    /// Chooses by which index the page is read, of so many contacts.
    pub(super) fn lead(&self, sizes: &Sizes, all: i64) -> Lead {
        let known = sizes.iter().enumerate();
        let known = known.filter_map(|(index, size)| Some(((*size)?, index)));
        let fewest = known.min();
        if let Some((size, index)) = fewest
            && size <= FEW
        {
            return Lead::Filter(index);
        }
        let otherwise = fewest.map_or(Lead::Sort, |(size, index)| {
            let rows = self.listing.offset().saturating_add(self.listing.per_page);
            let rows = i128::from(rows) * i128::from(PATIENCE * all) / i128::from(size);
            match i64::try_from(rows) {
                Ok(rows) if rows < size => Lead::Walk(Walk {
                    rows,
                    filter: index,
                    size,
                }),
                Ok(_) | Err(_) => Lead::Filter(index),
            }
        });
        // The indexes of these filters go on with the times and the id.
        let sort = self.listing.sort.first().map(|it| it.0);
        let filters = self.listing.filters.iter();
        let ordered = filters.map(|filter| match (filter.field, sort) {
            (ContactField::CreatedAt, Some(ContactField::CreatedAt)) => {
                matches!(filter.test, Test::Within(_))
            }
            (ContactField::CreatedAt | ContactField::GroupId, _) => false,
            (_, Some(ContactField::CreatedAt | ContactField::UpdatedAt | ContactField::Id)) => {
                singles(filter).is_some_and(|it| it.len() == 1)
            }
            _ => false,
        });
        ordered
            .enumerate()
            .find(|(_, it)| *it)
            .map_or(otherwise, |(index, _)| Lead::Both(index))
    }

    /// Returns the ids of the page where all `total` contacts are listed and filed: the pages of the
    /// second half are read from the end.
    pub(super) async fn ids_of_all(&self, tx: &mut Tx, total: i64) -> Result<Vec<ContactId>> {
        let (offset, limit) = (self.listing.offset(), self.listing.per_page);
        let limit = limit.min(total - offset);
        if limit <= 0 {
            return Ok(Vec::new());
        }
        let part = if offset > total / 2 {
            Part::Backward(total - offset - limit, limit)
        } else {
            Part::Forward(offset, limit)
        };
        let mut places = self.places(tx, Lead::Sort, (&[], part)).await?;
        places.sort_unstable();
        Ok(places.iter().filter_map(Place::id).collect())
    }

    /// Returns the ids of the page: of what is filed, with what is `fresh` among it.
    pub(super) async fn ids(
        &self,
        tx: &mut Tx,
        lead: Lead,
        (waiting, fresh): (&[ContactId], Vec<Contact>),
    ) -> Result<Vec<ContactId>> {
        let whole = whole(&self.listing.sort);
        // Wherever the fresh ones stand, each moves what is filed by one place at most.
        let moved = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
        let (offset, limit) = (self.listing.offset(), self.listing.per_page);
        let first = (offset - moved).max(0);
        let count = limit.saturating_add(offset - first);
        let part = Part::Forward(first, count);
        let mut places = self.places(tx, lead, (waiting, part)).await?;
        let mut lead = lead;
        while let Lead::Walk(walk) = lead
            && i64::try_from(places.len()).unwrap_or(i64::MAX) < count
        {
            lead = walk.then();
            places = self.places(tx, lead, (waiting, part)).await?;
        }
        places.extend(fresh.iter().map(|contact| Place::of(contact, &whole)));
        places.sort_unstable();
        let skipped = usize::try_from(offset - first).unwrap_or(usize::MAX);
        let most = usize::try_from(limit).unwrap_or_default();
        let page = places.iter().skip(skipped).take(most);
        Ok(page.filter_map(Place::id).collect())
    }

    async fn places(
        &self,
        tx: &mut Tx,
        lead: Lead,
        (waiting, part): (&[ContactId], Part),
    ) -> Result<Vec<Place>> {
        let (sql, values) = self.statement(lead, waiting, part);
        let rows = tx.query(&sql, &values).await?;
        let whole = whole(&self.listing.sort);
        let read = |mut row: Row| Place::read(&mut row, &whole);
        rows.into_iter().map(read).collect()
    }

    /// Returns a condition of what is walked by the changes: none is older than the contact, so those
    /// made since an instant begin there.
    fn changed_since(&self, values: &mut Vec<Value>) -> String {
        let by_change = self.listing.sort.first().map(|it| it.0) == Some(ContactField::UpdatedAt);
        let made = |filter: &&Filter<ContactField>| {
            filter.field == ContactField::CreatedAt && !filter.is_negated
        };
        let mut filters = self.listing.filters.iter();
        let Some(Test::Within(spans)) = filters.find(made).map(|it| &it.test) else {
            return String::new();
        };
        let from = |span: &Span| match &span.from {
            Bound::Included(Operand::Time(at)) | Bound::Excluded(Operand::Time(at)) => Some(*at),
            _ => None,
        };
        let from: Option<Vec<Timestamp>> = spans.iter().map(from).collect();
        let Some(first) = from
            .filter(|_| by_change)
            .and_then(|it| it.into_iter().min())
        else {
            return String::new();
        };
        // Two servers' clocks may differ.
        values.push(first.checked_sub(CLOCKS_DIFFER).unwrap_or(first).into());
        format!(" AND w.updated_at >= ?{}", values.len())
    }

    pub(super) fn statement(
        &self,
        lead: Lead,
        waiting: &[ContactId],
        part: Part,
    ) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = vec![self.tenant.into()];
        let (mut conditions, mut columns, mut order) = (Vec::new(), Vec::new(), Vec::new());
        for (index, filter) in self.listing.filters.iter().enumerate() {
            let how = match lead {
                Lead::Filter(it) | Lead::Both(it) if it == index => Use::Leading,
                Lead::Filter(_) | Lead::Both(_) | Lead::Sort | Lead::Walk(..) => Use::Idle,
            };
            conditions.push(condition(filter, how, &mut values));
        }
        conditions.push(not_in(waiting, &mut values));
        let (first, count, from_end) = match part {
            Part::Forward(first, count) => (first, count, false),
            Part::Backward(first, count) => (first, count, true),
        };
        for (field, way) in whole(&self.listing.sort) {
            let is_down = (way == Order::Descending) != from_end;
            let way = if is_down { " DESC" } else { "" };
            columns.push(format!(", l.{}", column(field)));
            order.push(match lead {
                Lead::Filter(_) => format!("{}{way}", idle(field)),
                Lead::Both(_) | Lead::Sort | Lead::Walk(..) => {
                    format!("l.{}{way}", column(field))
                }
            });
        }
        let (conditions, columns) = (conditions.join(" AND "), columns.concat());
        let order = order.join(", ");
        values.extend([count.into(), first.into()]);
        let (limit, offset) = (values.len() - 1, values.len());
        let from = match lead {
            Lead::Walk(walk) => {
                let since = self.changed_since(&mut values);
                walked((&order, &since), walk.rows)
            }
            Lead::Filter(_) | Lead::Both(_) | Lead::Sort => "listed_contacts l".to_owned(),
        };
        let sql = format!(
            "SELECT l.id{columns} FROM {from} \
             WHERE l.tenant_id = ?1 AND {conditions} \
             ORDER BY {order} LIMIT ?{limit} OFFSET ?{offset}"
        );
        (sql, values)
    }
}

/// Returns the first rows of a list as a table. How many is rounded up, so that few distinct statements
/// are ever prepared.
fn walked((order, since): (&str, &str), rows: i64) -> String {
    let order = order.replace("l.", "w.");
    let rows = u64::try_from(rows).unwrap_or(1).next_power_of_two();
    format!(
        "(SELECT * FROM listed_contacts w WHERE w.tenant_id = ?1{since} \
         ORDER BY {order} LIMIT {rows}) l"
    )
}
