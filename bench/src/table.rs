//! What was found, as it is shown.

use crate::cases::{Limit, Target};
use crate::figure::Figure;
use crate::load::Outcome;
use crate::report::{
    CaseReport, EngineReport, MEGABYTES_AFTER_RUN, MEGABYTES_AFTER_START, Ratios, Report,
};

const HEADINGS: &[&str] = &[
    "",
    "req/s",
    "p50 ms",
    "p99 ms",
    "errors",
    "x fdatasync",
    "x no-op",
    "load cores",
    "server cores",
    "simulator",
    "all cores",
    "target",
];

/// Writes the report as a table.
pub(crate) fn write(report: &Report) -> String {
    let limits = &report.limits;
    let mut rows = vec![HEADINGS.iter().map(|&heading| heading.to_owned()).collect()];
    rows.push(row("no-op POST", &limits.noop, limits.ratios(&limits.noop)));
    for engine in &report.engines {
        for case in &engine.cases {
            let name = format!("{} {}", engine.engine, case.name);
            let mut row = row(&name, &case.outcome, case.ratios);
            row.extend(case.target.map(|target| verdict(case, target)));
            row.extend(case.bar.as_ref().map(Figure::say));
            rows.push(row);
        }
    }
    let mut text = format!(
        "\n{} connections, {} contacts, {} s a case, on {} cores\n\
         serial fdatasync of 8 KiB: {:.0}/s before, {:.0}/s after\n\n{}\n",
        report.connections,
        report.contacts,
        report.seconds,
        report.cores,
        limits.fdatasync_per_second_before,
        limits.fdatasync_per_second_after,
        align(&rows),
    );
    for engine in &report.engines {
        text.push_str(&summary(engine));
    }
    text
}

fn row(name: &str, outcome: &Outcome, ratios: Ratios) -> Vec<String> {
    vec![
        name.to_owned(),
        format!("{:.0}", outcome.requests_per_second),
        number(outcome.latency.map(|it| it.p50_milliseconds)),
        number(outcome.latency.map(|it| it.p99_milliseconds)),
        outcome.errors.to_string(),
        format!("{:.2}", ratios.fdatasync),
        format!("{:.2}", ratios.noop),
        format!("{:.2}", outcome.cores.load),
        format!("{:.2}", outcome.cores.server),
        number(outcome.cores.simulator),
        format!("{:.2}", outcome.cores.machine),
    ]
}

fn number(number: Option<f64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.2}"))
}

fn verdict(case: &CaseReport, target: Target) -> String {
    let limit = match target.limit {
        Limit::Fdatasync => "fdatasync",
        Limit::Noop => "no-op",
    };
    let verdict = if case.ratios.reach(target) {
        "reached"
    } else {
        "MISSED"
    };
    format!("{} x {limit}: {verdict}", target.at_least)
}

/// Says how the engine took the load: its memory, what else is to be known, and its first errors.
fn summary(engine: &EngineReport) -> String {
    let (start, run) = (engine.memory_after_start, engine.memory_after_run);
    let mut text = format!(
        "{}: loaded {:.0} contacts/s; resident {} after start, {} after the run, {:.0} MB at most\n",
        engine.engine,
        engine.loaded_per_second,
        megabytes(start.now_megabytes, MEGABYTES_AFTER_START),
        megabytes(run.now_megabytes, MEGABYTES_AFTER_RUN),
        run.peak_megabytes,
    );
    for case in &engine.cases {
        for figures in case.figures.chunks(4) {
            let words: Vec<String> = figures.iter().map(Figure::say).collect();
            text.push_str(&format!("  {}: {}\n", case.name, words.join(", ")));
        }
        if let Some(error) = &case.outcome.first_error {
            text.push_str(&format!("  the first error of {}: {error}\n", case.name));
        }
    }
    text.push_str(&missed(&engine.cases));
    text
}

/// Says which answers came too late, the worst first.
fn missed(cases: &[CaseReport]) -> String {
    let bars = cases
        .iter()
        .filter_map(|case| Some((case.bar.as_ref()?, case.name.as_str())));
    let (reached, mut missed): (Vec<_>, Vec<_>) = bars.partition(|(bar, _)| bar.is_reached());
    if reached.is_empty() && missed.is_empty() {
        return String::new();
    }
    missed.sort_by(|(one, _), (other, _)| other.found.total_cmp(&one.found));
    let count = missed.len();
    let mut text = format!("  late: {count} of {}\n", reached.len() + count);
    for (bar, name) in missed {
        text.push_str(&format!("    {name}: {}\n", bar.say()));
    }
    text
}

fn megabytes(found: f64, target: f64) -> String {
    let verdict = if found < target { "reached" } else { "MISSED" };
    format!("{found:.0} MB (< {target}: {verdict})")
}

/// Aligns the first and the last column left, the numbers between them right.
fn align(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| match column {
            0 => format!("{cell:<0$}", width(column)),
            _ if column + 1 == HEADINGS.len() => cell.clone(),
            _ => format!("{cell:>0$}", width(column)),
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::align;

    #[test]
    fn numbers_stand_below_each_other() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let text = align(&[row(["", "req/s", "p50"]), row(["no-op", "12", "1.25"])]);
        assert_eq!(text, "       req/s   p50\nno-op     12  1.25\n");
    }
}
