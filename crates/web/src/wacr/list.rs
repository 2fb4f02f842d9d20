//! Reading what a list is asked for, and writing a page of it.
//!
//! What is not allowed is ignored, and what is out of range is brought into it: a list always
//! answers.

use std::ops::Bound;

use axum::response::Response;
use domain::listing::{Filter, Listing, Operand, Order, Page, Span, Test};
use http::{StatusCode, header};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde_json::value::RawValue;

use super::shape::{Meta, REQUEST_ID};
use crate::dialect::{Call, reply};

const PER_PAGE: i64 = 15;
const MAX_PER_PAGE: i64 = 100;

/// What kind of values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Text,
    Time,
}

/// What a list lets be asked.
pub(super) struct Allowed<F: 'static> {
    /// The fields it is sorted by.
    pub(super) sorts: &'static [(&'static str, F)],
    /// How it is sorted when nothing is asked for.
    pub(super) default_sort: (F, Order),
    /// The fields it is filtered by.
    pub(super) filters: &'static [(&'static str, F, Kind)],
}

/// Reads `page`, `per_page`, `sort`, `search` or `q`, and `filter[…]`.
pub(super) fn read<F: Copy>(call: &Call, allowed: &Allowed<F>) -> Listing<F> {
    let number = |name| call.query(name).map(|text| text.trim().parse::<i64>());
    let page = match number("page") {
        Some(Ok(page)) => page.max(1),
        Some(Err(_)) | None => 1,
    };
    let per_page = match number("per_page") {
        Some(Ok(most)) => most.clamp(1, MAX_PER_PAGE),
        Some(Err(_)) | None => PER_PAGE,
    };
    let search = call.query("search").or_else(|| call.query("q"));
    let filters = call.query.iter();
    Listing {
        page,
        per_page,
        sort: sort(call.query("sort").unwrap_or_default(), allowed),
        search: search.map(|text| text.trim().to_owned()),
        filters: filters
            .filter_map(|(key, value)| filter(key, value, allowed))
            .collect(),
    }
}

fn sort<F: Copy>(text: &str, allowed: &Allowed<F>) -> Vec<(F, Order)> {
    let fields = text.split(',').map(str::trim).filter_map(|word| {
        let (name, order) = match word.strip_prefix('-') {
            Some(name) => (name, Order::Descending),
            None => (word, Order::Ascending),
        };
        let known = allowed.sorts.iter().find(|(known, _)| *known == name);
        known.map(|(_, field)| (*field, order))
    });
    let fields: Vec<_> = fields.collect();
    if fields.is_empty() {
        vec![allowed.default_sort]
    } else {
        fields
    }
}

/// Reads `filter[field]=value` and `filter[field][operator]=value`.
fn filter<F: Copy>(key: &str, value: &str, allowed: &Allowed<F>) -> Option<Filter<F>> {
    let inside = key.strip_prefix("filter[")?.strip_suffix(']')?;
    let (name, operator) = match inside.split_once("][") {
        Some((name, operator)) => (name, operator),
        None => (inside, "eq"),
    };
    let known = allowed.filters.iter().find(|(known, _, _)| *known == name);
    let (_, field, kind) = known?;
    let (test, is_negated) = test(operator, value.trim(), *kind)?;
    Some(Filter {
        field: *field,
        test,
        is_negated,
    })
}

fn test(operator: &str, value: &str, kind: Kind) -> Option<(Test, bool)> {
    let one = || value_span(value, kind).into_iter().collect::<Vec<Span>>();
    let many = || {
        let words = value.split(',').map(str::trim);
        words.filter_map(|word| value_span(word, kind)).collect()
    };
    let within = |from, to| Test::Within(vec![Span { from, to }]);
    let (first, last) = (|| from(value, kind), || to(value, kind));
    let test = match operator {
        "eq" | "=" => (Test::Within(one()), false),
        "ne" | "!=" => (Test::Within(one()), true),
        "in" => (Test::Within(many()), false),
        "not_in" => (Test::Within(many()), true),
        "gte" | ">=" => (within(Bound::Included(first()?), Bound::Unbounded), false),
        "lt" | "<" => (within(Bound::Unbounded, Bound::Excluded(first()?)), false),
        "lte" | "<=" => (within(Bound::Unbounded, Bound::Included(last()?)), false),
        // A bare day begins at its start, here too; within a second nothing can be told apart.
        "gt" | ">" => {
            let bound = if day(value).is_some() {
                first()?
            } else {
                last()?
            };
            (within(Bound::Excluded(bound), Bound::Unbounded), false)
        }
        "between" => {
            let (low, high) = value.split_once(',')?;
            let (low, high) = (from(low.trim(), kind)?, to(high.trim(), kind)?);
            (within(Bound::Included(low), Bound::Included(high)), false)
        }
        "like" => (Test::Contains(value.trim_matches('%').to_owned()), false),
        "null" => (Test::IsNull, matches!(value, "false" | "0")),
        _ => return None,
    };
    Some(test)
}

/// Returns what a value means: a number or a text itself, a second or a day from end to end. What is
/// no value of its kind spans nothing.
fn value_span(value: &str, kind: Kind) -> Option<Span> {
    Some(Span {
        from: Bound::Included(from(value, kind)?),
        to: Bound::Included(to(value, kind)?),
    })
}

fn from(value: &str, kind: Kind) -> Option<Operand> {
    match kind {
        Kind::Int => value.parse().ok().map(Operand::Int),
        Kind::Text => Some(Operand::Text(value.to_owned())),
        Kind::Time => time_span(value).map(|(from, _)| Operand::Time(from)),
    }
}

fn to(value: &str, kind: Kind) -> Option<Operand> {
    match kind {
        Kind::Int | Kind::Text => from(value, kind),
        Kind::Time => time_span(value).map(|(_, to)| Operand::Time(to)),
    }
}

fn day(value: &str) -> Option<Date> {
    (value.len() == "2026-01-01".len()).then(|| value.parse().ok())?
}

/// Returns the first and the last instant of a day, or of a second: times are shown without what is
/// smaller.
fn time_span(value: &str) -> Option<(Timestamp, Timestamp)> {
    const INSTANT: SignedDuration = SignedDuration::from_micros(1);
    if let Some(day) = day(value) {
        let start = |day: Date| day.to_zoned(TimeZone::UTC).ok().map(|it| it.timestamp());
        let end = start(day.tomorrow().ok()?)?;
        return Some((start(day)?, end.checked_sub(INSTANT).ok()?));
    }
    // A plus sign in a query is a space.
    let value = value.replacen(' ', "+", usize::from(value.contains('T')));
    let instant: Option<Timestamp> = value.parse().ok();
    let in_utc = || {
        let civil: jiff::civil::DateTime = value.parse().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|it| it.timestamp())
    };
    let instant = instant.or_else(in_utc)?;
    let start = Timestamp::from_second(instant.as_second()).ok()?;
    let end = start.checked_add(SignedDuration::from_secs(1)).ok()?;
    Some((start, end.checked_sub(INSTANT).ok()?))
}

/// Returns the relations a list is asked to include, of those it has.
pub(super) fn includes(call: &Call, allowed: &[&'static str]) -> Vec<&'static str> {
    let words: Vec<&str> = call
        .query("include")
        .unwrap_or_default()
        .split(',')
        .collect();
    let is_asked = |known: &&&str| words.iter().any(|word| word.trim() == **known);
    allowed.iter().filter(is_asked).copied().collect()
}

#[derive(Serialize)]
struct Listed<'a, T> {
    success: bool,
    data: Vec<T>,
    message: &'a str,
    meta: PageMeta,
    links: Links,
}

#[derive(Serialize)]
struct PageMeta {
    #[serde(flatten)]
    meta: Meta,
    pagination: Pagination,
}

#[derive(Serialize)]
struct Pagination {
    current_page: i64,
    per_page: i64,
    total: i64,
    last_page: i64,
    from: Option<i64>,
    to: Option<i64>,
}

#[derive(Serialize)]
struct Links {
    first: String,
    last: String,
    prev: Option<String>,
    next: Option<String>,
}

/// Writes a page, each row with the fields that were asked for.
pub(super) fn page<F, T: Serialize>(
    call: &Call,
    listing: &Listing<F>,
    message: &str,
    page: &Page<T>,
) -> Response {
    let (current, per_page, total) = (listing.page, listing.per_page, page.total);
    let last_page = total
        .saturating_add(per_page - 1)
        .div_euclid(per_page)
        .max(1);
    let shown = i64::try_from(page.items.len()).unwrap_or(0);
    let from = (shown > 0).then(|| listing.offset() + 1);
    let link = |page: i64| link(call, page);
    let meta = Meta::fresh(call.operations.clock().now());
    let id = meta.request_id.to_string();
    let body = Listed {
        success: true,
        data: page.items.iter().map(|it| Selected::of(call, it)).collect(),
        message,
        meta: PageMeta {
            meta,
            pagination: Pagination {
                current_page: current,
                per_page,
                total,
                last_page,
                from,
                to: from.map(|from| from + shown - 1),
            },
        },
        links: Links {
            first: link(1),
            last: link(last_page),
            prev: (current > 1).then(|| link(current - 1)),
            next: (current < last_page).then(|| link(current + 1)),
        },
    };
    let mut response = reply::json(StatusCode::OK, &body);
    reply::set_text(&mut response, REQUEST_ID, &id);
    response
}

/// Returns the address of another page of the same list.
fn link(call: &Call, page: i64) -> String {
    let text = |name| call.headers.get(name).and_then(|it| it.to_str().ok());
    let host = text(header::HOST)
        .or(call.uri.host())
        .unwrap_or("localhost");
    let forwarded = text(header::HeaderName::from_static("x-forwarded-proto"));
    let scheme = forwarded.filter(|it| *it == "https").unwrap_or("http");
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (key, value) in call.query.iter().filter(|(key, _)| key != "page") {
        query.append_pair(key, value);
    }
    query.append_pair("page", &page.to_string());
    let mut link = format!("{scheme}://{host}{}", call.uri.path());
    link.push('?');
    link.push_str(&query.finish());
    link
}

/// A row, or the fields of it that were asked for, in their order.
enum Selected<'a, T> {
    Whole(&'a T),
    Fields(Pairs),
}

impl<'a, T: Serialize> Selected<'a, T> {
    fn of(call: &Call, row: &'a T) -> Self {
        let names = call.query("fields").unwrap_or_default();
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        let text = serde_json::to_string(row).unwrap_or_default();
        let Ok(mut pairs) = serde_json::from_str::<Pairs>(&text) else {
            return Self::Whole(row);
        };
        pairs.0.retain(|(name, _)| names.contains(&name.as_str()));
        // Only what there is can be asked for; asking for nothing of it asks for all.
        if pairs.0.is_empty() {
            Self::Whole(row)
        } else {
            Self::Fields(pairs)
        }
    }
}

impl<T: Serialize> Serialize for Selected<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = match self {
            Self::Whole(row) => return row.serialize(serializer),
            Self::Fields(pairs) => &pairs.0,
        };
        let mut map = serializer.serialize_map(Some(pairs.len()))?;
        for (name, value) in pairs {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// An object's fields in their order.
struct Pairs(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Pairs;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(operator: &str, asked: &str, kind: Kind, value: impl Into<Operand>) -> bool {
        let (test, is_negated) = test(operator, asked, kind).unwrap();
        let filter = Filter {
            field: (),
            test,
            is_negated,
        };
        filter.passes(Some(&value.into()))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn every_operator_means_what_the_vendor_says() {
        for (operator, asked, low, high) in [
            ("eq", "4", false, false),
            ("gte", "5", true, true),
            (">=", "6", false, true),
            ("gt", "5", false, true),
            (">", "4", true, true),
            ("lte", "5", true, false),
            ("<", "6", true, false),
            ("lt", "5", false, false),
            ("ne", "5", false, true),
            ("!=", "4", true, true),
            ("in", "4, 5", true, false),
            ("not_in", "4,5", false, true),
            ("between", "5,5", true, false),
        ] {
            assert_eq!(
                passes(operator, asked, Kind::Int, 5),
                low,
                "{operator} of 5"
            );
            assert_eq!(
                passes(operator, asked, Kind::Int, 6),
                high,
                "{operator} of 6"
            );
        }
        assert!(passes("like", "%AN%", Kind::Text, "Joanna"));
        assert!(test("regexp", "x", Kind::Text).is_none());
    }

    #[test]
    fn a_bare_day_begins_and_ends_as_the_vendor_says() {
        let (morning, evening) = (at("2026-03-02T00:00:00Z"), at("2026-03-02T23:59:59.9Z"));
        let next = at("2026-03-03T00:00:00Z");
        for (operator, of_morning, of_evening, of_next) in [
            ("eq", true, true, false),
            ("ne", false, false, true),
            ("gte", true, true, true),
            ("gt", false, true, true),
            ("lte", true, true, false),
            ("lt", false, false, false),
        ] {
            let passes = |value| passes(operator, "2026-03-02", Kind::Time, value);
            assert_eq!(passes(morning), of_morning, "{operator}");
            assert_eq!(passes(evening), of_evening, "{operator}");
            assert_eq!(passes(next), of_next, "{operator}");
        }
        let both = "2026-03-01,2026-03-02";
        assert!(passes("between", both, Kind::Time, evening));
        assert!(!passes("between", both, Kind::Time, next));
    }

    #[test]
    fn a_time_as_it_is_shown_finds_what_it_was_shown_for() {
        let stored = at("2026-03-02T09:15:00.123456Z");
        for asked in [
            "2026-03-02T09:15:00+00:00",
            "2026-03-02T09:15:00 00:00",
            "2026-03-02T09:15:00Z",
            "2026-03-02 09:15:00",
        ] {
            assert!(passes("eq", asked, Kind::Time, stored), "{asked}");
            assert!(passes("lte", asked, Kind::Time, stored), "{asked}");
            assert!(!passes("gt", asked, Kind::Time, stored), "{asked}");
        }
    }

    #[test]
    fn what_is_no_value_of_its_kind_is_nobodys() {
        assert!(!passes("eq", "abc", Kind::Int, 5));
        assert!(!passes(
            "eq",
            "yesterday",
            Kind::Time,
            at("2026-03-02T00:00:00Z")
        ));
        assert!(test("gte", "abc", Kind::Int).is_none());
        assert!(test("between", "5", Kind::Int).is_none());
    }
}
