//! What a page of a list is asked for: which rows, in which order, which page.

use std::cmp::Ordering;
use std::ops::Bound;

use jiff::Timestamp;

/// A page of a list; `F` names the fields it is filtered and sorted by.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<F> {
    /// Which page, from 1.
    pub page: i64,
    /// How many rows a page has.
    pub per_page: i64,
    /// By what it is sorted, the first field first; ties are broken by the id.
    pub sort: Vec<(F, Order)>,
    /// What is searched for.
    pub search: Option<String>,
    /// What all rows must pass.
    pub filters: Vec<Filter<F>>,
}

impl<F> Listing<F> {
    /// Returns how many rows are before the page.
    #[must_use]
    pub fn offset(&self) -> i64 {
        (self.page - 1).saturating_mul(self.per_page)
    }
}

/// Which way a field is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// What rows must pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter<F> {
    /// The field that is looked at.
    pub field: F,
    /// How.
    pub test: Test,
    /// Whether the rows that fail it are wanted. One without a value fails either way.
    pub is_negated: bool,
}

/// A question to the value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Whether it is in any of these spans.
    Within(Vec<Span>),
    /// Whether it contains this text, whatever the case.
    Contains(String),
    /// Whether there is none.
    IsNull,
}

/// A span of values; a single one has itself at both ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Where it begins.
    pub from: Bound<Operand>,
    /// Where it ends.
    pub to: Bound<Operand>,
}

impl Span {
    /// Returns the span of one value.
    #[must_use]
    pub fn of(value: Operand) -> Self {
        Self {
            from: Bound::Included(value.clone()),
            to: Bound::Included(value),
        }
    }

    /// Returns its one value, if that is what it spans.
    #[must_use]
    pub fn single(&self) -> Option<&Operand> {
        match (&self.from, &self.to) {
            (Bound::Included(from), Bound::Included(to)) if from == to => Some(from),
            _ => None,
        }
    }

    fn contains(&self, value: &Operand) -> bool {
        let from = match &self.from {
            Bound::Included(from) => value >= from,
            Bound::Excluded(from) => value > from,
            Bound::Unbounded => true,
        };
        from && match &self.to {
            Bound::Included(to) => value <= to,
            Bound::Excluded(to) => value < to,
            Bound::Unbounded => true,
        }
    }
}

/// A value of a field; those of one field are of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// A number.
    Int(i64),
    /// A text, compared by its bytes.
    Text(String),
    /// An instant.
    Time(Timestamp),
}

impl From<i64> for Operand {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Operand {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<Timestamp> for Operand {
    fn from(value: Timestamp) -> Self {
        Self::Time(value)
    }
}

impl<F> Filter<F> {
    /// Returns whether a row with this value passes.
    #[must_use]
    pub fn passes(&self, value: Option<&Operand>) -> bool {
        match (&self.test, value) {
            (Test::IsNull, value) => value.is_none() != self.is_negated,
            (_, None) => false,
            (Test::Within(spans), Some(value)) => {
                spans.iter().any(|span| span.contains(value)) != self.is_negated
            }
            (Test::Contains(part), Some(Operand::Text(text))) => {
                contains(text, part) != self.is_negated
            }
            (Test::Contains(_), Some(_)) => false,
        }
    }
}

/// Returns whether a text contains another, whatever the case.
#[must_use]
pub fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// A page of a list, and how many rows all pages have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of the page.
    pub items: Vec<T>,
    /// How many rows there are in all.
    pub total: i64,
}

/// A row of a list that is short enough to be looked through as a whole.
pub trait Listed {
    /// Names what it is filtered and sorted by.
    type Field: Copy;

    /// Returns its id, by which ties are broken.
    fn id(&self) -> i64;

    /// Returns the value of a field.
    fn value(&self, field: Self::Field) -> Option<Operand>;

    /// Returns whether a search finds it.
    fn is_found_by(&self, search: &str) -> bool;
}

impl<F: Copy> Listing<F> {
    /// Takes the page out of all rows there are.
    #[must_use]
    pub fn pick<T: Listed<Field = F>>(&self, mut rows: Vec<T>) -> Page<T> {
        rows.retain(|row| {
            let found = self.search.as_ref().is_none_or(|it| row.is_found_by(it));
            let passes = |filter: &Filter<F>| filter.passes(row.value(filter.field).as_ref());
            found && self.filters.iter().all(passes)
        });
        rows.sort_by(|one, other| self.compare(one, other));
        let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let before = usize::try_from(self.offset()).unwrap_or(usize::MAX);
        let most = usize::try_from(self.per_page).unwrap_or(0);
        let items = rows.into_iter().skip(before).take(most).collect();
        Page { items, total }
    }

    fn compare<T: Listed<Field = F>>(&self, one: &T, other: &T) -> Ordering {
        let by_field = self.sort.iter().map(|(field, order)| {
            let ordering = one.value(*field).cmp(&other.value(*field));
            match order {
                Order::Ascending => ordering,
                Order::Descending => ordering.reverse(),
            }
        });
        by_field
            .fold(Ordering::Equal, Ordering::then)
            .then_with(|| other.id().cmp(&one.id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(i64, Option<&'static str>);

    impl Listed for Row {
        type Field = ();

        fn id(&self) -> i64 {
            self.0
        }

        fn value(&self, (): ()) -> Option<Operand> {
            self.1.map(Operand::from)
        }

        fn is_found_by(&self, search: &str) -> bool {
            self.1.is_some_and(|text| contains(text, search))
        }
    }

    fn rows() -> Vec<Row> {
        let names = [Some("Zoë"), None, Some("ann"), Some("ZOË"), Some("ann")];
        (1..).zip(names).map(|(id, name)| Row(id, name)).collect()
    }

    fn listing(filters: Vec<(Test, bool)>, search: Option<&str>) -> Listing<()> {
        let filters = filters.into_iter().map(|(test, is_negated)| Filter {
            field: (),
            test,
            is_negated,
        });
        Listing {
            page: 1,
            per_page: 15,
            sort: vec![((), Order::Ascending)],
            search: search.map(str::to_owned),
            filters: filters.collect(),
        }
    }

    fn ids(listing: &Listing<()>) -> Vec<i64> {
        listing.pick(rows()).items.iter().map(|row| row.0).collect()
    }

    #[test]
    fn ties_come_newest_first_and_nothing_before_something() {
        assert_eq!(ids(&listing(vec![], None)), [2, 4, 1, 5, 3]);
    }

    #[test]
    fn a_search_does_not_mind_the_case() {
        assert_eq!(ids(&listing(vec![], Some("zoë"))), [4, 1]);
    }

    #[test]
    fn a_row_without_a_value_passes_no_comparison() {
        let ann = || Test::Within(vec![Span::of("ann".into())]);
        assert_eq!(ids(&listing(vec![(ann(), false)], None)), [5, 3]);
        assert_eq!(ids(&listing(vec![(ann(), true)], None)), [4, 1]);
        assert_eq!(ids(&listing(vec![(Test::IsNull, false)], None)), [2]);
        assert_eq!(ids(&listing(vec![(Test::IsNull, true)], None)).len(), 4);
    }

    #[test]
    fn a_page_past_the_end_is_empty_and_the_total_stands() {
        let mut listing = listing(vec![], None);
        (listing.page, listing.per_page) = (2, 3);
        assert_eq!(ids(&listing).len(), 2);
        listing.page = i64::MAX;
        let page = listing.pick(rows());
        assert_eq!((page.items.len(), page.total), (0, 5));
    }
}
