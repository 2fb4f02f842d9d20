//! What was found, as it is shown.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    pub(crate) engine: &'static str,
    pub(crate) seed: u64,
    /// How often the server was killed.
    pub kills: usize,
    pub(crate) kills_at_start: usize,
    pub(crate) took: Duration,
    /// What was asked for, and what came of it.
    pub rows: Vec<Row>,
    /// How many messages are as far as was reported, of how many that were sent.
    pub(crate) statuses: [u64; 2],
    /// How many messages reached the simulator, and how many twice.
    pub(crate) reached: [u64; 2],
    /// Messages whose sender was never told, and whose row knows all the same.
    pub(crate) settled: u64,
    /// Messages that ended as unconfirmed, failed and cancelled.
    pub(crate) ends: [u64; 3],
    /// Rows under way, events not applied, events that failed.
    pub(crate) stuck: [u64; 3],
    /// Webhooks, repeats included, and attempts to post them.
    pub(crate) webhooks: [u64; 2],
    pub(crate) repeated: u64,
    pub(crate) reported: u64,
    pub(crate) answers: BTreeMap<(&'static str, u16), u64>,
    pub(crate) unanswered: u64,
    pub(crate) violations: Violations,
}

/// What was asked for of one kind, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it is.
    pub name: &'static str,
    /// How many were asked for.
    pub asked: u64,
    /// How many were acknowledged.
    pub acknowledged: u64,
    /// How many are there, acknowledged or not.
    pub found: u64,
    /// How many were acknowledged and are not there.
    pub lost: u64,
    /// How many are there more than once.
    pub doubled: u64,
}

impl Row {
    pub(crate) fn of(name: &'static str) -> Self {
        Self {
            name,
            asked: 0,
            acknowledged: 0,
            found: 0,
            lost: 0,
            doubled: 0,
        }
    }
}

/// What must not be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Violations {
    /// The first ones, in words.
    words: Vec<String>,
    count: u64,
}

/// As many are shown.
const MOST: usize = 40;

impl Violations {
    pub(crate) fn add(&mut self, words: impl Into<String> + AsRef<str>) {
        self.count += 1;
        if self.words.len() < MOST {
            self.words.push(words.into());
        }
    }
}

impl Report {
    /// Says how much was found that must not be.
    #[must_use]
    pub fn violations(&self) -> u64 {
        self.violations.count
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs();
        writeln!(
            f,
            "{}, seed {}: {} kills, {} of them while the server started, in {seconds} s",
            self.engine, self.seed, self.kills, self.kills_at_start
        )?;
        writeln!(
            f,
            "  {:<24}{:>9}{:>14}{:>9}{:>7}{:>9}",
            "", "asked", "acknowledged", "found", "lost", "doubled"
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "  {:<24}{:>9}{:>14}{:>9}{:>7}{:>9}",
                row.name, row.asked, row.acknowledged, row.found, row.lost, row.doubled
            )?;
        }
        let [reached, twice] = self.reached;
        writeln!(f, "  reached the simulator   {reached:>9}, {twice} twice")?;
        let [risen, sent] = self.statuses;
        writeln!(
            f,
            "  statuses applied        {risen:>9} of {sent} messages; {} reported besides",
            self.reported
        )?;
        let [unconfirmed, failed, cancelled] = self.ends;
        writeln!(
            f,
            "  sent, sender not told   {:>9}, all settled by their statuses\n  \
             never reached it        {unconfirmed:>9} unconfirmed, {failed} failed, \
             {cancelled} cancelled",
            self.settled
        )?;
        let [rows, received, failed] = self.stuck;
        writeln!(
            f,
            "  stuck                   {rows:>9} rows, {received} events; {failed} events failed"
        )?;
        let [webhooks, attempts] = self.webhooks;
        writeln!(
            f,
            "  webhooks heard          {webhooks:>9} in {attempts} attempts; {} messages posted \
             again",
            self.repeated
        )?;
        let answers = self.answers.iter();
        let answers = answers.map(|((what, status), count)| format!("{what} {status}: {count}"));
        let answers = answers.collect::<Vec<_>>().join(", ");
        writeln!(f, "  answers: {answers}; none: {}", self.unanswered)?;
        for words in &self.violations.words {
            writeln!(f, "  VIOLATION: {words}")?;
        }
        write!(f, "  {} violations", self.violations.count)
    }
}
