//! The Python that runs other people's programs: a Cloud API client against the simulator, a tester
//! of APIs against ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::{install, workspace};

/// What is to be in it; each package has its version.
const REQUIREMENTS: [&str; 2] = [
    "crates/simulator/tests/third_party/requirements.txt",
    "crates/web/tests/third_party/requirements.txt",
];

/// Returns a Python that has what the tests need, made in the target folder when it is missing or
/// needs something else by now.
pub(crate) fn prepare() -> anyhow::Result<PathBuf> {
    let requirements = REQUIREMENTS.map(|path| workspace::root().join(path));
    let mut wanted = String::new();
    for path in &requirements {
        let text = std::fs::read_to_string(path);
        wanted.push_str(&text.with_context(|| format!("reading {}", path.display()))?);
    }
    let folder = workspace::target()?.join("third-party");
    let (python, installed) = (folder.join("bin/python"), folder.join("installed.txt"));
    if std::fs::read_to_string(&installed).is_ok_and(|it| it == wanted) && works(&python) {
        return Ok(python);
    }
    eprintln!("Installing other people's clients from PyPI for the tests …");
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
    ]);
    for path in &requirements {
        pip.arg("--requirement").arg(path);
    }
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
    probe.args(["-c", "import pywa, schemathesis"]);
    probe.output().is_ok_and(|output| output.status.success())
}
