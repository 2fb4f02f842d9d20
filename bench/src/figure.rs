//! What is to be known of a case besides its speed, and what must hold.

use serde::Serialize;

use crate::load::Outcome;

#[derive(Serialize)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) found: f64,
    pub(crate) unit: &'static str,
    pub(crate) bound: Option<Bound>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
    Below(f64),
    /// For what is counted: any other number means that something was lost, or doubled.
    Exactly(f64),
}

impl Figure {
    pub(crate) fn new(name: &'static str, found: f64, unit: &'static str) -> Self {
        Self {
            name,
            found,
            unit,
            bound: None,
        }
    }

    /// Returns a count that must come out.
    pub(crate) fn count(name: &'static str, found: i64, expected: u64) -> Self {
        Self::new(name, found as f64, "").with(Bound::Exactly(expected as f64))
    }

    /// Returns how long the server's cores were busy for each of so many.
    pub(crate) fn server_cpu(outcome: &Outcome, count: u64) -> Self {
        let microseconds = outcome.cores.server * outcome.seconds * 1e6;
        Self::new("server CPU each", microseconds / count as f64, "µs")
    }

    pub(crate) fn with(mut self, bound: Bound) -> Self {
        self.bound = Some(bound);
        self
    }

    pub(crate) fn is_reached(&self) -> bool {
        let found = self.found;
        match self.bound {
            None => true,
            Some(Bound::AtLeast(bound)) => found >= bound,
            Some(Bound::AtMost(bound)) => found <= bound,
            Some(Bound::Below(bound)) => found < bound,
            Some(Bound::Exactly(bound)) => (found - bound).abs() < 0.5,
        }
    }

    /// Returns whether a count did not come out.
    pub(crate) fn is_wrong(&self) -> bool {
        matches!(self.bound, Some(Bound::Exactly(_))) && !self.is_reached()
    }

    /// Says it in a few words.
    pub(crate) fn say(&self) -> String {
        let places = usize::from(self.found.fract() != 0.0 && self.found.abs() < 100.0) * 2;
        let found = format!("{} {:.places$} {}", self.name, self.found, self.unit);
        let found = found.trim_end();
        let (sign, bound) = match self.bound {
            None => return found.to_owned(),
            Some(Bound::AtLeast(bound)) => (">=", bound),
            Some(Bound::AtMost(bound)) => ("<=", bound),
            Some(Bound::Below(bound)) => ("<", bound),
            Some(Bound::Exactly(bound)) => ("=", bound),
        };
        let verdict = if self.is_reached() {
            "reached"
        } else {
            "MISSED"
        };
        format!("{found} ({sign} {bound}: {verdict})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, Figure};

    #[test]
    fn a_figure_says_whether_it_is_good_enough() {
        let slow = Figure::new("p50", 12.345, "ms").with(Bound::AtMost(250.0));
        assert_eq!(slow.say(), "p50 12.35 ms (<= 250: reached)");
        let full = Figure::new("most in any second", 1_001.0, "").with(Bound::AtMost(1_000.0));
        assert_eq!(full.say(), "most in any second 1001 (<= 1000: MISSED)");
        assert!(!full.is_wrong());
        let lost = Figure::count("messages", 8_999, 9_000);
        assert!(lost.is_wrong() && lost.say().ends_with("(= 9000: MISSED)"));
        assert_eq!(
            Figure::new("applied", 1_234.5, "/s").say(),
            "applied 1234 /s"
        );
    }
}
