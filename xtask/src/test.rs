//! `cargo xtask test`: every test, with the database that half of them need.

use std::process::ExitCode;

use crate::postgres::{Cluster, Durability};
use crate::{install, python, workspace};

pub(crate) const HELP: &str = "\
Runs every test of the project, on both database engines.

Usage: cargo xtask test [CARGO TEST ARGUMENTS]

  cargo xtask test                     all of them; this is what CI runs
  cargo xtask test opted_out           those whose name contains `opted_out`
  cargo xtask test -p storage          one crate
  cargo xtask test -- --nocapture      what stands after `--` goes to the test programs

Other people's programs try the simulator and the APIs: a Python environment with those of PyPI is made
in the target folder (Debian packages `python3`, `python3-venv`), and Node and curl are installed if
they are missing (`nodejs`, `curl`).

Postgres is installed if it is missing (Debian package `postgresql`, as root or with sudo).
The tests get a cluster of their own on a free port of 127.0.0.1, removed at the end; no
other Postgres on this machine is needed or touched.";

/// The variable in which the tests find their Postgres.
const POSTGRES: &str = "SWITCHBOARD_TEST_POSTGRES";

/// The variable in which tests find their Python.
const PYTHON: &str = "SWITCHBOARD_TEST_PYTHON";

pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let cluster = Cluster::start(Durability::Off)?;
    eprintln!("Postgres for the tests: {}", cluster.url());

    let mut tests = workspace::cargo();
    tests.args(["test", "--no-fail-fast"]);
    if !names_package(args) {
        tests.arg("--workspace");
    }
    tests.args(args).env(POSTGRES, cluster.url());
    let is_tried = |arg: &String| ["simulator", "web"].iter().any(|it| arg.contains(it));
    if !names_package(args) || args.iter().any(is_tried) {
        tests.env(PYTHON, python::prepare()?);
        install::clients()?;
    }
    let status = workspace::status(&mut tests)?;
    Ok(workspace::exit_code(status))
}

/// Says whether the caller chose packages, which `--workspace` would overrule.
fn names_package(args: &[String]) -> bool {
    args.iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    use super::names_package;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_package_is_noticed_unless_it_is_for_the_test_programs() {
        assert!(names_package(&words("-p domain")));
        assert!(names_package(&words("phone --package=domain")));
        assert!(!names_package(&words("phone -- -p")));
    }
}
