//! Rate limits: a fixed window of a minute, counted by this node.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::ids::{KeyId, TenantId};
use domain::key::Api;
use jiff::Timestamp;

use crate::caller::Caller;
use crate::operations::Operations;

const WINDOW_SECONDS: i64 = 60;

/// What shares a count: a key, or all of a tenant's keys of one API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Bucket {
    Key(KeyId),
    Tenant(TenantId, Api),
}

#[derive(Debug, Default)]
struct Counts {
    /// The minute that is being counted.
    minute: i64,
    used: HashMap<Bucket, u32>,
}

/// The counts of the running minute.
#[derive(Debug, Default)]
pub(crate) struct Rates(Mutex<Counts>);

/// How a caller stands with its rate limit after a request was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests a minute.
    pub limit: u32,
    /// How many are left in this minute.
    pub remaining: u32,
    /// When the minute ends, in seconds since 1970.
    pub resets_at: i64,
    /// How many seconds that is from now, at least 1.
    pub retry_after_seconds: i64,
}

/// Whether a request was within the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was, or there is no limit (`None`).
    Within(Option<Rate>),
    /// It was not.
    Over(Rate),
}

impl Taken {
    /// Returns how the caller stands, where there is a limit.
    #[must_use]
    pub fn rate(self) -> Option<Rate> {
        match self {
            Self::Within(rate) => rate,
            Self::Over(rate) => Some(rate),
        }
    }
}

impl Operations {
    /// Counts a request of `caller`.
    #[must_use]
    pub fn take_request(&self, caller: &Caller) -> Taken {
        let Some(key) = caller.key() else {
            return Taken::Within(None);
        };
        let Some(limit) = key.limit_per_minute() else {
            return Taken::Within(None);
        };
        // Flowella limits the organization, not the key, unless a key has a limit of its own.
        let bucket = match (key.api, key.rate_per_minute) {
            (Api::Flowella, None) => Bucket::Tenant(key.tenant_id, key.api),
            (Api::FlowIq | Api::Flowella | Api::WaCr, _) => Bucket::Key(key.id),
        };
        self.rates().take(bucket, limit, self.clock().now())
    }
}

impl Rates {
    fn take(&self, bucket: Bucket, limit: u32, now: Timestamp) -> Taken {
        let minute = now.as_second().div_euclid(WINDOW_SECONDS);
        let resets_at = (minute + 1) * WINDOW_SECONDS;
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.minute != minute {
            counts.minute = minute;
            counts.used.clear();
        }
        let used = counts.used.entry(bucket).or_default();
        let is_over = *used >= limit;
        if !is_over {
            *used += 1;
        }
        let rate = Rate {
            limit,
            remaining: limit.saturating_sub(*used),
            resets_at,
            retry_after_seconds: (resets_at - now.as_second()).max(1),
        };
        if is_over {
            Taken::Over(rate)
        } else {
            Taken::Within(Some(rate))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, Rates, Taken};
    use domain::ids::KeyId;
    use jiff::Timestamp;

    #[test]
    fn a_minute_holds_so_many_requests_and_the_next_one_starts_afresh() {
        let rates = Rates::default();
        let bucket = Bucket::Key(KeyId::new(1).unwrap());
        let at = |second| Timestamp::from_second(second).unwrap();
        for left in [1, 0] {
            let Taken::Within(Some(rate)) = rates.take(bucket, 2, at(90)) else {
                panic!()
            };
            assert_eq!((rate.limit, rate.remaining, rate.resets_at), (2, left, 120));
        }
        let Taken::Over(rate) = rates.take(bucket, 2, at(100)) else {
            panic!()
        };
        assert_eq!((rate.remaining, rate.retry_after_seconds), (0, 20));
        assert!(matches!(rates.take(bucket, 2, at(120)), Taken::Within(_)));
        let other = Bucket::Key(KeyId::new(2).unwrap());
        assert!(matches!(rates.take(other, 1, at(120)), Taken::Within(_)));
    }
}
