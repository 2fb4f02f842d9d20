//! The contacts and messages of a big tenant: what each of them is like.

use anyhow::Context as _;
use domain::contact::{Address, ContactType, Origin};
use domain::ids::{ChannelId, ContactId, GroupId, SourceId, StatusId};
use domain::message::content::{Location, Media, Template, Text};
use domain::message::{Content, Direction, Status};
use domain::name::Name;
use domain::{MatchKey, Phone};
use jiff::{SignedDuration, Timestamp};
use storage::testing::PastMessage;
use storage::{BatchItem, NewContact, UniqueFields};

use super::words::{FIRST_NAMES, LAST_NAMES, Lots, rare, sentence};
use crate::numbers;

/// How many of a hundred thousand contacts have each status, the rest the last one.
const STATUSES: [u64; 5] = [60_000, 25_000, 10_000, 4_000, 900];

/// How many of a thousand contacts are in each group.
pub(super) const GROUPS: [u64; 3] = [400, 40, 1];

/// How many sources and statuses there are.
pub(super) const SOURCE_COUNT: usize = 8;
pub(super) const STATUS_COUNT: usize = STATUSES.len() + 1;

/// Who is in charge of contacts: these, and nobody of three in ten.
const ASSIGNEES: u64 = 20;

/// What contacts are filed under.
pub(super) struct Labels {
    pub(super) sources: Vec<SourceId>,
    pub(super) statuses: Vec<StatusId>,
    pub(super) groups: Vec<GroupId>,
}

/// A span of time over which rows are spread evenly, in their order.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    pub(super) from: Timestamp,
    pub(super) length: SignedDuration,
    pub(super) count: u64,
}

impl Spread {
    /// Returns when a row is made.
    pub(super) fn at(&self, number: u64) -> Timestamp {
        let length = self.length.as_micros();
        let after = length * i128::from(number) / i128::from(self.count.max(1));
        let after = SignedDuration::from_micros(i64::try_from(after).unwrap_or(0));
        self.from.checked_add(after).unwrap_or(self.from)
    }
}

/// Returns the names of a contact.
pub(super) fn names(number: u64) -> (&'static str, String) {
    let mut lots = Lots::of(number);
    let first = lots.one_of(&FIRST_NAMES);
    let last = if lots.is_within(500) {
        lots.one_of(&LAST_NAMES).to_owned()
    } else {
        capitalized(&rare(lots.below(32_768)))
    };
    (first, last)
}

/// Returns the e-mail address of a contact, which is nobody else's.
pub(super) fn email(number: u64) -> String {
    format!("{}{number}@example.com", rare(number % 32_768))
}

pub(super) fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    first + chars.as_str()
}

/// Returns a contact as it is to be made.
pub(super) fn contact(number: u64, labels: &Labels, spread: Spread) -> anyhow::Result<BatchItem> {
    let (first, last) = names(number);
    let mut lots = Lots::of(number ^ 1 << 40);
    let phone = Phone::parse_loosely(&numbers::known(number), None);
    let phone = phone.ok().context("a number that is none")?;
    // Those that were imported together come from one source.
    let source = number * SOURCE_COUNT as u64 / spread.count.max(1);
    let new = NewContact {
        wa_id: None,
        wa_id_claim: None,
        name: Name::from_parts(first, &last),
        email: lots.is_within(700).then(|| email(number)),
        tags: Vec::new(),
        kind: kind(&mut lots),
        source_id: labels.sources[usize::try_from(source)?.min(SOURCE_COUNT - 1)],
        status_id: labels.statuses[status(&mut lots)],
        assignee_id: lots.is_within(700).then(|| assignee(&mut lots)),
        company: lots.is_within(300).then(|| company(&mut lots)),
        description: None,
        address: Address::default(),
        origin: Origin::Import,
        verified: None,
        at: spread.at(number),
        phone,
    };
    let key: MatchKey = new.phone.match_key();
    Ok(BatchItem {
        fields: UniqueFields {
            phone: Some(key),
            email: new.email.clone(),
            source_id: Some(new.source_id.get()),
            status_id: Some(new.status_id.get()),
            except: None,
        },
        new: Some(new),
    })
}

fn kind(lots: &mut Lots) -> ContactType {
    match lots.below(20) {
        0 => ContactType::Guest,
        1..=7 => ContactType::Customer,
        _ => ContactType::Lead,
    }
}

fn status(lots: &mut Lots) -> usize {
    let mut lot = lots.below(100_000);
    for (index, share) in STATUSES.into_iter().enumerate() {
        if lot < share {
            return index;
        }
        lot -= share;
    }
    STATUSES.len()
}

fn assignee(lots: &mut Lots) -> i64 {
    i64::try_from(1 + lots.below(ASSIGNEES)).unwrap_or(1)
}

fn company(lots: &mut Lots) -> String {
    format!("{} Trading", capitalized(&rare(lots.below(500) * 64)))
}

/// Returns a message as it once came or went.
pub(super) fn message(
    number: u64,
    contact_id: ContactId,
    (channel_id, spread): (ChannelId, Spread),
) -> PastMessage {
    let mut lots = Lots::of(number ^ 1 << 41);
    let direction = if lots.is_within(450) {
        Direction::Inbound
    } else {
        Direction::Outbound
    };
    PastMessage {
        contact_id,
        channel_id,
        direction,
        content: content(direction, &mut lots),
        status: match direction {
            Direction::Inbound => Status::Received,
            Direction::Outbound => outcome(&mut lots),
        },
        at: spread.at(number),
    }
}

fn outcome(lots: &mut Lots) -> Status {
    match lots.below(100) {
        0..=2 => Status::Failed,
        3..=9 => Status::Sent,
        10..=39 => Status::Delivered,
        _ => Status::Read,
    }
}

fn content(direction: Direction, lots: &mut Lots) -> Content {
    match lots.below(100) {
        0..=5 => Content::Image(Media {
            caption: Some(sentence(lots)),
            ..Media::id("1000000000000000")
        }),
        6..=7 => Content::Document(Media::id("1000000000000001")),
        8 => Content::Location(Location {
            latitude: -33.92,
            longitude: 18.42,
            name: Some(capitalized(&rare(lots.below(32_768)))),
            address: None,
        }),
        9..=24 if direction == Direction::Outbound => Content::Template(Template {
            text: Some(sentence(lots)),
            ..Template::plain("order_update", "en")
        }),
        _ => Content::Text(Text {
            body: sentence(lots),
            preview_url: false,
        }),
    }
}
