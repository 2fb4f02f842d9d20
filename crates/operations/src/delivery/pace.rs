//! How fast a number may send: so many messages in any second, evenly.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Of what Meta allows, the part that is used at an even pace, and the part that may go at once
/// when the number was idle or held up.
const EVENLY: f64 = 0.97;
const AT_ONCE: f64 = 0.15;

/// Of what Meta allows, how much may go within a window that is a little longer than Meta's
/// second: what leaves evenly arrives in bunches, and no second may hold more than is allowed.
const IN_A_WINDOW_PERCENT: i64 = 99;
const WINDOW: Duration = Duration::from_millis(1020);

/// A token bucket, kept as the time at which it will be full again, and what left lately.
#[derive(Debug)]
pub(super) struct Pace {
    per_second: i64,
    between: Duration,
    slack: Duration,
    full_at: Instant,
    in_a_window: usize,
    lately: VecDeque<Instant>,
}

impl Pace {
    pub(super) fn new(per_second: i64, now: Instant) -> Self {
        let mut pace = Self {
            per_second: 0,
            between: Duration::ZERO,
            slack: Duration::ZERO,
            full_at: now,
            in_a_window: 1,
            lately: VecDeque::new(),
        };
        pace.set(per_second);
        pace
    }

    /// Changes how many messages a second are allowed.
    pub(super) fn set(&mut self, per_second: i64) {
        if self.per_second == per_second {
            return;
        }
        self.per_second = per_second;
        let allowed = f64::from(i32::try_from(per_second.max(1)).unwrap_or(i32::MAX));
        self.between = Duration::from_secs_f64(1.0 / (allowed * EVENLY));
        let at_once = (allowed * AT_ONCE).max(1.0);
        self.slack = self.between.mul_f64(at_once - 1.0);
        let in_a_window = (per_second.max(1) * IN_A_WINDOW_PERCENT + 99) / 100;
        self.in_a_window = usize::try_from(in_a_window).unwrap_or(usize::MAX);
    }

    /// Returns how long until the next message may go.
    pub(super) fn next_in(&self, now: Instant) -> Duration {
        let even = self.full_at.checked_sub(self.slack).unwrap_or(now);
        let excess = self.lately.len().checked_sub(self.in_a_window);
        let gone = excess.and_then(|excess| self.lately.get(excess));
        let next = gone.map_or(even, |gone| even.max(*gone + WINDOW));
        next.saturating_duration_since(now)
    }

    /// Takes the next place, and returns how long until it comes; nothing where that is longer than
    /// `patience`.
    pub(super) fn reserve(&mut self, now: Instant, patience: Duration) -> Option<Duration> {
        while self.lately.front().is_some_and(|it| *it + WINDOW <= now) {
            self.lately.pop_front();
        }
        let wait = self.next_in(now);
        (wait <= patience).then(|| {
            self.full_at = self.full_at.max(now) + self.between;
            self.lately.push_back(now + wait);
            wait
        })
    }

    /// Takes as many places as there are now, up to `most`.
    pub(super) fn take(&mut self, now: Instant, most: usize) -> usize {
        let mut taken = 0;
        while taken < most && self.reserve(now, Duration::ZERO).is_some() {
            taken += 1;
        }
        taken
    }

    /// Gives places back that were not used.
    pub(super) fn give_back(&mut self, places: usize) {
        self.lately
            .truncate(self.lately.len().saturating_sub(places));
        let places = u32::try_from(places).unwrap_or(u32::MAX);
        self.full_at = self
            .full_at
            .checked_sub(self.between * places)
            .unwrap_or(self.full_at);
    }

    /// Notes that the last places that were taken are used only now: writing the rows took a while.
    pub(super) fn late(&mut self, now: Instant, places: usize) {
        for left in self.lately.iter_mut().rev().take(places) {
            *left = now.max(*left);
        }
    }

    /// Lets nothing go for a while: Meta says it was too much.
    pub(super) fn hold(&mut self, now: Instant, pause: Duration) {
        self.full_at = self.full_at.max(now + self.slack + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use std::time::Duration;
    use tokio::time::Instant;

    /// Lets a pace run for some seconds and returns when each message went, in milliseconds.
    fn run(per_second: i64, seconds: u64) -> Vec<u64> {
        let start = Instant::now();
        let mut pace = Pace::new(per_second, start);
        let mut sent = Vec::new();
        for millisecond in 0..seconds * 1000 {
            let now = start + Duration::from_millis(millisecond);
            let taken = pace.take(now, usize::MAX);
            sent.extend(std::iter::repeat_n(millisecond, taken));
        }
        sent
    }

    #[test]
    fn no_second_holds_more_than_is_allowed_and_little_is_given_away() {
        for tier in [1, 20, 80, 1000] {
            let sent = run(tier, 5);
            let tier = usize::try_from(tier).unwrap();
            for (index, at) in sent.iter().enumerate() {
                let within = sent[index..].iter().take_while(|it| **it < at + 1000);
                assert!(within.count() <= tier.max(2), "{tier} a second at {at} ms");
            }
            assert!(sent.len() >= tier * 5 * 95 / 100, "{tier}: {}", sent.len());
        }
    }

    #[test]
    fn what_was_held_up_is_made_up_for_and_no_second_holds_more() {
        let start = Instant::now();
        let mut pace = Pace::new(1000, start);
        let mut sent = Vec::new();
        // Somebody who looks but every 50 ms, as when each look waits for a disk.
        for look in 0..100 {
            let now = start + Duration::from_millis(look * 50);
            sent.extend(std::iter::repeat_n(look * 50, pace.take(now, 128)));
        }
        assert!(sent.len() >= 4750, "{}", sent.len());
        for (index, at) in sent.iter().enumerate() {
            let within = sent[index..].iter().take_while(|it| **it < at + 1000);
            assert!(within.count() <= 990, "at {at} ms");
        }
    }

    #[test]
    fn what_leaves_late_counts_when_it_leaves() {
        let start = Instant::now();
        let mut pace = Pace::new(100, start);
        let mut sent = Vec::new();
        let mut now = 0;
        // Every third group waits 300 ms for the disk after its places were taken.
        for group in 0..200 {
            let places = pace.take(start + Duration::from_millis(now), 128);
            now += if group % 3 == 0 { 300 } else { 10 };
            pace.late(start + Duration::from_millis(now), places);
            sent.extend(std::iter::repeat_n(now, places));
        }
        for (index, at) in sent.iter().enumerate() {
            let within = sent[index..].iter().take_while(|it| **it < at + 1000);
            assert!(within.count() <= 100, "at {at} ms");
        }
    }

    #[test]
    fn a_place_far_away_is_not_taken() {
        let now = Instant::now();
        let mut pace = Pace::new(10, now);
        assert_eq!(pace.reserve(now, Duration::ZERO), Some(Duration::ZERO));
        assert_eq!(pace.reserve(now, Duration::from_millis(50)), None);
        let wait = pace.reserve(now, Duration::from_secs(1)).unwrap();
        assert!(wait > Duration::from_millis(50) && wait < Duration::from_millis(150));
        pace.give_back(1);
        assert_eq!(pace.next_in(now), wait);
    }

    #[test]
    fn a_pause_lets_nothing_go() {
        let now = Instant::now();
        let mut pace = Pace::new(1000, now);
        pace.hold(now, Duration::from_secs(2));
        assert_eq!(pace.take(now + Duration::from_millis(1999), 10), 0);
        assert!(pace.take(now + Duration::from_millis(2001), 10) > 0);
    }
}
