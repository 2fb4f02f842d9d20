//! Makes each dialect's OpenAPI document and its reference page of the files in `openapi/`, so that
//! both are there when nothing else is, and a mistake in them is one of the build.

#![expect(clippy::print_stdout, reason = "cargo listens on standard output")]

mod document;
mod example;
mod page;
mod table;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

const DIALECTS: [&str; 3] = ["flowiq", "flowella", "wacr"];

fn main() -> Result<(), Box<dyn Error>> {
    for folder in ["build", "openapi"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    for dialect in DIALECTS {
        let folder = Path::new("openapi").join(dialect);
        let document = document::read(&folder).map_err(|why| format!("{dialect}: {why}"))?;
        let json = serde_json::to_string_pretty(&document)?;
        fs::write(out.join(dialect).with_extension("json"), json)?;
        let page = page::render(dialect, &document);
        fs::write(out.join(dialect).with_extension("html"), page)?;
    }
    Ok(())
}
