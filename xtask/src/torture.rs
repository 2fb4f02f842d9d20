//! `cargo xtask torture`: builds what is tortured and lends it a Postgres.

use std::process::{Command, ExitCode};

use crate::postgres::{Cluster, Durability};
use crate::workspace;

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
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    let build = ["build", "--release", "--package", "server"];
    workspace::succeed(
        workspace::cargo()
            .args(build)
            .args(["--package", "torture"]),
    )?;

    let mut torture = Command::new(workspace::release_binary("torture")?);
    torture.current_dir(workspace::root());
    torture
        .arg("--switchboard")
        .arg(workspace::release_binary("switchboard")?);
    // Held until the run has ended: dropping it stops Postgres.
    let cluster = if needs_postgres(args) {
        Some(Cluster::start(Durability::On)?)
    } else {
        None
    };
    if let Some(cluster) = &cluster {
        torture.args(["--postgres", &cluster.url()]);
    }
    torture.args(args);
    Ok(workspace::exit_code(workspace::status(&mut torture)?))
}

fn needs_postgres(args: &[String]) -> bool {
    !args
        .iter()
        .any(|arg| arg == "sqlite" || arg == "--postgres" || arg == "--help")
}
