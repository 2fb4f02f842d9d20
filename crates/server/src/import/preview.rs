//! What importing a file would do.

use std::process::ExitCode;

use serde::Serialize;

use super::cells::{Labels, Reading};
use super::columns::{Field, Mapping};
use super::sheet::Sheet;
use crate::output::{print, print_json, table};

/// So many rows are shown.
const SHOWN: usize = 5;

/// So many rows that would fail are shown.
const TOLD: usize = 10;

/// What `import` ends with when rows would fail.
const SOME_FAILED: u8 = 3;

#[derive(Serialize)]
struct Preview {
    columns: Vec<Column>,
    rows: u64,
    failed: u64,
    first_failures: Vec<Failure>,
}

#[derive(Serialize)]
struct Column {
    column: String,
    field: Option<&'static str>,
    first_cells: Vec<String>,
}

#[derive(Serialize)]
struct Failure {
    line: u64,
    why: String,
}

/// Shows what each column is, the first rows, and which rows would fail.
pub(super) async fn show(
    is_json: bool,
    sheet: &mut Sheet,
    reading: &Reading<'_>,
    mut labels: Labels,
) -> anyhow::Result<ExitCode> {
    let mut preview = Preview {
        columns: heading(reading.mapping),
        rows: 0,
        failed: 0,
        first_failures: Vec::new(),
    };
    while let Some(row) = sheet.read()? {
        let read = reading.read(&row, &mut labels).await;
        if matches!(read, Ok(None)) {
            continue;
        }
        preview.rows += 1;
        if preview.rows <= SHOWN as u64 {
            for (column, cell) in preview.columns.iter_mut().zip(&row.cells) {
                let text = reading.encoding.read(cell).unwrap_or_default();
                column.first_cells.push(text.into_owned());
            }
        }
        if let Err(why) = read {
            preview.failed += 1;
            if preview.first_failures.len() < TOLD {
                let line = row.line;
                preview.first_failures.push(Failure { line, why });
            }
        }
    }
    if is_json {
        print_json(&preview)?;
    } else {
        print(&words(&preview))?;
    }
    Ok(match preview.failed {
        0 => ExitCode::SUCCESS,
        _ => SOME_FAILED.into(),
    })
}

fn heading(mapping: &Mapping) -> Vec<Column> {
    let columns = mapping.columns().map(|(name, field)| Column {
        column: name.to_owned(),
        field: field.map(Field::word),
        first_cells: Vec::new(),
    });
    columns.collect()
}

fn words(preview: &Preview) -> String {
    let rows = preview.columns.iter().map(|column| {
        let field = column.field.unwrap_or("- (left out)");
        let cells = column.first_cells.iter().map(|cell| brief(cell));
        let cells: Vec<String> = cells.collect();
        [column.column.clone(), field.to_owned(), cells.join(" | ")]
    });
    let mut text = table(["COLUMN", "FIELD", "FIRST ROWS"], rows);
    let (rows, failed) = (preview.rows, preview.failed);
    text.push_str(&format!(
        "\n\n{rows} rows, of which {failed} would fail. Nothing was written."
    ));
    for failure in &preview.first_failures {
        text.push_str(&format!("\n  line {}: {}", failure.line, failure.why));
    }
    text
}

/// Returns the beginning of a cell, on one line.
fn brief(cell: &str) -> String {
    const LONGEST: usize = 24;
    let line = cell.replace(['\n', '\r'], " ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}
