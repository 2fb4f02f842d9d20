//! A program of the workspace that is built for release together with the server, runs it, and is
//! lent a durable Postgres.

use std::process::{Command, ExitCode};

use crate::postgres::{Cluster, Durability};
use crate::workspace;

/// Runs the program of this name; `url` says by which way it is to reach Postgres.
pub(crate) fn run(
    name: &str,
    args: &[String],
    url: fn(&Cluster) -> String,
) -> anyhow::Result<ExitCode> {
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    let build = ["build", "--release", "--package", "server"];
    workspace::succeed(workspace::cargo().args(build).args(["--package", name]))?;

    let mut program = Command::new(workspace::release_binary(name)?);
    program
        .current_dir(workspace::root())
        .arg("--switchboard")
        .arg(workspace::release_binary("switchboard")?);
    // Held until the program has ended: dropping it stops Postgres.
    let cluster = if needs_postgres(args) {
        Some(Cluster::start(Durability::On)?)
    } else {
        None
    };
    if let Some(cluster) = &cluster {
        program.args(["--postgres", &url(cluster)]);
    }
    program.args(args);
    Ok(workspace::exit_code(workspace::status(&mut program)?))
}

fn needs_postgres(args: &[String]) -> bool {
    !args
        .iter()
        .any(|arg| arg == "sqlite" || arg == "--postgres" || arg == "--help")
}
