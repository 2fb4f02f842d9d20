//! What was found, as it is written to disk.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Serialize;

use crate::arguments::Arguments;
use crate::cases::{Limit, Target};
use crate::figure::Figure;
use crate::load::Outcome;
use crate::proc::Memory;

pub(crate) const MEGABYTES_AFTER_START: f64 = 60.0;
pub(crate) const MEGABYTES_AFTER_RUN: f64 = 200.0;

#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) cores: usize,
    pub(crate) connections: usize,
    pub(crate) contacts: u64,
    pub(crate) seconds: u64,
    pub(crate) limits: Limits,
    pub(crate) engines: Vec<EngineReport>,
}

/// What the machine can do at all.
#[derive(Serialize)]
pub(crate) struct Limits {
    pub(crate) fdatasync_per_second_before: f64,
    pub(crate) fdatasync_per_second_after: f64,
    /// The mean of both, to which the ratios are.
    pub(crate) fdatasync_per_second: f64,
    pub(crate) noop: Outcome,
}

#[derive(Serialize)]
pub(crate) struct EngineReport {
    pub(crate) engine: &'static str,
    pub(crate) loaded_per_second: f64,
    pub(crate) memory_after_start: Memory,
    pub(crate) memory_after_run: Memory,
    pub(crate) cases: Vec<CaseReport>,
}

#[derive(Serialize)]
pub(crate) struct CaseReport {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
    pub(crate) ratios: Ratios,
    pub(crate) target: Option<Target>,
    /// How soon answers are to come, where that is the target.
    pub(crate) bar: Option<Figure>,
    pub(crate) figures: Vec<Figure>,
}

/// A speed, measured by what the machine can do at all.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct Ratios {
    pub(crate) fdatasync: f64,
    pub(crate) noop: f64,
}

impl Report {
    /// Puts together what was measured; the limits are known last.
    pub(crate) fn new(
        arguments: &Arguments,
        limits: Limits,
        mut engines: Vec<EngineReport>,
    ) -> Self {
        for case in engines.iter_mut().flat_map(|engine| &mut engine.cases) {
            case.ratios = limits.ratios(&case.outcome);
        }
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            connections: arguments.connections,
            contacts: arguments.contacts,
            seconds: arguments.seconds,
            limits,
            engines,
        }
    }

    /// Returns how many requests failed in all.
    pub(crate) fn errors(&self) -> u64 {
        let cases = self.engines.iter().flat_map(|engine| &engine.cases);
        cases.map(|case| case.outcome.errors).sum::<u64>() + self.limits.noop.errors
    }

    /// Returns how many counts did not come out.
    pub(crate) fn wrong(&self) -> usize {
        let cases = self.engines.iter().flat_map(|engine| &engine.cases);
        let figures = cases.flat_map(|case| &case.figures);
        figures.filter(|it| it.is_wrong()).count()
    }

    /// Writes the report to a file named after the time, and returns its path.
    pub(crate) fn save(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        let date = Command::new("date")
            .args(["-u", "+%Y-%m-%dT%H%M%SZ"])
            .output()?;
        let time = String::from_utf8(date.stdout)?;
        let path = folder.join(format!("{}.json", time.trim()));
        std::fs::write(&path, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("writing {}", path.display()))?;
        Ok(path)
    }
}

impl Limits {
    pub(crate) fn new(disk_before: f64, disk_after: f64, noop: Outcome) -> Self {
        Self {
            fdatasync_per_second_before: disk_before,
            fdatasync_per_second_after: disk_after,
            fdatasync_per_second: f64::midpoint(disk_before, disk_after),
            noop,
        }
    }

    pub(crate) fn ratios(&self, outcome: &Outcome) -> Ratios {
        let speed = outcome.requests_per_second;
        Ratios {
            fdatasync: speed / self.fdatasync_per_second,
            noop: speed / self.noop.requests_per_second,
        }
    }
}

impl Ratios {
    pub(crate) fn reach(&self, target: Target) -> bool {
        let ratio = match target.limit {
            Limit::Fdatasync => self.fdatasync,
            Limit::Noop => self.noop,
        };
        ratio >= target.at_least
    }
}
