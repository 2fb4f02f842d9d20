//! How far an import is, and what failed: two files beside each other. The report has the rows that
//! failed; the state says to where rows are in and how long the report was then, so that whoever
//! goes on tells nothing twice.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use csv::ByteRecord;
use serde::{Deserialize, Serialize};

use super::Import;
use super::sheet::{Place, Row, Sheet};
use crate::output::remark;

/// How often the state is written down. What came after is imported again, which changes nothing.
const EVERY: Duration = Duration::from_millis(250);

/// Numbers and names are their owner's to read.
const PRIVATE: u32 = 0o600;

/// The first two columns of a report; a report that is imported is not given them twice.
const OWN_COLUMNS: [&str; 2] = ["import_line", "import_error"];

/// What became of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) rows: u64,
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) skipped: u64,
    pub(super) failed: u64,
}

/// A row that failed, and why.
pub(super) struct Failed {
    pub(super) row: Row,
    pub(super) why: String,
}

/// What is written down of an import that goes on.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct State {
    /// Whose, and how; none of it may change on the way.
    about: About,
    place: Place,
    counts: Counts,
    report_bytes: u64,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct About {
    tenant: String,
    file_bytes: u64,
    file_sha256: String,
    terms: String,
}

/// The report and the state of an import.
pub(super) struct Ledger {
    report: File,
    report_path: PathBuf,
    state_path: PathBuf,
    state: State,
    saved_at: Instant,
    delimiter: u8,
    /// How many columns of the file are an earlier report's own.
    own_columns: usize,
}

impl Ledger {
    /// Opens them: anew, or where the same import of the same file was stopped.
    pub(super) fn open(import: &Import, sheet: &mut Sheet, terms: String) -> anyhow::Result<Self> {
        let report_path = import.report();
        let mut state_path = report_path.clone().into_os_string();
        state_path.push(".state");
        let about = About {
            tenant: import.tenant.as_str().to_owned(),
            file_bytes: sheet.bytes(),
            file_sha256: sheet.digest().to_owned(),
            terms,
        };
        let is_report = sheet.heading().starts_with(&OWN_COLUMNS.map(str::to_owned));
        let mut ledger = Self {
            report: open_report(&import.file, &report_path)?,
            report_path,
            state_path: state_path.into(),
            state: State {
                about,
                place: sheet.place(),
                counts: Counts::default(),
                report_bytes: 0,
            },
            saved_at: Instant::now(),
            delimiter: sheet.delimiter(),
            own_columns: if is_report { OWN_COLUMNS.len() } else { 0 },
        };
        match ledger.stopped()? {
            Some(stopped) if !import.restart => ledger.go_on(sheet, stopped)?,
            Some(_) | None => ledger.begin(sheet)?,
        }
        Ok(ledger)
    }

    /// Returns the state of an import that was stopped.
    fn stopped(&self) -> anyhow::Result<Option<State>> {
        let path = self.state_path.display();
        match std::fs::read(&self.state_path) {
            Ok(json) => {
                let state = serde_json::from_slice(&json);
                let odd = || format!("{path} is broken; --restart begins the import anew");
                state.map(Some).with_context(odd)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {path}")),
        }
    }

    fn go_on(&mut self, sheet: &mut Sheet, stopped: State) -> anyhow::Result<()> {
        if stopped.about != self.state.about {
            bail!(
                "{} is of an import that was stopped, of another file or with other options; go on \
                 with those, or begin anew with --restart",
                self.state_path.display()
            );
        }
        self.state = stopped;
        sheet.go_to(self.state.place)?;
        // What a crash left behind is told again.
        self.report.set_len(self.state.report_bytes)?;
        self.report.seek(SeekFrom::End(0))?;
        remark(&format!(
            "Goes on at line {}; {} rows are in.",
            self.state.place.line, self.state.counts.rows
        ));
        Ok(())
    }

    fn begin(&mut self, sheet: &Sheet) -> anyhow::Result<()> {
        self.report.set_len(0)?;
        self.report.seek(SeekFrom::Start(0))?;
        let own = OWN_COLUMNS.map(str::as_bytes).into_iter();
        let columns = sheet.raw_heading().iter().skip(self.own_columns);
        let heading: ByteRecord = own.chain(columns).collect();
        self.append(&[heading])
    }

    fn append(&mut self, rows: &[ByteRecord]) -> anyhow::Result<()> {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .from_writer(Vec::new());
        for row in rows {
            writer.write_byte_record(row)?;
        }
        let bytes = writer.into_inner().map_err(|error| error.into_error())?;
        let written = self.report.write_all(&bytes);
        written.with_context(|| format!("cannot write {}", self.report_path.display()))?;
        self.state.report_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Returns what became of the rows so far.
    pub(super) fn counts(&self) -> Counts {
        self.state.counts
    }

    /// Returns to where the rows are in.
    pub(super) fn place(&self) -> Place {
        self.state.place
    }

    /// Writes down that all rows before a place are in but those that failed.
    pub(super) fn settle(
        &mut self,
        counts: Counts,
        failed: &[Failed],
        place: Place,
    ) -> anyhow::Result<()> {
        let rows = failed.iter().map(|failed| {
            let line = failed.row.line.to_string();
            let own = [line.as_bytes(), failed.why.as_bytes()].map(<[u8]>::to_vec);
            let cells = failed.row.cells.iter().skip(self.own_columns);
            own.into_iter().chain(cells.map(<[u8]>::to_vec)).collect()
        });
        let rows: Vec<ByteRecord> = rows.collect();
        self.append(&rows)?;
        let all = &mut self.state.counts;
        all.rows += counts.rows;
        all.created += counts.created;
        all.updated += counts.updated;
        all.skipped += counts.skipped;
        all.failed += failed.len() as u64;
        self.state.place = place;
        if self.saved_at.elapsed() < EVERY {
            return Ok(());
        }
        self.save()
    }

    /// The report first: what the state says of it must be there.
    fn save(&mut self) -> anyhow::Result<()> {
        self.report.sync_data()?;
        let mut draft = self.state_path.clone().into_os_string();
        draft.push(".new");
        let saved = write_durably(Path::new(&draft), &serde_json::to_vec(&self.state)?)
            .and_then(|()| std::fs::rename(&draft, &self.state_path));
        saved.with_context(|| format!("cannot write {}", self.state_path.display()))?;
        self.saved_at = Instant::now();
        Ok(())
    }

    /// Tidies up after the last row, or writes down where to go on.
    pub(super) fn close(mut self, is_complete: bool) -> anyhow::Result<Counts> {
        if !is_complete {
            self.save()?;
            return Ok(self.state.counts);
        }
        self.report.sync_data()?;
        remove(&self.state_path)?;
        if self.state.counts.failed == 0 {
            remove(&self.report_path)?;
        }
        Ok(self.state.counts)
    }
}

/// Opens the report, which nobody else writes meanwhile.
fn open_report(file: &Path, report: &Path) -> anyhow::Result<File> {
    let path = report.display();
    let opened = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(PRIVATE)
        .open(report)
        .with_context(|| format!("cannot write {path}; choose another file with --report"))?;
    if file.canonicalize()? == report.canonicalize()? {
        bail!("{path} is the file to be imported; choose another one with --report");
    }
    if opened.try_lock().is_err() {
        bail!("another import writes {path}; wait for it, or choose another file with --report");
    }
    Ok(opened)
}

fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let options = options.create(true).truncate(true).write(true);
    let mut file = options.mode(PRIVATE).open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}
