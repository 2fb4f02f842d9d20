//! `cargo xtask bench`: builds what is measured and lends it a durable Postgres.

use std::process::ExitCode;

use crate::postgres::Cluster;
use crate::program;

pub(crate) const HELP: &str = "\
Measures Switchboard on this disk and these cores, on both engines, beside what the machine can
do at all: flushes to disk, and a request that does nothing. Prints a table, and writes JSON to
./bench-results. Takes about ten minutes, and as long again with --set big; close what else is
running.

Usage: cargo xtask bench [-- ARGUMENTS]

  --engine sqlite|postgres   one engine only
  --set usual|big            the usual cases, or those of a tenant with a million contacts and a
                             million messages (usual)
  --only NAME                one case only; of the usual ones:
      upserts, gets, creates, sends    requests, as many as are answered
      lists, deep_lists                fifty contacts, the newest and the oldest
      tiered     20,000 queued messages by a number that may send 1,000 a second
      queued     20,000 queued messages by a number that nobody limits
      job        a bulk job of 50,000 recipients: taken, and sent
      webhooks   3,300 events a second of Meta's for 30 s, each when it is due
      flood      66,000 events of Meta's, as fast as they are taken
                             of the big ones:
      sorts, filters, sorted_filters, searches, pages    contacts, by WA.cr
      flowella_lists, talks, analytics                   by Flowella and FlowIQ
      batches    1,000 contacts in a request, by WA.cr
  --seconds N                measured time of a case of requests (8), and of a question to a big
                             tenant (1)
  --contacts N               contacts loaded before (100000; 1000000 of a big tenant)
  --messages N               messages of a big tenant (1000000)
  --connections N            connections at once (64; 4 to a big tenant)";

pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    program::run("bench", args, Cluster::socket_url)
}
