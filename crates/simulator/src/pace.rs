//! How fast a line sends, and to whom.

use std::collections::{HashMap, VecDeque};

const SECOND: i64 = 1_000_000;

/// One person takes a message in 6 seconds from one line …
const PAIR_INTERVAL: i64 = 6 * SECOND;

/// … or this many at once.
const PAIR_BURST: i64 = 45;

/// For how long a person who wrote may be written anything.
const WINDOW: i64 = 24 * 3600 * SECOND;

/// How many people of a line are remembered before those are forgotten who no longer matter, and
/// how many at most.
const MANY: usize = 10_000;
const MOST: usize = 1_000_000;

/// How many seconds are counted one by one.
const MAX_SECONDS: usize = 3_600;

/// When the last messages of a line were taken; all instants are microseconds.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Those of the last second.
    last_second: VecDeque<i64>,
    most: usize,
    seconds: VecDeque<(i64, u64)>,
    total: u64,
}

impl Pace {
    /// Tells whether another message would be more than `tier` in the second that ends now.
    pub(crate) fn is_full(&mut self, now: i64, tier: u32) -> bool {
        self.forget(now);
        tier > 0 && self.last_second.len() >= tier as usize
    }

    /// Counts a message.
    pub(crate) fn count(&mut self, now: i64) {
        self.forget(now);
        self.last_second.push_back(now);
        self.most = self.most.max(self.last_second.len());
        self.total += 1;
        let second = now.div_euclid(SECOND);
        match self.seconds.back_mut() {
            Some((last, count)) if *last >= second => *count += 1,
            _ => self.seconds.push_back((second, 1)),
        }
        if self.seconds.len() > MAX_SECONDS {
            self.seconds.pop_front();
        }
    }

    fn forget(&mut self, now: i64) {
        while self
            .last_second
            .front()
            .is_some_and(|it| *it <= now - SECOND)
        {
            self.last_second.pop_front();
        }
    }

    /// Returns how many were taken at all, the most in any second, and those of each second.
    pub(crate) fn counts(&self) -> (u64, usize, Vec<(i64, u64)>) {
        (
            self.total,
            self.most,
            self.seconds.iter().copied().collect(),
        )
    }
}

/// An instant for each person, until it no longer matters.
#[derive(Debug)]
struct Instants {
    of: HashMap<String, i64>,
    /// When so many are remembered, some are forgotten; it grows where few can be.
    limit: usize,
}

impl Default for Instants {
    fn default() -> Self {
        Self {
            of: HashMap::new(),
            limit: MANY,
        }
    }
}

impl Instants {
    fn get(&self, person: &str) -> Option<i64> {
        self.of.get(person).copied()
    }

    fn set(&mut self, person: &str, at: i64, matters: impl Fn(i64) -> bool) {
        if let Some(known) = self.of.get_mut(person) {
            *known = at;
            return;
        }
        if self.of.len() >= self.limit {
            self.of.retain(|_, at| matters(*at));
            self.limit = (2 * self.of.len()).clamp(MANY, MOST);
        }
        if self.of.len() < MOST {
            self.of.insert(person.into(), at);
        }
    }
}

/// How much each person was sent: when the debt will have been paid.
#[derive(Debug, Default)]
pub(crate) struct Pairs(Instants);

impl Pairs {
    pub(crate) fn is_full(&self, now: i64, person: &str) -> bool {
        let paid_at = self.0.get(person).unwrap_or(now);
        paid_at - now > (PAIR_BURST - 1) * PAIR_INTERVAL
    }

    pub(crate) fn count(&mut self, now: i64, person: &str) {
        let paid_at = self.0.get(person).unwrap_or(now).max(now) + PAIR_INTERVAL;
        self.0.set(person, paid_at, |paid_at| paid_at > now);
    }
}

/// When each person wrote last.
#[derive(Debug, Default)]
pub(crate) struct Windows(Instants);

impl Windows {
    pub(crate) fn is_open(&self, now: i64, person: &str) -> bool {
        self.0.get(person).is_some_and(|it| now - it < WINDOW)
    }

    pub(crate) fn open(&mut self, now: i64, person: &str) {
        self.0.set(person, now, |wrote_at| now - wrote_at < WINDOW);
    }
}

#[cfg(test)]
mod tests {
    use super::{MANY, MAX_SECONDS, Pace, Pairs, SECOND, WINDOW, Windows};

    #[test]
    fn no_second_has_more_than_the_tier_wherever_it_begins() {
        let mut pace = Pace::default();
        let (mut taken, mut now) = (Vec::new(), 0);
        for _ in 0..10_000 {
            now += 700;
            if !pace.is_full(now, 80) {
                pace.count(now);
                taken.push(now);
            }
        }
        for window in taken.windows(81) {
            assert!(window[80] - window[0] >= SECOND, "{window:?}");
        }
        let (total, most, seconds) = pace.counts();
        assert_eq!((total as usize, most), (taken.len(), 80));
        assert_eq!(seconds.iter().map(|it| it.1).sum::<u64>(), total);
        // Seven seconds, and all that may be sent in them.
        assert_eq!(total, 80 * 7);
    }

    #[test]
    fn a_line_without_a_tier_is_only_counted() {
        let mut pace = Pace::default();
        for _ in 0..1000 {
            assert!(!pace.is_full(5, 0));
            pace.count(5);
        }
        assert_eq!(pace.counts().1, 1000);
        for second in 0..MAX_SECONDS as i64 + 10 {
            pace.count(second * SECOND);
        }
        assert_eq!(pace.counts().2.len(), MAX_SECONDS);
    }

    #[test]
    fn a_person_takes_45_at_once_and_then_one_in_6_seconds() {
        let mut pairs = Pairs::default();
        for _ in 0..45 {
            assert!(!pairs.is_full(0, "1"));
            pairs.count(0, "1");
        }
        assert!(pairs.is_full(0, "1") && !pairs.is_full(0, "2"));
        assert!(pairs.is_full(6 * SECOND - 1, "1"));
        assert!(!pairs.is_full(6 * SECOND, "1"));
        pairs.count(6 * SECOND, "1");
        assert!(pairs.is_full(12 * SECOND - 1, "1"));
    }

    #[test]
    fn a_window_is_open_for_a_day() {
        let mut windows = Windows::default();
        assert!(!windows.is_open(0, "1"));
        windows.open(0, "1");
        assert!(windows.is_open(WINDOW - 1, "1") && !windows.is_open(WINDOW - 1, "2"));
        assert!(!windows.is_open(WINDOW, "1"));
    }

    #[test]
    fn who_no_longer_matters_is_forgotten_and_nobody_else() {
        let mut windows = Windows::default();
        for person in 0..MANY {
            windows.open(0, &person.to_string());
        }
        for person in 0..2 * MANY {
            windows.open(WINDOW, &format!("later {person}"));
        }
        assert_eq!(windows.0.of.len(), 2 * MANY);
        assert!((0..2 * MANY).all(|it| windows.is_open(WINDOW, &format!("later {it}"))));
    }
}
