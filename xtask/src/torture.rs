//! `cargo xtask torture`: builds what is tortured and lends it a Postgres.

use std::process::ExitCode;

use crate::postgres::Cluster;
use crate::program;

pub(crate) const HELP: &str = "\
Kills a server under load again and again (SIGKILL), on both engines, and checks that nothing it
acknowledged was lost or doubled, that nothing was sent twice, and that nothing is stuck. Prints
the counts; ends with 1 if anything is amiss. Takes about eight minutes.

Usage: cargo xtask torture [-- ARGUMENTS]

  --engine sqlite|postgres   one engine only
  --kills N                  how often the server is killed on each engine (20)
  --seconds N                how long the load lasts on each engine, about (180)
  --seed N                   the choices of an earlier run, which printed it
  --help                     all of them

What is amiss is told with ids and the seed; the data, the logs and the journal of such a run stay
in ./torture-results.";

pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    program::run("torture", args, Cluster::url)
}
