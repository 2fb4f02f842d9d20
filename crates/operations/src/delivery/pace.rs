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

/// A token bucket, kept as the time at which it will be full again, and the places it gave.
#[derive(Debug)]
pub(super) struct Pace {
    per_second: i64,
    between: Duration,
    slack: Duration,
    full_at: Instant,
    held_until: Instant,
    in_a_window: usize,
    /// When those left that left lately, and when those will who have a place, in order.
    places: VecDeque<Instant>,
}

impl Pace {
    pub(super) fn new(per_second: i64, now: Instant) -> Self {
        let mut pace = Self {
            per_second: 0,
            between: Duration::ZERO,
            slack: Duration::ZERO,
            full_at: now,
            held_until: now,
            in_a_window: 1,
            places: VecDeque::new(),
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

    /// Returns how long until the next free place.
    pub(super) fn next_in(&self, now: Instant) -> Duration {
        let even = self.full_at.checked_sub(self.slack).unwrap_or(now);
        even.max(self.behind_all(now))
            .saturating_duration_since(now)
    }

    /// Returns when somebody may leave who lets everybody go first that has a place.
    fn behind_all(&self, now: Instant) -> Instant {
        let excess = self.places.len().checked_sub(self.in_a_window);
        let gone = excess.and_then(|excess| self.places.get(excess));
        let room_at = gone.map_or(now, |gone| *gone + WINDOW);
        let last = self.places.back().copied().unwrap_or(now);
        now.max(self.held_until).max(room_at).max(last)
    }

    /// Takes the next place, and returns when it comes; nothing where that takes longer than
    /// `patience`.
    pub(super) fn reserve(&mut self, now: Instant, patience: Duration) -> Option<Instant> {
        while self.places.front().is_some_and(|it| *it + WINDOW <= now) {
            self.places.pop_front();
        }
        let wait = self.next_in(now);
        (wait <= patience).then(|| {
            self.full_at = self.full_at.max(now) + self.between;
            self.places.push_back(now + wait);
            now + wait
        })
    }

    /// Returns when whoever has a place may leave. Where that is now, it is noted; otherwise they
    /// have the place that is returned, and ask again when it has come.
    ///
    /// Whoever missed theirs, for writing the rows took a while, leaves at once. The places that
    /// others were given meanwhile leave room for that, unless they fill a window.
    pub(super) fn turn(&mut self, now: Instant, place: Instant) -> Instant {
        let is_held = self.held_until > now;
        if place > now && place >= self.held_until {
            return place;
        }
        let index = self.forget(place);
        let behind = self.places.len() - index;
        if is_held || behind >= self.in_a_window {
            let next = self.behind_all(now);
            self.places.push_back(next);
            return next;
        }
        let index = self.places.partition_point(|it| *it <= now);
        self.places.insert(index, now);
        now
    }

    /// Gives a place back that was not used.
    pub(super) fn give_back(&mut self, place: Instant) {
        self.forget(place);
        self.full_at = self
            .full_at
            .checked_sub(self.between)
            .unwrap_or(self.full_at);
    }

    /// Removes a place, and returns how many come before it.
    fn forget(&mut self, place: Instant) -> usize {
        let index = self.places.partition_point(|it| *it < place);
        if self.places.get(index) == Some(&place) {
            self.places.remove(index);
        }
        index
    }

    /// Lets nothing go for a while, those included who have a place: Meta says it was too much.
    pub(super) fn hold(&mut self, now: Instant, pause: Duration) {
        self.held_until = self.held_until.max(now + pause);
        self.full_at = self.full_at.max(now + self.slack + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use std::time::Duration;
    use tokio::time::Instant;

    const fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// Sends as many as may go now, up to `most`.
    fn take(pace: &mut Pace, now: Instant, most: usize) -> usize {
        let mut taken = 0;
        while taken < most
            && let Some(place) = pace.reserve(now, Duration::ZERO)
        {
            assert_eq!(pace.turn(now, place), now);
            taken += 1;
        }
        taken
    }

    /// Fails where any second holds more than `most` of what left at these milliseconds.
    fn assert_no_second_holds_more(sent: &[u64], most: usize) {
        assert!(sent.is_sorted());
        for (index, at) in sent.iter().enumerate() {
            let within = sent[index..].iter().take_while(|it| **it < at + 1000);
            let within = within.count();
            assert!(within <= most, "{within} in the second from {at} ms");
        }
    }

    #[test]
    fn no_second_holds_more_than_is_allowed_and_little_is_given_away() {
        for tier in [1, 20, 80, 1000] {
            let start = Instant::now();
            let mut pace = Pace::new(tier, start);
            let mut sent = Vec::new();
            for now in 0..5000 {
                let taken = take(&mut pace, start + millis(now), usize::MAX);
                sent.extend(std::iter::repeat_n(now, taken));
            }
            let tier = usize::try_from(tier).unwrap();
            assert_no_second_holds_more(&sent, tier.max(2));
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
            let taken = take(&mut pace, start + millis(look * 50), 128);
            sent.extend(std::iter::repeat_n(look * 50, taken));
        }
        assert!(sent.len() >= 4750, "{}", sent.len());
        assert_no_second_holds_more(&sent, 990);
    }

    /// Somebody who takes places up to 150 ms ahead, and writes rows before they come, which takes
    /// as long as `writing` says of each group. Returns when each message left.
    fn run_ahead(pace: &mut Pace, start: Instant, writing: impl Fn(u64) -> u64) -> Vec<u64> {
        let (mut sent, mut taken) = (Vec::new(), Vec::new());
        let (mut groups, mut written_at) = (0, 0);
        for millisecond in 0..10_000 {
            let now = start + millis(millisecond);
            if millisecond >= written_at {
                let patience = millis(150);
                let fresh = (0..128).map_while(|_| pace.reserve(now, patience));
                written_at = millisecond + writing(groups);
                taken.extend(fresh.map(|place| (place, start + millis(written_at))));
                groups += 1;
            }
            taken.retain_mut(|(place, ready_at)| {
                if *place > now || *ready_at > now {
                    return true;
                }
                *place = pace.turn(now, *place);
                if *place <= now {
                    sent.push(millisecond);
                }
                *place > now
            });
        }
        sent
    }

    #[test]
    fn who_takes_places_ahead_loses_nothing_while_rows_are_written() {
        let start = Instant::now();
        let sent = run_ahead(&mut Pace::new(1000, start), start, |group| 20 + group % 100);
        assert!(sent.len() >= 9600, "{}", sent.len());
        assert_no_second_holds_more(&sent, 990);
    }

    #[test]
    fn what_leaves_late_counts_when_it_leaves() {
        for late in [200, 700, 1500, 4000] {
            let start = Instant::now();
            let mut pace = Pace::new(1000, start);
            let writing = |group: u64| if group.is_multiple_of(7) { late } else { 30 };
            let sent = run_ahead(&mut pace, start, writing);
            assert_no_second_holds_more(&sent, 990);
        }
    }

    #[test]
    fn whose_room_others_took_goes_behind_them() {
        let start = Instant::now();
        let mut pace = Pace::new(100, start);
        let missed = pace.reserve(start, Duration::ZERO).unwrap();
        let others = (0..200).map(|_| pace.reserve(start, Duration::MAX).unwrap());
        let last = others.last().unwrap();
        let now = start + millis(1500);
        let exchanged = pace.turn(now, missed);
        assert!(exchanged >= last && exchanged > now);
        assert_eq!(pace.turn(exchanged, exchanged), exchanged);
    }

    #[test]
    fn a_place_far_away_is_not_taken() {
        let now = Instant::now();
        let mut pace = Pace::new(10, now);
        assert_eq!(pace.reserve(now, Duration::ZERO), Some(now));
        assert_eq!(pace.reserve(now, millis(50)), None);
        let place = pace.reserve(now, Duration::from_secs(1)).unwrap();
        assert!(place > now + millis(50) && place < now + millis(150));
        assert_eq!(pace.turn(now, place), place, "it has not come yet");
        pace.give_back(place);
        assert_eq!(pace.next_in(now), place - now);
    }

    #[test]
    fn a_pause_lets_nothing_go_not_even_those_who_have_a_place() {
        let now = Instant::now();
        let mut pace = Pace::new(1000, now);
        let place = pace.reserve(now, Duration::ZERO).unwrap();
        pace.hold(now, Duration::from_secs(2));
        let later = pace.turn(now, place);
        assert_eq!(later, now + Duration::from_secs(2));
        assert_eq!(take(&mut pace, now + millis(1999), 10), 0);
        assert_eq!(pace.turn(later, later), later);
        assert!(take(&mut pace, now + millis(2001), 10) > 0);
    }
}
