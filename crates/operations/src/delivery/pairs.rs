//! How often one number may write to one person: 45 messages at once, and one in six seconds from
//! then on, as Meta has it.

use std::collections::HashMap;
use std::time::Duration;

use domain::ids::ContactId;
use tokio::time::Instant;

const BETWEEN: Duration = Duration::from_secs(6);
const AT_ONCE: u32 = 45;

/// As many people as are remembered before those are forgotten who may be written to freely.
const REMEMBERED: usize = 4096;

/// The people written to lately.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// When all of a person's messages are paid back.
    paid_at: HashMap<ContactId, Instant>,
    prune_at: usize,
}

impl Pairs {
    /// Returns how long until the person may be written to.
    pub(super) fn next_in(&self, person: ContactId, now: Instant) -> Duration {
        let debt = self.paid_at.get(&person);
        let debt = debt.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        debt.saturating_sub(BETWEEN * (AT_ONCE - 1))
    }

    /// Notes a message to the person.
    pub(super) fn take(&mut self, person: ContactId, now: Instant) {
        if self.paid_at.len() >= self.prune_at.max(REMEMBERED) {
            self.paid_at.retain(|_, at| *at > now);
            self.prune_at = self.paid_at.len() * 2;
        }
        let paid_at = self.paid_at.entry(person).or_insert(now);
        *paid_at = (*paid_at).max(now) + BETWEEN;
    }
}

#[cfg(test)]
mod tests {
    use super::{Pairs, REMEMBERED};
    use domain::ids::ContactId;
    use std::time::Duration;
    use tokio::time::Instant;

    fn person(id: i64) -> ContactId {
        ContactId::new(id).unwrap()
    }

    #[test]
    fn after_45_at_once_there_is_one_in_six_seconds() {
        let (mut pairs, now) = (Pairs::default(), Instant::now());
        for _ in 0..45 {
            assert_eq!(pairs.next_in(person(1), now), Duration::ZERO);
            pairs.take(person(1), now);
        }
        assert_eq!(pairs.next_in(person(1), now), Duration::from_secs(6));
        assert_eq!(pairs.next_in(person(2), now), Duration::ZERO);
        let later = now + Duration::from_secs(6);
        assert_eq!(pairs.next_in(person(1), later), Duration::ZERO);
        pairs.take(person(1), later);
        assert_eq!(pairs.next_in(person(1), later), Duration::from_secs(6));
    }

    #[test]
    fn who_may_be_written_to_freely_is_forgotten() {
        let (mut pairs, now) = (Pairs::default(), Instant::now());
        for id in 1..=i64::try_from(REMEMBERED).unwrap() {
            pairs.take(person(id), now);
        }
        pairs.take(person(1_000_000), now + Duration::from_secs(7));
        assert_eq!(pairs.paid_at.len(), 1);
    }
}
