//! Where an export goes, and in which format.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::Format;
use super::record::Record;
use crate::guard;

/// A file that is there under its name once it is whole, or standard output.
pub(super) struct Sink {
    columns: &'static [&'static str],
    rows: Rows,
    draft: Option<Draft>,
}

enum Rows {
    Csv(Box<csv::Writer<Box<dyn Write>>>),
    Jsonl(Box<dyn Write>),
}

/// A file under another name, which goes when the export fails.
struct Draft {
    draft: PathBuf,
    file: PathBuf,
    is_whole: bool,
}

impl Sink {
    pub(super) fn open(
        file: Option<&Path>,
        format: Format,
        columns: &'static [&'static str],
    ) -> anyhow::Result<Self> {
        let draft = file.map(Draft::of);
        let output: Box<dyn Write> = match &draft {
            Some(draft) => Box::new(BufWriter::new(draft.open()?)),
            None => Box::new(BufWriter::new(std::io::stdout())),
        };
        let rows = match format {
            Format::Jsonl => Rows::Jsonl(output),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(output);
                writer.write_record(columns)?;
                Rows::Csv(Box::new(writer))
            }
        };
        Ok(Self {
            columns,
            rows,
            draft,
        })
    }

    pub(super) fn write(&mut self, record: &Record) -> anyhow::Result<()> {
        let cells = || self.columns.iter().zip(&record.values);
        let written = match &mut self.rows {
            Rows::Csv(writer) => {
                let cells = cells().map(|(column, value)| cell(column, value));
                writer.write_record(cells).map_err(anyhow::Error::from)
            }
            Rows::Jsonl(output) => {
                let line = Line(self.columns, &record.values);
                let written = serde_json::to_writer(&mut *output, &line);
                written
                    .map_err(anyhow::Error::from)
                    .and_then(|()| Ok(output.write_all(b"\n")?))
            }
        };
        written.context(CANNOT)
    }

    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        match &mut self.rows {
            Rows::Csv(writer) => writer.flush(),
            Rows::Jsonl(output) => output.flush(),
        }
        .context(CANNOT)?;
        self.draft.as_mut().map_or(Ok(()), Draft::finish)
    }
}

const CANNOT: &str = "the export cannot be written";

impl Draft {
    fn of(file: &Path) -> Self {
        let mut draft = file.as_os_str().to_owned();
        draft.push(".part");
        Self {
            draft: draft.into(),
            file: file.to_owned(),
            is_whole: false,
        }
    }

    /// Numbers and texts are their owner's to read.
    fn open(&self) -> anyhow::Result<File> {
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(true).write(true).mode(0o600);
        let opened = options.open(&self.draft);
        opened.with_context(|| format!("cannot write {}", self.draft.display()))
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        let named = File::open(&self.draft)
            .and_then(|file| file.sync_data())
            .and_then(|()| std::fs::rename(&self.draft, &self.file));
        named.with_context(|| format!("cannot write {}", self.file.display()))?;
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_whole {
            drop(std::fs::remove_file(&self.draft));
        }
    }
}

/// Returns a value as a cell that reads back.
fn cell(column: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        // A spreadsheet makes a number of it, which it is.
        Value::String(text) if column == "phone" => text.clone(),
        Value::String(text) => guard::put_on(text.clone()),
        Value::Array(items) => {
            let items = items.iter().filter_map(Value::as_str).map(str::to_owned);
            guard::put_on(guard::write_list(&items.collect::<Vec<_>>()))
        }
        Value::Object(_) => value.to_string(),
    }
}

/// A line of JSON, its keys in the order of the columns.
struct Line<'a>(&'a [&'static str], &'a [Value]);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, value) in self.0.iter().zip(self.1) {
            map.serialize_entry(column, value)?;
        }
        map.end()
    }
}
