//! How far a long command is: a bar for whoever watches a terminal, a line now and then for others.
//! It goes to standard error, so that results stay apart.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::remark;

/// How often a line is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// How far a command is.
pub(crate) struct Progress {
    what: &'static str,
    /// How much there is to do, where it is known.
    total: Option<u64>,
    shown: Shown,
}

enum Shown {
    Bar(ProgressBar),
    Lines { last: Cell<Instant> },
}

impl Progress {
    /// Returns the progress through a file of so many bytes.
    pub(crate) fn of_bytes(what: &'static str, total: u64) -> Self {
        Self::new(what, Some(total))
    }

    /// Returns the progress through nobody knows how much.
    pub(crate) fn of_rows(what: &'static str) -> Self {
        Self::new(what, None)
    }

    fn new(what: &'static str, total: Option<u64>) -> Self {
        let shown = if std::io::stderr().is_terminal() {
            Shown::Bar(bar(total))
        } else {
            let last = Cell::new(Instant::now());
            Shown::Lines { last }
        };
        Self { what, total, shown }
    }

    /// Shows how far it is.
    pub(crate) fn show(&self, done: u64, said: &str) {
        match &self.shown {
            Shown::Bar(bar) => {
                bar.set_position(done);
                bar.set_message(said.to_owned());
            }
            Shown::Lines { last } if last.get().elapsed() >= EVERY => {
                last.set(Instant::now());
                let percent = |total: u64| done.saturating_mul(100) / total.max(1);
                let percent = self.total.map(|total| format!("{} %, ", percent(total)));
                remark(&format!(
                    "{}: {}{said}",
                    self.what,
                    percent.unwrap_or_default()
                ));
            }
            Shown::Lines { .. } => {}
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{bar:40} {percent} %  {msg}  {eta} left",
        None => "{spinner} {msg}  {elapsed}",
    };
    // Five times a second is enough for people, over a slow line too.
    let target = ProgressDrawTarget::stderr_with_hz(5);
    let bar = ProgressBar::with_draw_target(total, target);
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
