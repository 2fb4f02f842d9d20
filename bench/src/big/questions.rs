//! What a big tenant is asked, and how soon each is to be answered.

use jiff::{SignedDuration, Timestamp};

use super::fill::Filled;
use super::people::{SOURCE_COUNT, STATUS_COUNT, email, names};
use super::words::{FIRST_NAMES, LAST_NAMES, rare};
use crate::cases::Tenant;
use crate::numbers::{self, lot};

/// Milliseconds within which 99 of 100 are to be answered.
const FIRST_PAGE: f64 = 30.0;
const DEEP_PAGE: f64 = 100.0;

/// How many contacts a page of WA.cr's has unless more are asked for.
const PER_PAGE: u64 = 15;

/// A request in many variations, and within how many milliseconds 99 of 100 are to be answered.
pub(super) struct Question {
    pub(super) name: String,
    pub(super) request: Box<dyn Fn(u64) -> String>,
    pub(super) within: f64,
}

/// Whom it is asked of.
pub(super) struct Place<'p> {
    pub(super) tenant: &'p Tenant,
    pub(super) filled: &'p Filled,
}

/// Questions of one kind.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) ask: fn(&Place<'_>) -> Vec<Question>,
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "sorts",
        ask: sorts,
    },
    Kind {
        name: "filters",
        ask: filters,
    },
    Kind {
        name: "sorted_filters",
        ask: sorted_filters,
    },
    Kind {
        name: "searches",
        ask: searches,
    },
    Kind {
        name: "pages",
        ask: pages,
    },
    Kind {
        name: "flowella_lists",
        ask: flowella_lists,
    },
    Kind {
        name: "talks",
        ask: talks,
    },
    Kind {
        name: "analytics",
        ask: analytics,
    },
];

/// A part of a query that differs from request to request.
type Query = Box<dyn Fn(u64) -> String>;

fn asked(
    (name, within): (String, f64),
    key: &str,
    path: impl Fn(u64) -> String + 'static,
) -> Question {
    let key = key.to_owned();
    let request = move |number| {
        let path = path(number);
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n")
    };
    Question {
        name,
        request: Box::new(request),
        within,
    }
}

impl Place<'_> {
    /// WA.cr: a page of contacts.
    fn wacr(&self, (name, within): (&str, f64), query: Query) -> Question {
        let path = move |number| format!("/api/v2/contacts?{}", query(number));
        asked(
            (format!("wacr {name}"), within),
            &self.tenant.wacr_key,
            path,
        )
    }

    fn flowella(&self, name: &str, path: Query) -> Question {
        let path = move |number| format!("/api/v1/{}", path(number));
        asked(
            (format!("flowella {name}"), FIRST_PAGE),
            &self.tenant.flowella_key,
            path,
        )
    }

    fn flowiq(&self, (name, within): (&str, f64), query: Query) -> Question {
        let path = move |number| format!("/conversations?{}", query(number));
        asked(
            (format!("flowiq {name}"), within),
            &self.tenant.flowiq_key,
            path,
        )
    }

    /// Returns an instant by lot of the time in which the contacts were made.
    fn instants(&self) -> impl Fn(u64) -> Timestamp + 'static {
        let made = self.filled.made;
        move |number| made.at(lot(number, made.count))
    }
}

fn fixed(text: &str) -> Query {
    let text = text.to_owned();
    Box::new(move |_| text.clone())
}

fn filter(field: &str, operator: &str, value: impl std::fmt::Display) -> String {
    match operator {
        "" => format!("filter%5B{field}%5D={value}"),
        _ => format!("filter%5B{field}%5D%5B{operator}%5D={value}"),
    }
}

const SORTS: [&str; 10] = [
    "id",
    "-id",
    "firstname",
    "-firstname",
    "lastname",
    "-lastname",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
];

fn sorts(place: &Place<'_>) -> Vec<Question> {
    let sort = |sort| {
        let query = format!("sort={sort}");
        place.wacr((&query, FIRST_PAGE), fixed(&query))
    };
    SORTS.into_iter().map(sort).collect()
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Returns filters by name: one value each, and some that many contacts pass or few.
fn single_filters(place: &Place<'_>) -> Vec<(String, Query)> {
    let labels = &place.filled.labels;
    let mut all: Vec<(String, Query)> = Vec::new();
    let mut add = |name: &str, query: Query| all.push((name.to_owned(), query));
    add("type=lead", fixed(&filter("type", "", "lead")));
    add("type=guest", fixed(&filter("type", "", "guest")));
    for (name, index) in [("most", 0), ("some", 3), ("few", STATUS_COUNT - 1)] {
        let status = labels.statuses[index];
        let query = filter("status_id", "", status);
        add(&format!("status_id of {name}"), fixed(&query));
    }
    for (name, index) in [("oldest", 0), ("newest", SOURCE_COUNT - 1)] {
        let query = filter("source_id", "", labels.sources[index]);
        add(&format!("source_id of the {name}"), fixed(&query));
    }
    let assigned = |number| filter("assigned_id", "", 1 + lot(number, 20));
    add("assigned_id", Box::new(assigned));
    let nobody = filter("assigned_id", "null", "true");
    add("assigned_id null", fixed(&nobody));
    for (name, group) in ["many", "some", "few"].iter().zip(&labels.groups) {
        let query = filter("group_id", "", group);
        add(&format!("group_id of {name}"), fixed(&query));
    }
    let instant = place.instants();
    let on_a_day = move |number| filter("created_at", "", day(instant(number)));
    add("created_at on a day", Box::new(on_a_day));
    let instant = place.instants();
    let since = move |number| filter("created_at", "gte", day(instant(number)));
    add("created_at gte", Box::new(since));
    all
}

fn filters(place: &Place<'_>) -> Vec<Question> {
    let labels = &place.filled.labels;
    let mut all = single_filters(place);
    let mut add = |name: &str, query: Query| all.push((name.to_owned(), query));
    for (operator, value) in [("ne", "lead"), ("in", "guest,customer"), ("like", "cust")] {
        let name = format!("type {operator}");
        add(&name, fixed(&filter("type", operator, value)));
    }
    let few = labels.statuses[STATUS_COUNT - 1].get();
    let two = format!("{few},{}", labels.statuses[2]);
    for (operator, value) in [
        ("ne", labels.statuses[0].to_string()),
        ("not_in", two.clone()),
        ("in", two),
        ("gte", few.to_string()),
        ("between", format!("{few},{}", few + 1)),
    ] {
        let name = format!("status_id {operator}");
        add(&name, fixed(&filter("status_id", operator, value)));
    }
    let groups = format!("{},{}", labels.groups[1], labels.groups[2]);
    for (operator, value) in [("ne", labels.groups[0].to_string()), ("in", groups)] {
        let name = format!("group_id {operator}");
        add(&name, fixed(&filter("group_id", operator, value)));
    }
    for operator in ["lt", "lte", "gt", "ne"] {
        let instant = place.instants();
        let query = move |number| filter("created_at", operator, day(instant(number)));
        add(&format!("created_at {operator}"), Box::new(query));
    }
    let instant = place.instants();
    let between = move |number| {
        let from = instant(number);
        let week = SignedDuration::from_hours(7 * 24);
        let to = from.checked_add(week).unwrap_or(from);
        filter(
            "created_at",
            "between",
            format!("{},{}", day(from), day(to)),
        )
    };
    add("created_at between", Box::new(between));
    let ask = |(name, query): (String, Query)| place.wacr((&name, FIRST_PAGE), query);
    all.into_iter().map(ask).collect()
}

fn sorted_filters(place: &Place<'_>) -> Vec<Question> {
    let mut all = Vec::new();
    for sort in SORTS {
        for (name, query) in single_filters(place) {
            let name = format!("{name}, sort={sort}");
            let query = move |number| format!("{}&sort={sort}", query(number));
            all.push(place.wacr((&name, FIRST_PAGE), Box::new(query)));
        }
    }
    all
}

/// Returns what is searched for, by name: words that many contacts have, few, or none.
fn words(contacts: u64) -> Vec<(&'static str, Query)> {
    fn one<'w>(all: &[&'w str], number: u64) -> &'w str {
        let index = usize::try_from(lot(number, all.len() as u64)).unwrap_or_default();
        all[index]
    }
    let somebody = move |number| lot(number ^ 77, contacts);
    let first = |number| one(&FIRST_NAMES, number).replace(' ', "+");
    let last = |number| one(&LAST_NAMES, number).replace(' ', "+");
    let full = move |number| {
        let (first, last) = names(somebody(number));
        format!("{first}+{}", last.replace(' ', "+"))
    };
    let phone = move |number| numbers::known(somebody(number)).replace('+', "%2B");
    let part = move |number| numbers::known(somebody(number))[6..10].to_owned();
    let number = move |number| numbers::known(somebody(number)).replace("+27", "0");
    vec![
        ("a first name", Box::new(first)),
        ("a frequent last name", Box::new(last)),
        (
            "a rare last name",
            Box::new(|number| rare(lot(number, 32_768))),
        ),
        ("a whole name", Box::new(full)),
        (
            "an address",
            Box::new(move |number| email(somebody(number))),
        ),
        ("what most have", fixed("example.com")),
        ("a company", fixed("Trading")),
        ("a number", Box::new(phone)),
        ("a national number", Box::new(number)),
        ("four digits", Box::new(part)),
        ("two letters", Box::new(|number| first_letters(number, 2))),
        ("one letter", Box::new(|number| first_letters(number, 1))),
        ("none", Box::new(|number| format!("zzqxj{number}"))),
        ("none of frequent pieces", fixed("example.com.co")),
    ]
}

fn first_letters(number: u64, count: usize) -> String {
    let name = rare(lot(number, 32_768));
    name.chars().take(count).collect()
}

fn searches(place: &Place<'_>) -> Vec<Question> {
    let of_contacts = words(place.filled.size.contacts)
        .into_iter()
        .map(|(name, word)| {
            let query = move |number| format!("search={}", word(number));
            place.wacr((&format!("search for {name}"), FIRST_PAGE), Box::new(query))
        });
    of_contacts.collect()
}

fn pages(place: &Place<'_>) -> Vec<Question> {
    let last = (place.filled.size.contacts).div_ceil(PER_PAGE);
    let mut all = Vec::new();
    for (name, page) in [("last", last), ("middle", last / 2)] {
        for sort in ["-created_at", "lastname", "-updated_at"] {
            // Beside its neighbours, so that not one page alone is warm.
            let query = move |number| {
                let page = page - lot(number, 10).min(page.saturating_sub(1));
                format!("page={page}&sort={sort}")
            };
            let name = format!("the {name} page, sort={sort}");
            all.push(place.wacr((&name, DEEP_PAGE), Box::new(query)));
        }
    }
    all
}

fn flowella_lists(place: &Place<'_>) -> Vec<Question> {
    let contacts = &place.filled.contacts;
    let after = |name: &str, index: usize| {
        let cursor = contacts.get(index).map(|id| id.to_cuid());
        let path = format!("contacts?limit=50&cursor={}", cursor.unwrap_or_default());
        place.flowella(name, fixed(&path))
    };
    vec![
        place.flowella("contacts", fixed("contacts?limit=50")),
        after("contacts from half way", contacts.len() / 2),
        after("the oldest contacts", 60.min(contacts.len() - 1)),
        place.flowella("conversations", fixed("conversations?limit=50")),
        place.flowella(
            "open conversations",
            fixed("conversations?status=OPEN&limit=50"),
        ),
    ]
}

fn talks(place: &Place<'_>) -> Vec<Question> {
    let count = place.filled.size.contacts;
    let digits = |number| numbers::known(number).trim_start_matches('+').to_owned();
    let anybody = move |number| format!("whatsappNumber=%2B{}", digits(lot(number, count)));
    // The one with whom one in twenty messages was exchanged.
    let long = move || format!("whatsappNumber=%2B{}", digits(0));
    let half = place.filled.size.messages / 20 / 10 / 2;
    let mut all = vec![
        place.flowiq(("contacts", FIRST_PAGE), fixed("action=contacts")),
        place.flowiq(
            ("contacts, the middle page", DEEP_PAGE),
            fixed(&format!("action=contacts&page={}", count / 100)),
        ),
        place.flowiq(
            ("find-by-phone", FIRST_PAGE),
            Box::new(move |number| format!("action=find-by-phone&{}", anybody(number))),
        ),
        place.flowiq(("messages", FIRST_PAGE), Box::new(anybody)),
        place.flowiq(("messages of a long talk", FIRST_PAGE), fixed(&long())),
        place.flowiq(
            ("messages of a long talk, the middle page", DEEP_PAGE),
            fixed(&format!("{}&page={half}", long())),
        ),
        place.flowiq(
            ("search a talk for a frequent word", FIRST_PAGE),
            Box::new(move |number| format!("{}&query=order", anybody(number))),
        ),
    ];
    let said: [(&str, Query); 4] = [
        ("a frequent word", fixed("order")),
        ("two words", fixed("your+delivery")),
        (
            "a rare word",
            Box::new(|number| rare(lot(number, 4_096) * 8 + 5)),
        ),
        ("no word of it", fixed("zzqxj")),
    ];
    for (name, word) in said {
        let query = move |number| format!("{}&query={}", long(), word(number));
        let name = format!("search a long talk for {name}");
        all.push(place.flowiq((&name, FIRST_PAGE), Box::new(query)));
    }
    for (name, word) in words(count).into_iter().take(3) {
        let query = move |number| format!("action=contacts&search={}", word(number));
        let name = format!("contacts, search for {name}");
        all.push(place.flowiq((&name, FIRST_PAGE), Box::new(query)));
    }
    all
}

fn analytics(place: &Place<'_>) -> Vec<Question> {
    let said = place.filled.said;
    let span = move |hours: i64| {
        move |number| {
            let from = said.at(lot(number, said.count));
            let to = from.checked_add(SignedDuration::from_hours(hours));
            let to = to.unwrap_or(from);
            format!("analytics?startDate={from}&endDate={to}")
        }
    };
    vec![
        place.flowella("analytics", fixed("analytics")),
        place.flowella("analytics of a day", Box::new(span(24))),
        place.flowella("analytics of a week", Box::new(span(7 * 24))),
        place.flowella("analytics of 30 days", Box::new(span(30 * 24))),
    ]
}
