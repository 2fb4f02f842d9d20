//! `switchboard simulate`: a WhatsApp Cloud API to try things on, in a process of its own.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use domain::Clock;
use simulator::{Account, App, Config, Line, Reports, Rules, Setup, Simulator, Window};

use crate::arguments;
use crate::output::print;
use crate::signals;

pub(crate) const HELP: &str = "\
Any token opens it, and any phone_number_id of digits is a number of it; `--line` is for numbers
with a name, `--callback-url` for webhooks. Nothing is ever sent to a real phone. Where more is
wanted (several apps, people who hide their number, faults), give --setup FILE, or use the control
API under /simulator/: see docs/simulator.md.

Examples:
  switchboard simulate
  switchboard simulate --listen 127.0.0.1:8090 --tier 80 --pair-limit --window reported \\
    --callback-url http://127.0.0.1:8080/webhooks/meta/APP
  curl http://127.0.0.1:8090/v25.0/106540352242922/messages -H 'Authorization: Bearer any' \\
    --json '{\"messaging_product\":\"whatsapp\",\"to\":\"+27821112233\",\"text\":{\"body\":\"Hello\"}}'
  curl http://127.0.0.1:8090/simulator/messages \\
    --json '{\"phone_number_id\":\"106540352242922\",\"from\":\"+27821112233\",\"text\":\"Hi\"}'";

/// The line, account and app of a simulator that was told of none.
const LINE: &str = "106540352242922";
const ACCOUNT: &str = "102290129340398";
const APP: &str = "670843887433847";

/// How the simulator runs.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The address to listen on; any but loopback opens it to the network
    #[arg(long, value_name = "ADDR:PORT", value_parser = arguments::listen,
        default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 8090)))]
    listen: SocketAddr,
    /// A JSON file of apps, accounts, lines, people and rules, as POST /simulator/setup takes it
    #[arg(long, value_name = "FILE")]
    setup: Option<PathBuf>,
    /// The `phone_number_id` of a line.
    #[arg(long = "line", value_name = "ID", value_parser = digits,
        help = "A phone_number_id; may be repeated [default: 106540352242922]")]
    lines: Vec<String>,
    /// The account (WABA) of these lines
    #[arg(long, value_name = "ID", value_parser = digits, default_value = ACCOUNT)]
    waba_id: String,
    /// Where webhooks are posted [default: nowhere, until an app is given an address]
    #[arg(long, value_name = "URL")]
    callback_url: Option<String>,
    /// What webhooks are signed with
    #[arg(long, value_name = "SECRET", default_value = "simulated-app-secret")]
    app_secret: String,
    /// The word of the handshake
    #[arg(long, value_name = "WORD", default_value = "simulated-verify-token")]
    verify_token: String,
    /// How far messages get
    #[arg(long, value_name = "HOW FAR", default_value = "delivered")]
    statuses: Statuses,
    /// How many messages a line may send in any second, 0 for any number
    #[arg(long, value_name = "N", default_value_t = 0)]
    tier: u32,
    /// Let one person take 45 messages at once from a line, then one in 6 seconds
    #[arg(long)]
    pair_limit: bool,
    /// What happens to messages to people who did not write for a day
    #[arg(long, value_name = "HOW", default_value = "ignored")]
    window: Windows,
    /// Take templates that do not exist
    #[arg(long)]
    any_template: bool,
    /// Fetch the files that messages link to, and fail the messages when they are not there
    #[arg(long)]
    fetch_links: bool,
    /// The pause before the second retry of a webhook, doubled at each; the first is at once
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    retry_pause_ms: u64,
    /// Append a line of JSON to a file for every message taken, before it is answered
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

// Without words of their own, so that help stays one line an option.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Statuses {
    None,
    Sent,
    Delivered,
    Read,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Windows {
    Ignored,
    Reported,
    Refused,
}

fn digits(text: &str) -> Result<String, String> {
    let is_id = (1..=32).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    is_id
        .then(|| text.to_owned())
        .ok_or_else(|| "use digits, such as 106540352242922".to_owned())
}

/// Runs the simulator until a signal stops it.
pub(crate) async fn run(simulate: Simulate) -> anyhow::Result<()> {
    let stopping = signals::heed()?;
    let simulator = Simulator::start(simulate.config())
        .await
        .with_context(|| format!("the simulator cannot listen on {}", simulate.listen))?;
    let (setup, file) = (simulate.own_setup(), simulate.file_setup()?);
    simulator.set_up(setup)?;
    simulator
        .set_up(file)
        .context("the setup cannot be carried out")?;
    let graph_url = simulator.graph_url();
    tracing::info!(address = %simulator.address(), "listening");
    print(
        &Greeting {
            simulate: &simulate,
            graph_url,
        }
        .to_string(),
    )?;
    stopping.cancelled().await;
    simulator.stop().await;
    Ok(())
}

impl Simulate {
    fn config(&self) -> Config {
        Config {
            listen: self.listen,
            clock: Clock::system(),
            rules: Rules {
                tier_per_second: self.tier,
                limits_pairs: self.pair_limit,
                window: match self.window {
                    Windows::Ignored => Window::Ignored,
                    Windows::Reported => Window::Reported,
                    Windows::Refused => Window::Refused,
                },
                statuses: match self.statuses {
                    Statuses::None => Reports::None,
                    Statuses::Sent => Reports::Sent,
                    Statuses::Delivered => Reports::Delivered,
                    Statuses::Read => Reports::Read,
                },
            },
            strict_templates: !self.any_template,
            user_ids: true,
            fetches_links: self.fetch_links,
            retry_pause: Duration::from_millis(self.retry_pause_ms),
            journal: self.journal.clone(),
        }
    }

    fn lines(&self) -> Vec<&str> {
        let given: Vec<&str> = self.lines.iter().map(String::as_str).collect();
        if given.is_empty() { vec![LINE] } else { given }
    }

    /// Returns what the flags ask for.
    fn own_setup(&self) -> Setup {
        let line = |id: &str| Line {
            phone_number_id: id.to_owned(),
            waba_id: Some(self.waba_id.clone()),
            ..Line::default()
        };
        Setup {
            apps: vec![App {
                id: APP.to_owned(),
                secret: self.app_secret.clone(),
                verify_token: self.verify_token.clone(),
                callback_url: self.callback_url.clone(),
            }],
            accounts: vec![Account {
                id: self.waba_id.clone(),
                app_id: Some(APP.to_owned()),
                ..Account::default()
            }],
            lines: self.lines().into_iter().map(line).collect(),
            ..Setup::default()
        }
    }

    /// Returns what the file asks for.
    fn file_setup(&self) -> anyhow::Result<Setup> {
        let Some(path) = &self.setup else {
            return Ok(Setup::default());
        };
        let text =
            std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not a setup", path.display()))
    }
}

/// What it says once it listens.
struct Greeting<'a> {
    simulate: &'a Simulate,
    graph_url: String,
}

impl fmt::Display for Greeting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            simulate,
            graph_url,
        } = self;
        let line = simulate.lines().first().copied().unwrap_or(LINE);
        writeln!(
            f,
            "A simulated WhatsApp Cloud API at {graph_url}; no real phone is reached."
        )?;
        writeln!(f)?;
        writeln!(f, "Connect a tenant's number to it:")?;
        writeln!(
            f,
            "  switchboard channel create --tenant acme --phone-number-id {line} --waba-id {} \\",
            simulate.waba_id
        )?;
        writeln!(
            f,
            "    --number +{line} --token any --app-secret {} --verify-token {} \\",
            simulate.app_secret, simulate.verify_token
        )?;
        writeln!(f, "    --graph-url {graph_url}")?;
        writeln!(f)?;
        match &simulate.callback_url {
            Some(url) => writeln!(f, "Webhooks go to {url}.")?,
            None => {
                writeln!(f, "That prints a webhook path. Let the webhooks go there:")?;
                writeln!(
                    f,
                    "  curl {graph_url}/v25.0/{APP}/subscriptions -H 'Authorization: Bearer any' \\"
                )?;
                writeln!(
                    f,
                    "    --json '{{\"callback_url\":\"http://127.0.0.1:8080/webhooks/meta/…\",\
                     \"verify_token\":\"{}\"}}'",
                    simulate.verify_token
                )?;
            }
        }
        writeln!(f)?;
        writeln!(f, "Let somebody write, and see what was sent:")?;
        writeln!(
            f,
            "  curl {graph_url}/simulator/messages --json \
             '{{\"phone_number_id\":\"{line}\",\"from\":\"+27821112233\",\"text\":\"Hello\"}}'"
        )?;
        writeln!(f, "  curl {graph_url}/simulator/sent")?;
        writeln!(f)?;
        write!(f, "More: docs/simulator.md. Ctrl-C stops it.")
    }
}
