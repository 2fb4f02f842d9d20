//! The Python that runs other people's Cloud API clients against the simulator.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::{install, workspace};

/// What is to be in it; each package has its version.
const REQUIREMENTS: &str = "crates/simulator/tests/third_party/requirements.txt";

/// Returns a Python that has what the tests need, made in the target folder when it is missing or
/// needs something else by now.
pub(crate) fn prepare() -> anyhow::Result<PathBuf> {
    let requirements = workspace::root().join(REQUIREMENTS);
    let wanted = std::fs::read_to_string(&requirements)
        .with_context(|| format!("reading {REQUIREMENTS}"))?;
    let folder = workspace::target()?.join("third-party");
    let (python, installed) = (folder.join("bin/python"), folder.join("installed.txt"));
    if std::fs::read_to_string(&installed).is_ok_and(|it| it == wanted) && works(&python) {
        return Ok(python);
    }
    eprintln!("Installing a Cloud API client from PyPI for the tests …");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    if !make(&folder)? {
        install::python()?;
        anyhow::ensure!(make(&folder)?, "python3 cannot make a virtual environment");
    }
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
    .arg("--requirement")
    .arg(&requirements);
    workspace::succeed(&mut pip)
        .context("packages of PyPI are missing; the command above must work here")?;
    std::fs::write(&installed, wanted)?;
    Ok(python)
}

/// Makes an environment, or says that this machine's Python cannot.
fn make(folder: &Path) -> anyhow::Result<bool> {
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(folder);
    match venv.output() {
        Ok(output) => Ok(output.status.success()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).context("starting python3"),
    }
}

fn works(python: &Path) -> bool {
    let mut probe = Command::new(python);
    probe.args(["-c", "import pywa"]);
    probe.output().is_ok_and(|output| output.status.success())
}
