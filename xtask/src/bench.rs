//! `cargo xtask bench`: builds what is measured and lends it a durable Postgres.

use std::process::ExitCode;

use crate::postgres::Cluster;
use crate::program;

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
    program::run("bench", args, Cluster::socket_url)
}
