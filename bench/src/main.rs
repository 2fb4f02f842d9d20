//! Measures Switchboard on this machine, beside what the machine can do at all.
//!
//! One process is the load generator, on one thread. What it measures runs in processes of their
//! own, so that the CPU time of each side is known.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool answers on standard output"
)]

mod arguments;
mod big;
mod broadcast;
mod cases;
mod client;
mod disk;
mod engine;
mod events;
mod figure;
mod files;
mod jobs;
mod load;
mod noop;
mod numbers;
mod proc;
mod report;
mod rows;
mod server;
mod switchboard;
mod table;
mod webhooks;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use arguments::{Arguments, Task};
use load::{Load, Outcome};
use proc::Processes;
use report::{Limits, Report};
use server::Server;

fn main() -> ExitCode {
    let ended = match arguments::parse(std::env::args().skip(1)) {
        Ok(Task::Help) => {
            println!("{}", arguments::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Task::Noop { listen }) => noop::serve(listen),
        Ok(Task::Measure(arguments)) => measure(&arguments),
        Err(error) => Err(error),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        // Dropping the unfinished run ends its servers and removes its files.
        tokio::select! {
            ended = run(arguments) => ended,
            _ = interrupt.recv() => anyhow::bail!("interrupted"),
            _ = terminate.recv() => anyhow::bail!("terminated"),
        }
    })
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = Folder::create(arguments)?;
    eprintln!("Measuring the disk and a server that does nothing …");
    let disk_before = disk::flushes_per_second(folder.path())?;
    let noop = noop(arguments, folder.path()).await?;

    let mut engines = Vec::new();
    let mut failures = 0;
    for engine in &arguments.engines {
        match engine::measure(engine, arguments, folder.path()).await {
            Ok(report) => engines.push(report),
            // What the other engine did is still worth knowing.
            Err(error) => {
                eprintln!("{}: {error:#}", engine.name());
                failures += 1;
            }
        }
    }
    let disk_after = disk::flushes_per_second(folder.path())?;

    let limits = Limits::new(disk_before, disk_after, noop);
    let report = Report::new(arguments, limits, engines);
    println!("{}", table::write(&report));
    println!("Written to {}", report.save(&arguments.results)?.display());
    anyhow::ensure!(failures == 0, "not every engine could be measured");
    let errors = report.errors();
    anyhow::ensure!(
        errors == 0,
        "{errors} requests were not answered with success"
    );
    let wrong = report.wrong();
    anyhow::ensure!(wrong == 0, "{wrong} counts did not come out");
    Ok(())
}

/// Measures how fast HTTP and JSON alone are here.
async fn noop(arguments: &Arguments, folder: &Path) -> anyhow::Result<Outcome> {
    let address = server::free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["noop", "--listen", &address.to_string()]);
    let server = Server::start(command, (address, "/readyz"), &folder.join("noop.log")).await?;
    let load = Load {
        server: &server,
        processes: Processes {
            server: server.pid(),
            simulator: None,
        },
        connections: arguments.connections,
    };
    let outcome = load.measure(arguments.times(), |number| {
        cases::post(
            "/",
            "none",
            &format!(r#"{{"phone":"{}","name":"Thandi"}}"#, numbers::new(number)),
        )
    });
    let outcome = outcome.await.context("the server that does nothing")?;
    server.stop().await?;
    Ok(outcome)
}

impl Arguments {
    fn times(&self) -> load::Times {
        load::Times {
            warm_up: Duration::from_secs(2),
            measured: Duration::from_secs(self.seconds),
        }
    }
}

/// The folder for databases and logs, removed at the end.
struct Folder(std::path::PathBuf);

impl Folder {
    fn create(arguments: &Arguments) -> anyhow::Result<Self> {
        let path = arguments
            .results
            .join(format!("tmp-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(Self(path.canonicalize()?))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
