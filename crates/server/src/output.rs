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
