//! What is in the database, read and written beside the server as the command line does it.

use anyhow::Context as _;
use domain::consent::Topic;
use domain::ids::{ChannelId, ContactId, MessageId, TenantId};
use domain::message::content::Text;
use domain::message::{Author, Content, Status};
use domain::{Clock, MatchKey};
use futures_util::future::try_join_all;
use storage::testing::{self, EventCounts, MessageCount};
use storage::{Claim, Database, Location, NewSend, Options, Outcome, Paused, Start, Store, Window};

use crate::numbers;

/// As many rows are written at once.
const GROUP: usize = 256;

/// As many ids are taken at once: two a message.
const ID_BLOCK: i64 = 10_000;

pub(crate) struct Rows {
    database: Database,
    store: Store,
    clock: Clock,
}

/// Somebody to write to.
#[derive(Clone)]
pub(crate) struct Recipient {
    pub(crate) id: ContactId,
    pub(crate) digits: String,
}

/// A message that Meta took, as far as it knows it.
pub(crate) struct Taken {
    pub(crate) id: MessageId,
    pub(crate) wamid: String,
    pub(crate) digits: String,
}

impl Rows {
    pub(crate) async fn open(location: Location, tenant: TenantId) -> anyhow::Result<Self> {
        let mut options = Options::tool(location);
        options.id_block = ID_BLOCK;
        let database = Database::open(options).await?;
        let store = database.store_for(tenant);
        Ok(Self {
            database,
            store,
            clock: Clock::system(),
        })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) async fn close(&self) {
        self.database.close().await;
    }

    /// Returns the first of the contacts that were loaded.
    pub(crate) async fn recipients(&self, count: u64) -> anyhow::Result<Vec<Recipient>> {
        let mut recipients = Vec::new();
        let all: Vec<u64> = (0..count).collect();
        for group in all.chunks(GROUP) {
            let find = async |number: u64| {
                let digits = numbers::known(number).trim_start_matches('+').to_owned();
                let key = MatchKey::of_digits(&digits);
                let found = self.store.contact_by_number(&key).await?;
                let id = found.context("a contact is missing that was loaded")?.id;
                anyhow::Ok(Recipient { id, digits })
            };
            recipients.extend(try_join_all(group.iter().map(|it| find(*it))).await?);
        }
        Ok(recipients)
    }

    /// Queues a text to one recipient after the other.
    pub(crate) async fn queue(
        &self,
        channel: ChannelId,
        recipients: &[Recipient],
        count: usize,
    ) -> anyhow::Result<()> {
        let start = Start::Due(self.clock.now());
        for group in groups(recipients, count) {
            let claims = group.iter().map(|to| self.claim(channel, to.id, start));
            for claim in try_join_all(claims).await? {
                anyhow::ensure!(
                    matches!(claim, Claim::Queued(_)),
                    "a message was not queued: {claim:?}"
                );
            }
        }
        Ok(())
    }

    /// Writes messages as if the server had sent them, and Meta had taken them just now.
    pub(crate) async fn taken(
        &self,
        channel: ChannelId,
        recipients: &[Recipient],
        count: usize,
    ) -> anyhow::Result<Vec<Taken>> {
        // Older than any epoch of the server's.
        let start = Start::Now { lane_epoch: 0 };
        let mut taken = Vec::with_capacity(count);
        for group in groups(recipients, count) {
            let take = async |to: &Recipient| {
                let claim = self.claim(channel, to.id, start).await?;
                let Claim::Claimed(id) = claim else {
                    anyhow::bail!("a message was not taken up: {claim:?}");
                };
                let wamid = format!("wamid.HBgLbench{}", id.to_cuid());
                self.store.record_outcome(self.accepted(id, &wamid)).await?;
                let digits = to.digits.clone();
                Ok(Taken { id, wamid, digits })
            };
            taken.extend(try_join_all(group.into_iter().map(take)).await?);
        }
        Ok(taken)
    }

    async fn claim(
        &self,
        channel_id: ChannelId,
        contact_id: ContactId,
        start: Start,
    ) -> storage::Result<Claim> {
        let text = Text {
            body: "Your order is on its way.".to_owned(),
            preview_url: false,
        };
        let send = NewSend {
            contact_id,
            channel_id,
            content: Content::Text(text),
            context_wamid: None,
            author: Author::default(),
            window: Window::MayBeClosed,
            topic: Topic::All,
            start,
            give_up_at: None,
            at: self.clock.now(),
        };
        self.store.claim_send(send).await
    }

    fn accepted(&self, message_id: MessageId, wamid: &str) -> Outcome {
        Outcome {
            message_id,
            status: Status::Accepted,
            wamid: Some(wamid.to_owned()),
            failure: None,
            due_at: None,
            at: self.clock.now(),
        }
    }

    /// Keeps what is queued from leaving.
    pub(crate) async fn pause(&self, channel: ChannelId) -> anyhow::Result<()> {
        let pause = Paused {
            at: self.clock.now(),
            why: "until the benchmark has queued all".to_owned(),
            is_by_meta: false,
        };
        let is_there = self.store.pause_channel(channel, pause).await?;
        anyhow::ensure!(is_there, "there is no channel {channel}");
        Ok(())
    }

    /// Lets what is queued leave.
    pub(crate) async fn resume(&self, channel: ChannelId) -> anyhow::Result<()> {
        let is_there = self.store.resume_channel(channel).await?;
        anyhow::ensure!(is_there, "there is no channel {channel}");
        Ok(())
    }

    /// Counts a channel's messages by their status.
    pub(crate) async fn messages(&self, channel: ChannelId) -> anyhow::Result<Vec<MessageCount>> {
        Ok(testing::count_messages(&self.store, channel).await?)
    }

    /// Counts the events that were posted.
    pub(crate) async fn events(&self) -> anyhow::Result<EventCounts> {
        Ok(testing::count_events(&self.database).await?)
    }

    /// Returns whether events wait to be applied.
    pub(crate) async fn has_waiting(&self) -> anyhow::Result<bool> {
        Ok(testing::has_waiting_events(&self.database).await?)
    }

    /// Returns the time in seconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_second()
    }
}

/// Deals `count` messages out, in groups in which nobody comes twice.
fn groups(recipients: &[Recipient], count: usize) -> Vec<Vec<&Recipient>> {
    let all: Vec<&Recipient> = recipients.iter().cycle().take(count).collect();
    let size = GROUP.min(recipients.len()).max(1);
    all.chunks(size).map(<[_]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::{Recipient, groups};
    use domain::ids::ContactId;
    use std::collections::HashSet;

    #[test]
    fn nobody_is_twice_in_a_group() {
        let person = |id| Recipient {
            id: ContactId::new(id).unwrap(),
            digits: id.to_string(),
        };
        let people: Vec<Recipient> = (1..=300).map(person).collect();
        let dealt = groups(&people, 1_000);
        assert_eq!(dealt.iter().map(Vec::len).sum::<usize>(), 1_000);
        for group in dealt {
            let ids: HashSet<ContactId> = group.iter().map(|it| it.id).collect();
            assert_eq!(ids.len(), group.len());
        }
    }
}
