//! A private Postgres cluster that ends with the command that started it.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::{install, workspace};

pub(crate) const HELP: &str = "\
Starts a private, throw-away Postgres on a free port of 127.0.0.1, prints its URL and keeps it
running until Ctrl-C; then removes it with all that was in it.

Usage: cargo xtask postgres [--durable]

  --durable   flush to disk as in production (for benchmarks), with the data in
              ./bench-results; without it a power cut would lose data, and tests run fast

To run single tests against it, in another terminal:
  SWITCHBOARD_TEST_POSTGRES=URL cargo test -p storage";

/// Whether a commit reaches the disk before it is acknowledged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As in production.
    On,
    /// For tests: nothing outlives the run anyway.
    Off,
}

/// A running cluster, stopped and removed on drop.
pub(crate) struct Cluster {
    supervisor: Child,
    port: u16,
    sockets: PathBuf,
}

/// Runs the server and waits for it; stops it at the end of our standard input.
///
/// Standard input is a pipe that xtask holds, so the cluster ends however xtask ends: by itself,
/// by Ctrl-C or by SIGKILL. The shell has a process group of its own and thus hears no Ctrl-C.
const SUPERVISE: &str = "\
folder=$1; sockets=$2; shift 2
exec 3<&0
\"$@\" >server.log 2>&1 3<&- &
server=$!
{ cat <&3; kill -QUIT $server; } >/dev/null 2>&1 &
watcher=$!
wait $server
kill $watcher 2>/dev/null
cd / && rm -rf \"$folder\" \"$sockets\"";

const START_WITHIN: Duration = Duration::from_secs(60);

pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let durability = match args {
        [] => Durability::Off,
        [flag] if flag == "--durable" => Durability::On,
        _ => anyhow::bail!("unknown argument\n\n{HELP}"),
    };
    let mut cluster = Cluster::start(durability)?;
    println!("{}", cluster.url());
    eprintln!("Running until Ctrl-C.");
    // Waiting would close the pipe first, which is the sign to stop.
    let _pipe = cluster.supervisor.stdin.take();
    let status = cluster.supervisor.wait()?;
    anyhow::bail!("Postgres ended by itself ({status})")
}

impl Cluster {
    /// Installs Postgres if need be, creates a cluster and waits until it answers.
    pub(crate) fn start(durability: Durability) -> anyhow::Result<Self> {
        let programs = install::postgres()?;
        let folder = folder_for(durability)?;
        // The path of a socket must be short, which that of the data may not be.
        let sockets = install::fresh_folder(&std::env::temp_dir())?;
        let started = initialize(&programs, &folder)
            .and_then(|()| Self::launch(&programs, [&folder, &sockets], durability));
        if started.is_err() {
            drop(std::fs::remove_dir_all(&folder));
            drop(std::fs::remove_dir_all(&sockets));
        }
        started
    }

    /// Returns the address for clients.
    pub(crate) fn url(&self) -> String {
        let port = self.port;
        format!("postgres://postgres@127.0.0.1:{port}/postgres")
    }

    /// Returns the address by the Unix socket, which is cheaper than TCP.
    pub(crate) fn socket_url(&self) -> String {
        let (port, sockets) = (self.port, self.sockets.display());
        format!("postgres://postgres@/postgres?host={sockets}&port={port}")
    }

    fn launch(
        programs: &Path,
        [folder, sockets]: [&Path; 2],
        durability: Durability,
    ) -> anyhow::Result<Self> {
        // Another program may take the port before Postgres does; then we end with its message.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut settings = settings(port, durability);
        settings.push(format!("unix_socket_directories={}", sockets.display()));
        let server = server(programs, folder, settings);
        let supervisor = Command::new("sh")
            .args(["-c", SUPERVISE, "supervise"])
            .args([folder, sockets])
            .arg(server.get_program())
            .args(server.get_args())
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .spawn()
            .context("starting Postgres")?;
        let mut cluster = Self {
            supervisor,
            port,
            sockets: sockets.to_path_buf(),
        };
        cluster.wait_until_ready(programs, folder, port)?;
        Ok(cluster)
    }

    fn wait_until_ready(
        &mut self,
        programs: &Path,
        folder: &Path,
        port: u16,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut log = String::new();
        while started.elapsed() < START_WITHIN && self.supervisor.try_wait()?.is_none() {
            let mut probe = Command::new(programs.join("pg_isready"));
            probe
                .args(["--quiet", "--host=127.0.0.1", "--timeout=1"])
                .arg(format!("--port={port}"));
            if workspace::status(&mut probe)?.success() {
                return Ok(());
            }
            log = std::fs::read_to_string(folder.join("server.log")).unwrap_or(log);
            std::thread::sleep(Duration::from_millis(50));
        }
        anyhow::bail!("Postgres did not start:\n{log}")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        drop(self.supervisor.wait());
    }
}

/// Returns a folder for the cluster: on the repository's disk where its speed matters.
fn folder_for(durability: Durability) -> anyhow::Result<PathBuf> {
    if durability == Durability::Off {
        return install::fresh_folder(&std::env::temp_dir());
    }
    let results = workspace::root().join("bench-results");
    std::fs::create_dir_all(&results)?;
    install::fresh_folder(&results).or_else(|error| {
        eprintln!("{error:#}; using /var/tmp, which may lie on another disk");
        install::fresh_folder(Path::new("/var/tmp"))
    })
}

fn initialize(programs: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut initdb = install::unprivileged(&programs.join("initdb"));
    initdb
        .args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        ])
        .args([
            "--locale-provider=libc",
            "--locale=C",
            "--lc-collate=C",
            "--lc-ctype=C.UTF-8",
        ])
        .arg("--pgdata")
        .arg(folder.join("data"))
        .current_dir(folder);
    workspace::output(&mut initdb).map(drop)
}

fn server(programs: &Path, folder: &Path, settings: Vec<String>) -> Command {
    let mut server = install::unprivileged(&programs.join("postgres"));
    server.arg("-D").arg(folder.join("data"));
    for setting in settings {
        server.arg("-c").arg(setting);
    }
    server
}

fn settings(port: u16, durability: Durability) -> Vec<String> {
    // In tests, plans must not depend on when a table was last looked at.
    let (flush, buffers, autovacuum) = match durability {
        Durability::On => ("on", "256MB", "on"),
        Durability::Off => ("off", "64MB", "off"),
    };
    vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "max_connections=300".to_owned(),
        format!("shared_buffers={buffers}"),
        format!("fsync={flush}"),
        format!("synchronous_commit={flush}"),
        format!("full_page_writes={flush}"),
        format!("autovacuum={autovacuum}"),
    ]
}
