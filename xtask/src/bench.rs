//! `cargo xtask bench`: builds what is measured and lends it a durable Postgres.

use std::process::{Command, ExitCode};

use crate::postgres::{Cluster, Durability};
use crate::workspace;

pub(crate) const HELP: &str = "\
Measures Switchboard on this disk and these cores, on both engines, beside what the machine can
do at all: flushes to disk, and a request that does nothing. Prints a table, and writes JSON to
./bench-results. Takes about eight minutes; close what else is running.

Usage: cargo xtask bench [-- ARGUMENTS]

  --engine sqlite|postgres   one engine only
  --only NAME                one case only:
      upserts, gets, creates, sends    requests, as many as are answered
      tiered     20,000 queued messages by a number that may send 1,000 a second
      queued     20,000 queued messages by a number that nobody limits
      webhooks   3,300 events a second of Meta's for 30 s, each when it is due
      flood      66,000 events of Meta's, as fast as they are taken
  --seconds N                measured time of a case of requests (8)
  --contacts N               contacts loaded before (100000)
  --connections N            connections at once (64)";

pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    let packages = [
        "build",
        "--release",
        "--package",
        "server",
        "--package",
        "bench",
    ];
    workspace::succeed(workspace::cargo().args(packages))?;

    let mut bench = Command::new(workspace::release_binary("bench")?);
    bench.current_dir(workspace::root());
    bench
        .arg("--switchboard")
        .arg(workspace::release_binary("switchboard")?);
    // Held until the benchmark has ended: dropping it stops Postgres.
    let cluster = if needs_postgres(args) {
        Some(Cluster::start(Durability::On)?)
    } else {
        None
    };
    if let Some(cluster) = &cluster {
        bench.args(["--postgres", &cluster.socket_url()]);
    }
    bench.args(args);
    Ok(workspace::exit_code(workspace::status(&mut bench)?))
}

fn needs_postgres(args: &[String]) -> bool {
    !args
        .iter()
        .any(|arg| arg == "sqlite" || arg == "--postgres" || arg == "--help")
}
