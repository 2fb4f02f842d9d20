//! `switchboard import`: contacts from a file.

mod cells;
mod columns;
mod flow;
mod ledger;
mod preview;
mod sheet;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::{Args, ValueEnum};
use domain::contact::ContactType;
use domain::phone::Country;
use domain::tenant::Slug;
use operations::{ImportRules, OnExisting};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::arguments::{country, slug};
use crate::desk::{self, Desk, Of};
use crate::output::{print, print_json, remark};
use crate::settings::Settings;
use crate::{signals, wiring};
use cells::{Labels, Missing, Reading};
use columns::{Assignment, Mapping};
use ledger::{Counts, Ledger};
use sheet::{Encoding, Sheet};

pub(crate) const HELP: &str = "\
The first row names the columns; names in many spellings are known (docs/import.md lists them), and
--map says the rest. A number makes a contact or, where somebody has it, changes what the row gives; an
empty cell changes nothing. Nobody who opted out is ever opted in.

Rows that fail are written with their reason to FILE.errors.csv: mend them and import that file. Ctrl-C
stops between two rows; the same command goes on from there, after a crash too. Works beside a running
server: give it the same --data-dir or --database-url.

Exit status: 0 all rows are in, 1 failed or stopped, 3 the others are in but some rows failed.

Examples:
  switchboard import contacts.csv --tenant acme --dry-run
  switchboard import contacts.csv --tenant acme --map \"Cell (work)=phone\" --map Stage=-
  switchboard import crm.csv --tenant acme --on-existing skip --group \"From CRM\" --create-missing";

/// What `import` ends with when rows failed and the others are in.
const SOME_FAILED: u8 = 3;

/// What to import, and how.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// A CSV file whose first row names the columns
    file: PathBuf,
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// Show what would become of the columns and the first rows, and which rows would fail
    #[arg(long)]
    dry_run: bool,
    /// What a column is, such as "Cell (work)=phone"; COLUMN=- leaves it out
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = columns::assignment)]
    map: Vec<Assignment>,
    /// What becomes of contacts that are there already
    #[arg(long, value_name = "DO", default_value = "update")]
    on_existing: Existing,
    /// The country of numbers without its code, by two letters [default: the tenant's]
    #[arg(long, value_name = "CC", value_parser = country)]
    country: Option<Country>,
    /// What stands between two cells: a character, or tab [default: found out]
    #[arg(long, value_name = "CHAR", value_parser = sheet::delimiter)]
    delimiter: Option<u8>,
    /// How the file's letters are written
    #[arg(long, default_value = "utf-8")]
    encoding: Encoding,
    /// A group that all contacts of the file join, by name or id; may be repeated
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// The type of new contacts whose row names none: lead, customer or guest [default: the tenant's]
    #[arg(long = "type", value_name = "TYPE", value_parser = kind)]
    kind: Option<ContactType>,
    /// The source of new contacts whose row names none, by name or id [default: the tenant's]
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// The status of new contacts whose row names none, by name or id [default: the tenant's]
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Make groups, sources and statuses that are named and missing
    #[arg(long)]
    create_missing: bool,
    /// Where rows that fail are written [default: FILE.errors.csv]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Begin anew where an import of the file was stopped
    #[arg(long)]
    restart: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

// Without words of their own, so that help stays one line an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Existing {
    Update,
    Skip,
}

impl Import {
    /// Returns where rows that fail are written.
    fn report(&self) -> PathBuf {
        let beside = || self.file.with_extension("errors.csv");
        self.report.clone().unwrap_or_else(beside)
    }

    /// Returns all that decides what becomes of a row, so that an import which was stopped goes on
    /// only as it began.
    fn terms(&self, mapping: &Mapping, sheet: &Sheet) -> String {
        let country = self.country.map(|it| it.code());
        let kind = self.kind.map(ContactType::as_str);
        format!(
            "{:?} {} {:?} {:?} {country:?} {kind:?} {:?} {:?} {:?}",
            self.on_existing,
            sheet.delimiter(),
            self.encoding,
            mapping.words(),
            self.group,
            self.source,
            self.status,
        )
    }
}

#[derive(Serialize)]
struct Summary<'a> {
    tenant: &'a str,
    #[serde(flatten)]
    counts: Counts,
    is_complete: bool,
    report: Option<&'a Path>,
    ignored_columns: Vec<&'a str>,
    seconds: f64,
}

/// Imports a file, or shows what importing it would do.
pub(crate) async fn run(settings: &Settings, import: Import) -> anyhow::Result<ExitCode> {
    let stopping = signals::heed()?;
    let sheet = Sheet::open(&import.file, import.delimiter, import.encoding)?;
    let mapping = Mapping::of(sheet.heading(), &import.map)?;
    let operations = wiring::import(settings).await?;
    let of = Of::new(&import.tenant, import.json);
    desk::with(settings, operations, &of, async |desk| {
        let work = Work {
            desk,
            import: &import,
            mapping: &mapping,
        };
        work.run(sheet, stopping).await
    })
    .await
}

/// A file, and whose contacts it has.
struct Work<'a> {
    desk: &'a Desk,
    import: &'a Import,
    mapping: &'a Mapping,
}

impl Work<'_> {
    async fn run(&self, mut sheet: Sheet, stopping: CancellationToken) -> anyhow::Result<ExitCode> {
        let import = self.import;
        let missing = match (import.create_missing, import.dry_run) {
            (false, _) => Missing::Refuse,
            (true, false) => Missing::Make,
            (true, true) => Missing::Pretend,
        };
        let mut labels = Labels::read(&self.desk.operations, &self.desk.caller, missing).await?;
        let rules = self.rules(&mut labels).await?;
        let reading = Reading {
            mapping: self.mapping,
            encoding: sheet.encoding(),
            country: import.country.unwrap_or(self.desk.caller.tenant().country),
        };
        if import.dry_run {
            return preview::show(import.json, &mut sheet, &reading, labels).await;
        }
        let terms = import.terms(self.mapping, &sheet);
        let mut ledger = Ledger::open(import, &mut sheet, terms)?;
        let began = Instant::now();
        let flow = flow::Flow {
            operations: self.desk.operations.clone(),
            caller: self.desk.caller.clone(),
            rules,
            reading,
            labels,
            stopping,
            tasks: TaskTracker::new(),
        };
        let done = flow.run(&mut sheet, &mut ledger).await;
        let is_complete = *done.as_ref().unwrap_or(&false);
        let counts = ledger.close(is_complete)?;
        done.context("the import stopped; the same command goes on where it was")?;
        let seconds = began.elapsed().as_secs_f64();
        tell(import, self.mapping, (counts, is_complete), seconds)
    }

    async fn rules(&self, labels: &mut Labels) -> anyhow::Result<ImportRules> {
        let import = self.import;
        let mut defaults = self.desk.caller.tenant().defaults;
        defaults.kind = import.kind.unwrap_or(defaults.kind);
        if let Some(source) = &import.source {
            let source = labels.source(source).await;
            defaults.source_id = source.map_err(anyhow::Error::msg)?;
        }
        if let Some(status) = &import.status {
            let status = labels.status(status).await;
            defaults.status_id = status.map_err(anyhow::Error::msg)?;
        }
        for group in &import.group {
            labels.join_all(group).await?;
        }
        Ok(ImportRules {
            on_existing: match import.on_existing {
                Existing::Update => OnExisting::Update,
                Existing::Skip => OnExisting::Skip,
            },
            defaults,
        })
    }
}

fn tell(
    import: &Import,
    mapping: &Mapping,
    (counts, is_complete): (Counts, bool),
    seconds: f64,
) -> anyhow::Result<ExitCode> {
    let report = import.report();
    let summary = Summary {
        tenant: import.tenant.as_str(),
        counts,
        is_complete,
        report: (counts.failed > 0).then_some(&report),
        ignored_columns: mapping.ignored().collect(),
        seconds,
    };
    if import.json {
        print_json(&summary)?;
    } else {
        print(&words(&summary))?;
    }
    if !is_complete {
        remark("Stopped; the same command goes on from there.");
        return Ok(ExitCode::FAILURE);
    }
    Ok(match counts.failed {
        0 => ExitCode::SUCCESS,
        _ => SOME_FAILED.into(),
    })
}

fn words(summary: &Summary<'_>) -> String {
    let counts = summary.counts;
    let mut text = format!(
        "{} rows: {} contacts made, {} changed, {} left as they were, {} failed.",
        counts.rows, counts.created, counts.updated, counts.skipped, counts.failed
    );
    if !summary.ignored_columns.is_empty() {
        let columns = summary.ignored_columns.join(", ");
        text.push_str(&format!("\nLeft out: {columns}"));
    }
    if let Some(report) = summary.report {
        let report = report.display();
        text.push_str(&format!(
            "\nWhat failed is in {report}: mend it, and import that file."
        ));
    }
    text
}

fn kind(text: &str) -> Result<ContactType, String> {
    ContactType::parse(text).ok_or_else(|| "use lead, customer or guest".to_owned())
}
