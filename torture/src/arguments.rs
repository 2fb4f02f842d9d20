//! What the user asked for.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use torture::{Engine, Plan};

pub(crate) const HELP: &str = "\
Kills a server under load again and again, and checks that nothing was lost, doubled or stuck.

Usage: cargo xtask torture [-- ARGUMENTS], which builds all and brings a Postgres; or
       torture --switchboard PATH [--postgres URL] [ARGUMENTS]

  --switchboard PATH         the server's binary
  --postgres URL             an empty database
  --engine sqlite|postgres   one engine only
  --kills N                  how often the server is killed (20)
  --seconds N                how long the load lasts on each engine, about (180)
  --seed N                   chooses who does what and when it dies; the last one is printed
  --patience N               seconds in which all must have settled afterwards (180)
  --results DIR              where the data, the logs and the journal go (./torture-results)

It ends with 1 if anything is amiss, and keeps the folder of the run. A seed makes the same choices
again, not the same moment: what a kill cuts off is up to the machine.";

pub(crate) struct Arguments {
    pub(crate) plans: Vec<Plan>,
}

/// Reads the words; nothing where help is wanted. `chance` is the seed if none is given.
pub(crate) fn parse(
    mut args: impl Iterator<Item = String>,
    chance: u64,
) -> anyhow::Result<Option<Arguments>> {
    let mut switchboard = PathBuf::from("target/release/switchboard");
    let mut results = PathBuf::from("torture-results");
    let (mut kills, mut seconds, mut seed, mut patience) = (20, 180, chance, 180);
    let (mut only, mut postgres) = (None, None);
    while let Some(flag) = args.next() {
        if flag == "--help" || flag == "-h" {
            return Ok(None);
        }
        let value = args
            .next()
            .with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--switchboard" => switchboard = value.into(),
            "--results" => results = value.into(),
            "--postgres" => postgres = Some(value),
            "--engine" => only = Some(value),
            "--kills" => kills = number(&flag, &value)?,
            "--seconds" => seconds = number(&flag, &value)?,
            "--seed" => seed = number(&flag, &value)?,
            "--patience" => patience = number(&flag, &value)?,
            _ => anyhow::bail!("unknown argument {flag}\n\n{HELP}"),
        }
    }
    let switchboard = switchboard
        .canonicalize()
        .with_context(|| format!("finding {}", switchboard.display()))?;
    let plan = |engine: Engine| {
        Ok(Plan {
            switchboard: switchboard.clone(),
            folder: results.join(format!("{}-{seed}", engine.name())),
            engine,
            seed,
            kills: usize::try_from(kills)?,
            lasting: Duration::from_secs(seconds),
            patience: Duration::from_secs(patience),
        })
    };
    let plans = engines(only.as_deref(), postgres)?.into_iter().map(plan);
    let plans = plans.collect::<anyhow::Result<_>>()?;
    Ok(Some(Arguments { plans }))
}

fn number(flag: &str, value: &str) -> anyhow::Result<u64> {
    let number = value.parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("{flag} needs a number above 0, not `{value}`"))
}

fn engines(only: Option<&str>, postgres: Option<String>) -> anyhow::Result<Vec<Engine>> {
    let postgres = postgres.map(|url| Engine::Postgres { url });
    match only {
        Some("sqlite") => Ok(vec![Engine::Sqlite]),
        Some("postgres") => Ok(vec![
            postgres.context("--engine postgres needs --postgres URL")?,
        ]),
        Some(other) => anyhow::bail!("there is no engine `{other}`\n\n{HELP}"),
        None => Ok(std::iter::once(Engine::Sqlite).chain(postgres).collect()),
    }
}
