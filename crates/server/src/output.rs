//! What commands print: results to standard output, for people or as JSON, remarks to standard
//! error.

use std::io::Write;

use anyhow::Context;
use jiff::Timestamp;
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

/// Returns a time to the second, which is as much as anybody reads.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Returns the rows of what there is to say of one thing; what is not known has none.
pub(crate) fn fields<'h, T: Into<Option<String>>>(
    known: impl IntoIterator<Item = (&'h str, T)>,
) -> Vec<[String; 2]> {
    let rows = known.into_iter();
    rows.filter_map(|(head, text)| Some([head.to_owned(), text.into()?]))
        .collect()
}

/// Returns the rows below their head.
pub(crate) fn table<const N: usize>(
    head: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let head = std::iter::once(head.map(str::to_owned));
    columns(&head.chain(rows).collect::<Vec<_>>())
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
