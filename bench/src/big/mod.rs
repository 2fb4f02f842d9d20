//! A tenant with a million contacts and a million messages: whether its lists, searches and counts are
//! as fast as those of a small one.

mod batches;
mod fill;
mod people;
mod questions;
mod warmth;
mod words;

use std::time::Duration;

use anyhow::Context as _;

use crate::arguments::Arguments;
use crate::cases;
use crate::engine::Stage;
use crate::figure::{Bound, Figure};
use crate::load::{Load, Outcome, Times};
use crate::proc::CpuTimes;
use crate::report::{CaseReport, Ratios};
use fill::{Filled, Size};
use questions::{KINDS, Kind, Place, Question};
use warmth::Warmth;

const WARM_UP: Duration = Duration::from_millis(500);

/// The kind of case that writes, which comes last.
const BATCHES: &str = "batches";

/// Returns whether there are cases of this name.
pub(crate) fn has(name: &str) -> bool {
    name == BATCHES || KINDS.iter().any(|kind| kind.name == name)
}

/// What came of it.
pub(crate) struct Findings {
    pub(crate) contacts_per_second: f64,
    pub(crate) cases: Vec<CaseReport>,
}

pub(crate) async fn measure(stage: &Stage<'_>) -> anyhow::Result<Findings> {
    let arguments = stage.switchboard.arguments;
    let engine = stage.switchboard.engine.name();
    let channel = stage.switchboard.connect(stage.simulator, cases::BIG)?.id;
    let size = Size {
        contacts: arguments.contacts,
        messages: arguments.messages,
    };
    eprintln!("{engine}: filling …");
    let cpu = stage.processes().cpu_times()?;
    let filled = fill::fill(stage.rows, channel, size).await?;
    let mut cases = vec![filing(stage, &filled, &cpu)?];
    let place = Place {
        tenant: stage.tenant,
        filled: &filled,
    };
    for kind in KINDS.iter().filter(|kind| arguments.wants_kind(kind.name)) {
        eprintln!("{engine}: {} …", kind.name);
        cases.extend(ask(stage, kind, &place).await?);
    }
    if arguments.wants_kind(BATCHES) {
        eprintln!("{engine}: {BATCHES} …");
        cases.extend(batches::measure(stage, &filled).await?);
    }
    let seconds = filled.times.contacts.as_secs_f64();
    Ok(Findings {
        contacts_per_second: filled.size.contacts as f64 / seconds,
        cases,
    })
}

/// How fast everything was filed, from the first row written to the last one filed.
fn filing(stage: &Stage<'_>, filled: &Filled, cpu: &CpuTimes) -> anyhow::Result<CaseReport> {
    let times = &filled.times;
    let elapsed = times.contacts + times.messages + times.filing;
    let rows = filled.size.contacts + filled.size.messages;
    let outcome = Outcome {
        seconds: elapsed.as_secs_f64(),
        requests_per_second: rows as f64 / elapsed.as_secs_f64(),
        latency: None,
        errors: 0,
        first_error: None,
        cores: stage.processes().cpu_times()?.since(cpu, elapsed),
    };
    let seconds = |name, time: Duration| Figure::new(name, time.as_secs_f64(), "s");
    Ok(CaseReport {
        name: "filing".to_owned(),
        bar: None,
        outcome,
        figures: vec![
            seconds("contacts written in", times.contacts),
            seconds("messages written in", times.messages),
            seconds("filed after", times.filing),
        ],
        ratios: Ratios::default(),
        target: None,
    })
}

async fn ask(stage: &Stage<'_>, kind: &Kind, place: &Place<'_>) -> anyhow::Result<Vec<CaseReport>> {
    let load = Load {
        server: stage.server,
        processes: stage.processes(),
        connections: stage.switchboard.arguments.connections,
    };
    let times = Times {
        warm_up: WARM_UP,
        measured: Duration::from_secs(stage.switchboard.arguments.seconds),
    };
    let (mut cases, mut warmth) = (Vec::new(), Warmth::of(stage));
    for question in (kind.ask)(place) {
        let Question {
            name,
            request,
            within,
        } = question;
        warmth.keep().await?;
        let outcome = load.measure(times, request).await;
        let outcome = outcome.with_context(|| format!("the question `{name}`"))?;
        cases.push(CaseReport {
            name,
            bar: bar(&outcome, within),
            outcome,
            figures: Vec::new(),
            ratios: Ratios::default(),
            target: None,
        });
    }
    Ok(cases)
}

/// Returns the time within which 99 of 100 were answered, and are to be. Where nothing was answered,
/// it is at least as long as all of it took.
fn bar(outcome: &Outcome, within: f64) -> Option<Figure> {
    let answered = outcome
        .latency
        .filter(|_| outcome.requests_per_second > 0.0);
    let none = outcome.seconds * 1_000.0;
    let p99 = answered.map_or(none, |latency| latency.p99_milliseconds);
    let p99 = Figure::new("p99", p99, "ms");
    Some(p99.with(Bound::Below(within)))
}

impl Arguments {
    fn wants_kind(&self, kind: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == kind)
    }
}
