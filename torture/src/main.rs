//! The crash test as a program; see the library, and `cargo xtask torture`.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool answers on standard output"
)]

mod arguments;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use torture::Plan;

use crate::arguments::{HELP, parse};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("torture: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    // Below 2^32, so that it is easily typed again.
    let chance = u64::from(getrandom::u32().context("no chance to be had")?);
    let Some(arguments) = parse(std::env::args().skip(1), chance)? else {
        println!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        // Dropping the unfinished run ends its processes.
        tokio::select! {
            ended = torture_all(&arguments.plans) => ended,
            _ = interrupt.recv() => anyhow::bail!("interrupted"),
            _ = terminate.recv() => anyhow::bail!("terminated"),
        }
    })
}

async fn torture_all(plans: &[Plan]) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for plan in plans {
        let plan = Plan {
            folder: fresh(&plan.folder)?,
            ..plan.clone()
        };
        eprintln!("{}, seed {}:", plan.engine.name(), plan.seed);
        let report = torture::run(&plan)
            .await
            .with_context(|| format!("on {}, seed {}", plan.engine.name(), plan.seed));
        // What the other engine does is still worth knowing.
        let is_sound = match report {
            Ok(report) => {
                println!("{report}\n");
                report.violations() == 0
            }
            Err(error) => {
                eprintln!("{error:#}");
                false
            }
        };
        if is_sound {
            std::fs::remove_dir_all(&plan.folder)?;
        } else {
            eprintln!("see {}", plan.folder.display());
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// Makes the folder, or one beside it: what an earlier run of the seed left is still looked at.
fn fresh(folder: &Path) -> anyhow::Result<PathBuf> {
    let beside = (2..).map(|run| format!("{}-{run}", folder.display()).into());
    let mut folders = std::iter::once(folder.to_owned()).chain(beside);
    let fresh = folders.find(|it: &PathBuf| !it.exists());
    let fresh = fresh.context("every folder is taken")?;
    std::fs::create_dir_all(&fresh).with_context(|| format!("creating {}", fresh.display()))?;
    Ok(fresh.canonicalize()?)
}
