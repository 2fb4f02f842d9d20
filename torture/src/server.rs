//! The server, which is killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::plan::Plan;
use crate::scene::Scene;

const READY_WITHIN: Duration = Duration::from_secs(60);
const STOPPED_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// The name of its log in the plan's folder.
const LOG: &str = "server.log";

/// A running process, killed on drop.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program that appends what it says to a file.
    pub(crate) fn start(mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        command.stdout(output.try_clone()?).stderr(output);
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", command.get_program().display()))?;
        Ok(Self {
            child,
            log: log.to_owned(),
        })
    }

    /// Fails where the process has ended by itself.
    pub(crate) fn must_live(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                let words = last_words(&self.log);
                anyhow::bail!(
                    "{} ended by itself ({status}):\n{words}",
                    self.log.display()
                )
            }
        }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.must_live()?;
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    async fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        let process = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &process]).status()?;
        anyhow::ensure!(asked.success(), "the server could not be stopped");
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            anyhow::ensure!(
                started.elapsed() < STOPPED_WITHIN,
                "the server does not stop"
            );
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail, and may, once it has ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn last_words(log: &Path) -> String {
    let log = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// A server that was started.
#[derive(Debug)]
pub(crate) struct Server(Process);

impl Server {
    /// Starts it, and does not wait.
    pub(crate) fn start(plan: &Plan, scene: &Scene) -> anyhow::Result<Self> {
        let listen = scene.server.to_string();
        let mut command = plan.on_data(&["serve", "--listen", &listen]);
        command.env("SWITCHBOARD_LOG_FORMAT", "json");
        Ok(Self(Process::start(command, &plan.folder.join(LOG))?))
    }

    /// Waits until it takes requests.
    pub(crate) async fn is_ready(&mut self, scene: &Scene) -> anyhow::Result<()> {
        let started = Instant::now();
        while !scene.answers("/readyz").await {
            self.0.must_live()?;
            anyhow::ensure!(
                started.elapsed() < READY_WITHIN,
                "the server is not ready after {READY_WITHIN:?}:\n{}",
                last_words(&self.0.log)
            );
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(self) -> anyhow::Result<()> {
        self.0.kill()
    }

    /// Stops it in good order.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let status = self.0.terminate().await?;
        anyhow::ensure!(status.success(), "the server stopped with {status}");
        Ok(())
    }
}

/// Returns the lines of a server's log that tell of what must not happen.
pub(crate) fn complaints(plan: &Plan) -> anyhow::Result<Vec<String>> {
    let log = std::fs::read_to_string(plan.folder.join(LOG))?;
    let is_complaint =
        |line: &&str| line.contains(r#""level":"ERROR""#) || line.contains("panicked at");
    Ok(log
        .lines()
        .filter(is_complaint)
        .map(str::to_owned)
        .collect())
}
