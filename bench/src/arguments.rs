//! What the user asked for.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::big;
use crate::cases::CASES;
use crate::engine::Engine;

pub(crate) const HELP: &str = "\
Measures Switchboard on this disk and these cores, beside what they can do at all.

Usage: cargo xtask bench [-- ARGUMENTS], which builds all and brings a Postgres; or
       bench --switchboard PATH [--postgres URL] [ARGUMENTS]

  --switchboard PATH         the server's binary, a release build
  --postgres URL             an empty database, flushed to disk as in production
  --engine sqlite|postgres   one engine only
  --set usual|big            the usual cases, or those of a tenant with a million contacts and a
                             million messages (usual)
  --only NAME                one case only; of the usual ones:
      upserts, gets, creates, sends    requests, as many as are answered
      lists, deep_lists                fifty contacts, the newest and the oldest
      tiered     20,000 queued messages by a number that may send 1,000 a second
      queued     20,000 queued messages by a number that nobody limits
      job        a bulk job of 50,000 recipients: taken, and sent
      webhooks   3,300 events a second of Meta's for 30 s, each when it is due
      flood      66,000 events of Meta's, as fast as they are taken
      import     a file of a million contacts, beside the server
      export     all contacts, written to a file
                             of the big ones:
      sorts, filters, sorted_filters, searches, pages    contacts, by WA.cr
      flowella_lists, talks, analytics                   by Flowella and FlowIQ
      batches    1,000 contacts in a request, by WA.cr
  --seconds N                measured time of a case of requests (8), after 2 s of warm-up; of a
                             question to a big tenant (1)
  --contacts N               contacts loaded before (100000; 1000000 of a big tenant)
  --messages N               messages of a big tenant (1000000)
  --rows N                   rows of the file that is imported (1000000)
  --connections N            connections at once (64; 4 to a big tenant)
  --results DIR              where reports go, and the databases meanwhile (./bench-results)

       bench noop --listen ADDRESS:PORT
                             only serve the handler that does nothing";

pub(crate) enum Task {
    Help,
    Measure(Arguments),
    Noop { listen: SocketAddr },
}

/// Which cases are measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    Usual,
    Big,
}

pub(crate) struct Arguments {
    pub(crate) switchboard: PathBuf,
    pub(crate) engines: Vec<Engine>,
    pub(crate) set: Set,
    pub(crate) only: Option<String>,
    pub(crate) seconds: u64,
    pub(crate) contacts: u64,
    pub(crate) messages: u64,
    pub(crate) rows: u64,
    pub(crate) connections: usize,
    pub(crate) results: PathBuf,
}

pub(crate) fn parse(args: impl Iterator<Item = String>) -> anyhow::Result<Task> {
    let mut args = args.peekable();
    if args.next_if(|arg| arg == "noop").is_some() {
        let flag = args.next();
        anyhow::ensure!(
            flag.as_deref() == Some("--listen"),
            "noop needs --listen\n\n{HELP}"
        );
        let listen = args.next().context("--listen needs a value")?;
        return Ok(Task::Noop {
            listen: listen.parse()?,
        });
    }
    let mut parsed = Arguments {
        switchboard: PathBuf::from("target/release/switchboard"),
        engines: Vec::new(),
        set: Set::Usual,
        only: None,
        seconds: 0,
        contacts: 0,
        messages: 1_000_000,
        rows: 1_000_000,
        connections: 0,
        results: PathBuf::from("bench-results"),
    };
    let mut postgres = None;
    let mut engine = None;
    while let Some(flag) = args.next() {
        if flag == "--help" || flag == "-h" {
            return Ok(Task::Help);
        }
        let value = args
            .next()
            .with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--switchboard" => parsed.switchboard = value.into(),
            "--postgres" => postgres = Some(value),
            "--engine" => engine = Some(value),
            "--set" => parsed.set = set(&value)?,
            "--only" => parsed.only = Some(value),
            "--seconds" => parsed.seconds = number(&flag, &value)?,
            "--contacts" => parsed.contacts = number(&flag, &value)?,
            "--messages" => parsed.messages = number(&flag, &value)?,
            "--rows" => parsed.rows = number(&flag, &value)?,
            "--connections" => parsed.connections = usize::try_from(number(&flag, &value)?)?,
            "--results" => parsed.results = value.into(),
            _ => anyhow::bail!("unknown argument {flag}\n\n{HELP}"),
        }
    }
    parsed.complete();
    let is_known = |name: &str| match parsed.set {
        Set::Usual => CASES.iter().any(|it| it.name == name),
        Set::Big => big::has(name),
    };
    if let Some(name) = &parsed.only {
        anyhow::ensure!(is_known(name), "this set has no case `{name}`\n\n{HELP}");
    }
    parsed.engines = engines(engine.as_deref(), postgres)?;
    Ok(Task::Measure(parsed))
}

impl Arguments {
    /// Puts in what was not said, for which nobody can say 0.
    fn complete(&mut self) {
        let (seconds, contacts, connections) = match self.set {
            Set::Usual => (8, 100_000, 64),
            Set::Big => (1, 1_000_000, 4),
        };
        if self.seconds == 0 {
            self.seconds = seconds;
        }
        if self.contacts == 0 {
            self.contacts = contacts;
        }
        if self.connections == 0 {
            self.connections = connections;
        }
    }
}

fn set(name: &str) -> anyhow::Result<Set> {
    match name {
        "usual" => Ok(Set::Usual),
        "big" => Ok(Set::Big),
        _ => anyhow::bail!("there is no set `{name}`\n\n{HELP}"),
    }
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
