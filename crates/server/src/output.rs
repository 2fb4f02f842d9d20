//! What commands print: results to standard output, for people or as JSON, remarks to standard
//! error.

use std::io::Write;

use anyhow::Context;
use serde::Serialize;

/// Prints a command's result.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    let printed = writeln!(output, "{text}").and_then(|()| output.flush());
    printed.context("the result could not be printed")
}

/// Prints a command's result as one JSON object on one line.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(&serde_json::to_string(value)?)
}

/// Says something that is no result; where nobody listens, it is lost.
pub(crate) fn remark(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// Returns the rows with their cells one below the other.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}
