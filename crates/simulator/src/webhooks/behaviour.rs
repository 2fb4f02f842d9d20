//! How webhooks misbehave.

use serde::{Deserialize, Serialize};

/// How the webhooks of an app are posted; by default each by itself, at once, in parallel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// How long everything waits before it is posted.
    pub delay_ms: u64,
    /// How many times each webhook is posted, all at once, even when it was heard.
    pub repeat: u32,
    /// How many updates that follow each other are turned round, so that the last comes first.
    pub reorder: u32,
    /// How many updates at most come in one webhook.
    pub batch: u32,
    /// How long to wait for as many updates as `reorder` and `batch` ask for.
    pub gather_ms: u64,
    /// How many first attempts at each webhook are lost on the way.
    pub drop_first: u32,
    /// How many attempts after those arrive, but their answer is lost on the way.
    pub unheard_first: u32,
    /// How many webhooks are posted at the same time; 1 keeps their order.
    pub concurrency: u32,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            repeat: 1,
            reorder: 1,
            batch: 1,
            gather_ms: 50,
            drop_first: 0,
            unheard_first: 0,
            concurrency: 64,
        }
    }
}

/// How many updates Meta puts into one webhook at most.
const MAX_BATCH: u32 = 1_000;

impl Behaviour {
    /// Says what is wrong with it, if anything.
    pub(crate) fn complaint(&self) -> Option<&'static str> {
        let is_one_of = |it: u32, most: u32| (1..=most).contains(&it);
        if !is_one_of(self.batch, MAX_BATCH) || !is_one_of(self.reorder, MAX_BATCH) {
            Some("`batch` and `reorder` are 1 to 1000")
        } else if !is_one_of(self.repeat, 10_000) {
            Some("`repeat` is 1 to 10000")
        } else if !is_one_of(self.concurrency, 1_000) {
            Some("`concurrency` is 1 to 1000")
        } else if self.delay_ms > 86_400_000 || self.gather_ms > 60_000 {
            Some("`delay_ms` is at most a day, `gather_ms` at most a minute")
        } else {
            None
        }
    }
}
