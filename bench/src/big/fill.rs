//! Filling a tenant: straight into its database, many rows to a commit and several commits under way.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::ids::{ChannelId, ContactId, GroupId, SourceId, StatusId};
use domain::label::LabelId;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use storage::testing::{self, PastMessage};
use storage::{BatchOut, BatchRules, Joined, Store};

use super::people::{self, GROUPS, Labels, SOURCE_COUNT, STATUS_COUNT, Spread};
use super::words::Lots;
use crate::rows::Rows;

/// How many rows share a commit, and how many commits are under way.
const ROWS: u64 = 1_000;
const UNDER_WAY: usize = 4;

/// One commit of messages in so many is of one conversation, which is a long one.
const LONG_TALK: u64 = 20;

const CONTACTS_SINCE: SignedDuration = SignedDuration::from_hours(60 * 24);
const MESSAGES_SINCE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How often it is asked whether all is filed, and how long that may take.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const FILED_WITHIN: Duration = Duration::from_secs(1_800);

/// How much there is to be.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) contacts: u64,
    pub(super) messages: u64,
}

/// What there is.
pub(super) struct Filled {
    pub(super) size: Size,
    pub(super) labels: Labels,
    pub(super) contacts: Vec<ContactId>,
    /// When they were made.
    pub(super) made: Spread,
    /// When the messages were.
    pub(super) said: Spread,
    pub(super) times: Times,
}

/// How long it took.
pub(super) struct Times {
    pub(super) contacts: Duration,
    pub(super) messages: Duration,
    pub(super) filing: Duration,
}

pub(super) async fn fill(rows: &Rows, channel: ChannelId, size: Size) -> anyhow::Result<Filled> {
    let now = Timestamp::from_second(rows.now())?;
    let spread = |length: SignedDuration, count| {
        let from = now.checked_sub(length)?;
        anyhow::Ok(Spread {
            from,
            length,
            count,
        })
    };
    let made = spread(CONTACTS_SINCE, size.contacts)?;
    let said = spread(MESSAGES_SINCE, size.messages)?;
    let labels = labels(rows.store(), made.from).await?;

    let started = Instant::now();
    let contacts = contacts(rows.store(), &labels, made).await?;
    let contacts_in = started.elapsed();
    say(size.contacts, "contacts written", contacts_in);

    let started = Instant::now();
    messages(rows.store(), &contacts, (channel, said)).await?;
    let messages_in = started.elapsed();
    say(size.messages, "messages written", messages_in);

    let filing = wait_until_filed(rows).await?;
    say(size.contacts + size.messages, "rest of both filed", filing);
    Ok(Filled {
        size,
        labels,
        contacts,
        made,
        said,
        times: Times {
            contacts: contacts_in,
            messages: messages_in,
            filing,
        },
    })
}

fn say(count: u64, what: &str, within: Duration) {
    eprintln!("{count} {what} in {:.0} s", within.as_secs_f64());
}

/// Waits until the server has filed all that is written for searches and lists.
pub(super) async fn wait_until_filed(rows: &Rows) -> anyhow::Result<Duration> {
    let started = Instant::now();
    while testing::has_unfiled(rows.database()).await? {
        anyhow::ensure!(
            started.elapsed() < FILED_WITHIN,
            "the server does not file what it is to find"
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(started.elapsed())
}

async fn labels(store: &Store, at: Timestamp) -> anyhow::Result<Labels> {
    Ok(Labels {
        sources: made::<SourceId>(store, SOURCE_COUNT, at).await?,
        statuses: made::<StatusId>(store, STATUS_COUNT, at).await?,
        groups: made::<GroupId>(store, GROUPS.len(), at).await?,
    })
}

async fn made<I: LabelId>(store: &Store, count: usize, at: Timestamp) -> anyhow::Result<Vec<I>> {
    let mut ids = Vec::with_capacity(count);
    for number in 1..=count {
        let label = store
            .create_label::<I>(&format!("Number {number}"), None, at)
            .await?;
        ids.push(label.id);
    }
    Ok(ids)
}

/// Returns the numbers of the rows of each commit.
fn commits(count: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    let firsts = (0..count).step_by(usize::try_from(ROWS).unwrap_or(1));
    firsts.map(move |first| first..(first + ROWS).min(count))
}

async fn contacts(
    store: &Store,
    labels: &Labels,
    spread: Spread,
) -> anyhow::Result<Vec<ContactId>> {
    let commits = stream::iter(commits(spread.count));
    let mut commits = commits
        .map(|numbers| create(store, labels, (numbers, spread)))
        .buffered(UNDER_WAY);
    let mut ids = Vec::new();
    while let Some(created) = commits.try_next().await? {
        ids.extend(created);
    }
    Ok(ids)
}

async fn create(
    store: &Store,
    labels: &Labels,
    (numbers, spread): (std::ops::Range<u64>, Spread),
) -> anyhow::Result<Vec<ContactId>> {
    let items = numbers
        .clone()
        .map(|number| people::contact(number, labels, spread));
    let items = items.collect::<anyhow::Result<Vec<_>>>()?;
    let rules = BatchRules {
        skips_known: false,
        makes_others: false,
    };
    let mut ids = Vec::with_capacity(items.len());
    for out in store.create_contacts(items, rules).await? {
        match out {
            BatchOut::Created(contact) => ids.push(contact.id),
            other => anyhow::bail!("a contact was not made: {other:?}"),
        }
    }
    for (group, share) in labels.groups.iter().zip(GROUPS) {
        let is_member = |number: &u64| Lots::of(*number ^ share << 42).is_within(share);
        let members = numbers.clone().zip(&ids);
        let members = members.filter(|(number, _)| is_member(number));
        let members: Vec<i64> = members.map(|(_, id)| id.get()).collect();
        let joined = store.join_group(*group, members).await?;
        anyhow::ensure!(matches!(joined, Joined::Added(_)), "{joined:?}");
    }
    Ok(ids)
}

async fn messages(
    store: &Store,
    contacts: &[ContactId],
    (channel, spread): (ChannelId, Spread),
) -> anyhow::Result<()> {
    let first = *contacts.first().context("nobody to write to")?;
    let all: Vec<_> = commits(spread.count).enumerate().collect();
    let commits = stream::iter(all).map(|(index, numbers)| {
        let is_long = (index as u64).is_multiple_of(LONG_TALK);
        let messages = numbers.map(|number| {
            let mut lots = Lots::of(number ^ 1 << 43);
            let lot = usize::try_from(lots.below(contacts.len() as u64)).unwrap_or_default();
            let contact = if is_long { first } else { contacts[lot] };
            people::message(number, contact, (channel, spread))
        });
        let messages: Vec<PastMessage> = messages.collect();
        async move { testing::keep_messages(store, messages).await }
    });
    let mut commits = commits.buffered(UNDER_WAY);
    while let Some(()) = commits.try_next().await? {}
    Ok(())
}
