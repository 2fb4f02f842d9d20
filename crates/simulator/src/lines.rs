//! Lines: the numbers that businesses send from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use crate::accounts::{self, Override};
use crate::config::{Reports, Rules, Window};
use crate::numbers;
use crate::pace::{Pace, Pairs, Windows};
use crate::refusal::Refusal;

/// How many lines are kept that nobody added but somebody used.
const MAX_UNASKED: usize = 10_000;

/// A number that a business sends from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Meta's id of it: digits.
    pub phone_number_id: String,
    /// The number, as people write it; `None` is the id.
    #[serde(default)]
    pub display_phone_number: Option<String>,
    /// The name that people see.
    #[serde(default)]
    pub verified_name: Option<String>,
    /// Its account; `None` is one that all such lines share.
    #[serde(default)]
    pub waba_id: Option<String>,
    /// See [`Rules::tier_per_second`]; for this and what follows, `None` is as configured.
    #[serde(default)]
    pub tier_per_second: Option<u32>,
    /// See [`Rules::limits_pairs`].
    #[serde(default)]
    pub limits_pairs: Option<bool>,
    /// See [`Rules::window`].
    #[serde(default)]
    pub window: Option<Window>,
    /// See [`Rules::statuses`].
    #[serde(default)]
    pub statuses: Option<Reports>,
}

impl Line {
    /// Returns the digits that webhooks show.
    pub(crate) fn digits(&self) -> String {
        let display = self.display_phone_number.as_deref();
        let digits = display.map(|it| it.chars().filter(char::is_ascii_digit).collect());
        digits.unwrap_or_else(|| self.phone_number_id.clone())
    }

    /// Returns what it is held to.
    fn rules(&self, defaults: Rules) -> Rules {
        Rules {
            tier_per_second: self.tier_per_second.unwrap_or(defaults.tier_per_second),
            limits_pairs: self.limits_pairs.unwrap_or(defaults.limits_pairs),
            window: self.window.unwrap_or(defaults.window),
            statuses: self.statuses.unwrap_or(defaults.statuses),
        }
    }
}

/// A line, and what became of it.
#[derive(Debug)]
pub(crate) struct LineState {
    pub(crate) phone_number_id: String,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) line: Line,
    digits: Arc<str>,
    waba_id: Arc<str>,
    pub(crate) callback: Option<Override>,
    pub(crate) is_registered: bool,
    pub(crate) pace: Pace,
    pairs: Pairs,
    windows: Windows,
}

/// What a message was let through with.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub(crate) statuses: Reports,
    /// The person wrote less than a day ago.
    pub(crate) window_is_open: bool,
    /// It is told later that it failed, for the window was closed.
    pub(crate) is_late: bool,
}

/// A message that asks to be let through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    /// Microseconds.
    pub(crate) now: i64,
    pub(crate) person: &'a str,
    pub(crate) is_template: bool,
}

impl LineState {
    fn new(line: Line) -> Self {
        Self {
            phone_number_id: line.phone_number_id.clone(),
            inner: Mutex::new(Inner {
                digits: line.digits().into(),
                waba_id: waba_id(&line),
                line,
                callback: None,
                is_registered: true,
                pace: Pace::default(),
                pairs: Pairs::default(),
                windows: Windows::default(),
            }),
        }
    }

    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, line: Line) {
        let mut inner = self.inner();
        inner.digits = line.digits().into();
        inner.waba_id = waba_id(&line);
        inner.line = line;
    }

    /// Returns the digits of its number, and its account.
    pub(crate) fn names(&self) -> (Arc<str>, Arc<str>) {
        let inner = self.inner();
        (inner.digits.clone(), inner.waba_id.clone())
    }

    /// Tells whether it is the number with these digits.
    pub(crate) fn is_number(&self, digits: &str) -> bool {
        &*self.inner().digits == digits
    }

    /// Lets a message through, or not, by the line's rules, and counts it.
    pub(crate) fn admit(&self, asking: Asking<'_>, defaults: Rules) -> Result<Admitted, Refusal> {
        let mut inner = self.inner();
        let Asking { now, person, .. } = asking;
        let rules = inner.line.rules(defaults);
        let window_is_open = inner.windows.is_open(now, person);
        let is_outside = !asking.is_template && !window_is_open;
        if inner.pace.is_full(now, rules.tier_per_second) {
            return Err(Refusal::known(130_429));
        }
        if rules.limits_pairs && inner.pairs.is_full(now, person) {
            return Err(Refusal::known(131_056));
        }
        if is_outside && rules.window == Window::Refused {
            return Err(Refusal::known(131_047));
        }
        inner.pace.count(now);
        if rules.limits_pairs {
            inner.pairs.count(now, person);
        }
        Ok(Admitted {
            statuses: rules.statuses,
            window_is_open,
            is_late: is_outside && rules.window == Window::Reported,
        })
    }

    /// A person wrote: for a day anything may be answered.
    pub(crate) fn open_window(&self, now: i64, person: &str) {
        self.inner().windows.open(now, person);
    }
}

fn waba_id(line: &Line) -> Arc<str> {
    line.waba_id
        .as_deref()
        .unwrap_or(accounts::DEFAULT_ID)
        .into()
}

/// All lines.
#[derive(Debug, Default)]
pub(crate) struct Lines(RwLock<HashMap<String, Arc<LineState>>>);

impl Lines {
    /// Adds a line, or changes the one with its id, which keeps what it counted.
    pub(crate) fn add(&self, line: Line) {
        let mut lines = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match lines.get(&line.phone_number_id) {
            Some(found) => found.change(line),
            None => {
                let id = line.phone_number_id.clone();
                lines.insert(id, Arc::new(LineState::new(line)));
            }
        }
    }

    pub(crate) fn get(&self, phone_number_id: &str) -> Option<Arc<LineState>> {
        let lines = self.0.read().unwrap_or_else(PoisonError::into_inner);
        lines.get(phone_number_id).cloned()
    }

    /// Returns a line, which comes to be where nobody added it.
    pub(crate) fn get_or_make(&self, phone_number_id: &str) -> Arc<LineState> {
        if let Some(found) = self.get(phone_number_id) {
            return found;
        }
        let mut lines = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lines.get(phone_number_id) {
            return found.clone();
        }
        let made = Arc::new(LineState::new(Line {
            phone_number_id: phone_number_id.into(),
            ..Line::default()
        }));
        if lines.len() < MAX_UNASKED {
            lines.insert(phone_number_id.into(), made.clone());
        }
        made
    }

    pub(crate) fn all(&self) -> Vec<Arc<LineState>> {
        let lines = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = lines.values().cloned().collect();
        all.sort_by(|a, b| a.phone_number_id.cmp(&b.phone_number_id));
        all
    }
}

/// Tells whether an id of a line or an account could be one.
pub(crate) fn is_id(text: &str) -> bool {
    numbers::is_digits(text) && text.len() <= 32
}
