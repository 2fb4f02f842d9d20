//! `cargo xtask run`: the server with demo data, for a first look.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use crate::workspace;

pub(crate) const HELP: &str = "\
Builds Switchboard (release) and starts it with demo data. Needs nothing but Rust and a C
compiler: the database is a file in ./data, and WhatsApp is simulated inside the process.

Usage: cargo xtask run [-- ARGUMENTS]

It prints the address, a key for each API, and calls to paste into another terminal.
Ctrl-C stops it; the data stays. To begin anew, delete ./data.

ARGUMENTS go to `switchboard demo`. These are the ones you may want:
  --listen 127.0.0.1:9090   another port
  --data-dir DIR            another place for the data
  --help                    all of them";

pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    eprintln!("Building Switchboard (the first time takes some minutes) …");
    workspace::succeed(workspace::cargo().args(["build", "--release", "--package", "server"]))?;

    let mut server = Command::new(workspace::release_binary("switchboard")?);
    server.current_dir(workspace::root()).arg("demo");
    if !args.iter().any(|arg| arg.starts_with("--data-dir")) {
        server.args(["--data-dir", "./data"]);
    }
    // From here on this process is the server: signals and exit status need no forwarding.
    let error = server.args(args).exec();
    Err(anyhow::Error::new(error).context("starting the server"))
}
