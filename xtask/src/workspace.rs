//! Where things are, and how cargo is called.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::Context as _;

/// Returns the repository's root folder.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
    Path::new(&manifest)
        .parent()
        .unwrap_or(Path::new("."))
        .to_path_buf()
}

/// Returns the folder of what is built.
///
/// Cargo put this very program into `<target>/debug`, wherever a variable or a configuration
/// file moved the target folder to, so its place is the one that needs no parsing.
pub(crate) fn target() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("finding the target folder")?;
    let target = this
        .ancestors()
        .nth(2)
        .context("xtask does not lie in a target folder")?;
    Ok(target.to_path_buf())
}

/// Returns the path of a release binary.
pub(crate) fn release_binary(name: &str) -> anyhow::Result<PathBuf> {
    Ok(target()?.join("release").join(name))
}

/// Returns a cargo command that runs in the repository's root.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(root());
    command
}

/// Runs a command to its end and fails unless it succeeds.
pub(crate) fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = status(command)?;
    anyhow::ensure!(status.success(), "{} failed ({status})", name(command));
    Ok(())
}

/// Runs a command to its end and returns how it ended.
pub(crate) fn status(command: &mut Command) -> anyhow::Result<ExitStatus> {
    command
        .status()
        .with_context(|| format!("starting {}", name(command)))
}

/// Returns what a command printed, and fails unless it succeeds.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .output()
        .with_context(|| format!("starting {}", name(command)))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(
        output.status.success(),
        "{} failed: {}",
        name(command),
        complaint.trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Hands a child's exit status on as our own.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    match status.code().and_then(|code| u8::try_from(code).ok()) {
        Some(code) => ExitCode::from(code),
        None => ExitCode::FAILURE,
    }
}

fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
