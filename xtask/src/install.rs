//! Installs what the tests need, by the name of its Debian package.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::workspace;

/// Installs Postgres without the cluster that Debian would start on port 5432.
const INSTALL_POSTGRES: &str = "\
set -e; conf=/etc/postgresql-common/createcluster.conf; mkdir -p /etc/postgresql-common; \
grep -qs '^create_main_cluster = false' $conf || echo 'create_main_cluster = false' >> $conf; \
apt-get update; \
DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 \
apt-get install -y --no-install-recommends postgresql";

const INSTALL_PYTHON: &str = "\
set -e; apt-get update; \
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 python3-venv";

const INSTALL_CLIENTS: &str = "\
set -e; apt-get update; \
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nodejs curl";

/// Returns the folder of Postgres's programs, installing them if they are missing.
pub(crate) fn postgres() -> anyhow::Result<PathBuf> {
    if let Some(folder) = newest_postgres() {
        return Ok(folder);
    }
    eprintln!("Postgres is missing: installing Debian's package `postgresql` …");
    as_root(INSTALL_POSTGRES)?;
    newest_postgres().context("the package `postgresql` brought no /usr/lib/postgresql/*/bin")
}

/// Installs a Python that can make virtual environments.
pub(crate) fn python() -> anyhow::Result<()> {
    eprintln!("Python is missing: installing Debian's packages `python3` and `python3-venv` …");
    as_root(INSTALL_PYTHON)
}

/// Installs the clients that run the vendors' examples, if they are missing.
pub(crate) fn clients() -> anyhow::Result<()> {
    let is_there = |program| Command::new(program).arg("--version").output().is_ok();
    if ["node", "curl"].into_iter().all(is_there) {
        return Ok(());
    }
    eprintln!("Node or curl is missing: installing Debian's packages `nodejs` and `curl` …");
    as_root(INSTALL_CLIENTS)
}

/// Says whether this process may do everything.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn newest_postgres() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    folders
        .filter(|bin| bin.join("initdb").exists())
        .max_by_key(|bin| major_version(bin))
}

fn major_version(bin: &Path) -> u32 {
    let version = bin
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    version
        .and_then(|version| version.parse().ok())
        .unwrap_or(0)
}

fn as_root(script: &str) -> anyhow::Result<()> {
    let mut command = if is_root() {
        Command::new("sh")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "sh"]);
        sudo
    };
    let installed = command
        .args(["-c", script])
        .status()
        .is_ok_and(|status| status.success());
    let by_hand = format!("sudo sh -c \"{}\"", script.replace('$', "\\$"));
    anyhow::ensure!(
        installed,
        "could not install it. Please run this, then try again:\n\n{by_hand}\n"
    );
    Ok(())
}

/// Returns a command that runs a program as somebody whom Postgres accepts: not as root.
pub(crate) fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
        .arg(program);
    command
}

/// Makes a fresh folder under `base` that [`unprivileged`] programs can write to.
pub(crate) fn fresh_folder(base: &Path) -> anyhow::Result<PathBuf> {
    let mut mktemp = Command::new("mktemp");
    mktemp
        .args(["--directory", "--tmpdir"])
        .arg("switchboard-postgres.XXXXXX")
        .env("TMPDIR", base);
    let folder = PathBuf::from(workspace::output(&mut mktemp)?.trim_end());
    if is_root() {
        workspace::succeed(Command::new("chown").arg("postgres:postgres").arg(&folder))?;
        let mut reach = unprivileged(Path::new("test"));
        if !workspace::status(reach.arg("-w").arg(&folder))?.success() {
            std::fs::remove_dir(&folder)?;
            anyhow::bail!("the user `postgres` cannot reach {}", base.display());
        }
    }
    Ok(folder)
}
