//! The command line. Its help is written for people.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::channels::ChannelCommand;
use crate::contacts::ContactCommand;
use crate::conversations::ConversationCommand;
use crate::deliveries::DeliveryCommand;
use crate::desk::Of;
use crate::export::{self, Export};
use crate::import::{self, Import};
use crate::inbound::InboundCommand;
use crate::jobs::JobCommand;
use crate::messages::MessageCommand;
use crate::webhooks::WebhookCommand;
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::key::{Api, Scopes};
use domain::phone::Country;
use domain::tenant::Slug;
use jiff::Timestamp;

use crate::simulate::{self, Simulate};
use crate::templates::TemplateCommand;
use crate::tenants::TenantCommand;

const OVERVIEW: &str = "\
Examples:
  switchboard demo                                      look around: a sandbox with demo data
  switchboard simulate                                  a WhatsApp Cloud API to try things on
  switchboard serve                                     run it on 127.0.0.1:8080, data in ./data
  switchboard tenant create --slug acme --name \"Acme\"   let an organization in
  switchboard key create --tenant acme --api flowiq     give it a key
  switchboard channel create --help                     connect its WhatsApp number
  switchboard import contacts.csv --tenant acme         bring contacts along

`tenant`, `key`, `channel`, `contact`, `webhook` and the like work beside a running server: give them its
--data-dir or --database-url.
Exit status: 0 done, 1 failed, 2 the command line is wrong. Results go to standard output,
all else to standard error.";

const SERVE: &str = "\
Settings, by what wins: flags, the environment, the file. Unknown names stop the start.
  --listen         SWITCHBOARD_LISTEN         listen         127.0.0.1:8080
  --data-dir       SWITCHBOARD_DATA_DIR       data_dir       ./data
  --database-url   SWITCHBOARD_DATABASE_URL   database_url   none: SQLite in the data directory
  --sandbox        SWITCHBOARD_SANDBOX        sandbox        false
                   SWITCHBOARD_MASTER_KEY     master_key     in DATA_DIR/master.key, made when missing
                   SWITCHBOARD_MASTER_KEY_FILE master_key_file
                   SWITCHBOARD_INBOUND_KEEP_DAYS inbound_keep_days 30: how far the ledger goes back
                   SWITCHBOARD_PUBLIC_URL     public_url     none: where others reach this server
                   SWITCHBOARD_DELIVERY_KEEP_DAYS delivery_keep_days 30: how far `deliveries` goes back
                   SWITCHBOARD_JOB_KEEP_DAYS  job_keep_days  90: how long a job's recipients are kept
                   SWITCHBOARD_LOG            log            info (error, warn, debug, trace)
                   SWITCHBOARD_LOG_FORMAT     log_format     text (json)
                   SWITCHBOARD_VERIFIER       verifier       evidence; more in configuration.md
  --config         SWITCHBOARD_CONFIG                        ./switchboard.toml, if there is one

Examples:
  switchboard serve --data-dir /var/lib/switchboard
  switchboard serve --database-url postgres://switchboard@127.0.0.1:5432/switchboard

A URL with a password is better kept in the environment or the file: others can see flags.
Ctrl-C or SIGTERM lets requests under way finish; a second one stops at once.";

const DATABASE_URL: &str =
    "A Postgres database to use instead: postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE";

const DEMO: &str = "\
The data is kept, and so are the keys, in demo.json in the data directory. Delete the directory to
begin anew. Nothing is ever sent to a real phone.

Examples:
  switchboard demo
  switchboard demo --listen 127.0.0.1:9090 --data-dir /tmp/demo";

const CREATE_KEY: &str = "\
Works beside a running server, which takes the key at once: give it the same --data-dir or
--database-url. The secret is printed this once; only its hash is kept.

Examples:
  switchboard key create --tenant acme --api flowiq
  switchboard key create --tenant acme --api wacr --scopes contacts:read,contacts:write
  switchboard key create --tenant acme --api flowella --rate-per-minute 600 \\
    --expires 2027-01-31T00:00:00Z --json";

const LIST_KEYS: &str = "\
Works beside a running server: give it the same --data-dir or --database-url.

Example:
  switchboard key list --tenant acme";

const REVOKE_KEY: &str = "\
Works beside a running server: give it the same --data-dir or --database-url.

Example:
  switchboard key revoke --tenant acme --id 42";

/// WhatsApp Business contacts and messages through the APIs of FlowIQ, Flowella and WA.cr, on a
/// machine of yours.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, after_help = OVERVIEW)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the data is; the same for every command.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Where the data is")]
pub(crate) struct Place {
    /// The directory of the embedded database, made when missing [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// A Postgres database to use instead.
    #[arg(long, global = true, value_name = "URL", help = DATABASE_URL)]
    pub(crate) database_url: Option<String>,
    /// A TOML file of settings [default: ./switchboard.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    #[command(after_help = SERVE)]
    Serve(Serve),
    /// Run a server to try things on: a sandbox with a tenant, keys and calls to paste
    #[command(after_help = DEMO)]
    Demo(Demo),
    /// Run a simulated WhatsApp Cloud API, in a process of its own
    #[command(after_help = simulate::HELP)]
    Simulate(Simulate),
    /// Make, change and list tenants: organizations whose data nobody else sees
    Tenant {
        /// What to do with tenants.
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Make, list and revoke API keys
    Key {
        /// What to do with keys.
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Connect WhatsApp numbers to a tenant, and pause, resume or remove them
    Channel {
        /// What to do with channels.
        #[command(subcommand)]
        command: ChannelCommand,
    },
    /// Show contacts and their consents, make two one, and take them apart again
    Contact {
        /// What to do with contacts.
        #[command(subcommand)]
        command: ContactCommand,
    },
    /// List conversations, close them, and open them again
    Conversation {
        /// What to do with conversations.
        #[command(subcommand)]
        command: ConversationCommand,
    },
    /// Write a tenant's contacts, messages or conversations to a file
    #[command(after_help = export::HELP)]
    Export(Export),
    /// Make or change contacts from a CSV file
    #[command(after_help = import::HELP)]
    Import(Import),
    /// Look at what Meta posted, and have it applied again
    Inbound {
        /// What to do with it.
        #[command(subcommand)]
        command: InboundCommand,
    },
    /// Have addresses told of what happens
    Webhook {
        /// What to do with webhooks.
        #[command(subcommand)]
        command: WebhookCommand,
    },
    /// Look at what webhooks were told, and have it told again
    Deliveries {
        /// What to do with it.
        #[command(subcommand)]
        command: DeliveryCommand,
    },
    /// See how far bulk jobs are, and pause, resume, cancel or retry them
    Job {
        /// What to do with jobs.
        #[command(subcommand)]
        command: JobCommand,
    },
    /// List message templates, or ask Meta for them
    Template {
        /// What to do with templates.
        #[command(subcommand)]
        command: TemplateCommand,
    },
    /// See how far a message got, or take it back
    Message {
        /// What to do with messages.
        #[command(subcommand)]
        command: MessageCommand,
    },
}

/// How the server runs.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address to listen on; any but loopback opens the server to the network
    /// [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT", value_parser = listen)]
    pub(crate) listen: Option<SocketAddr>,
    /// Run a WhatsApp simulator inside; tenants without a number get a simulated one
    #[arg(long)]
    pub(crate) sandbox: bool,
}

/// How the demo runs.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The address to listen on; any but loopback opens the server to the network
    /// [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT", value_parser = listen)]
    pub(crate) listen: Option<SocketAddr>,
    /// A demo has a simulator anyway.
    #[arg(long, hide = true)]
    pub(crate) sandbox: bool,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and print its secret, once
    #[command(after_help = CREATE_KEY)]
    Create(CreateKey),
    /// List a tenant's keys, without their secrets
    #[command(after_help = LIST_KEYS)]
    List(Of),
    /// Stop a key for good, on every server within five seconds
    #[command(after_help = REVOKE_KEY)]
    Revoke(RevokeKey),
}

/// A key to be made.
#[derive(Debug, Args)]
pub(crate) struct CreateKey {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    pub(crate) tenant: Slug,
    /// The API that the key opens
    #[arg(long)]
    pub(crate) api: ApiName,
    /// What the key may do, such as contacts:read,contacts:write; only WA.cr has scopes
    /// [default: everything]
    #[arg(long, value_name = "A,B", value_parser = scopes)]
    pub(crate) scopes: Option<Scopes>,
    /// Requests a minute, 0 for no limit [default: FlowIQ 100, WA.cr 60, Flowella 120 for all keys
    /// of the tenant together]
    #[arg(long, value_name = "N")]
    pub(crate) rate_per_minute: Option<u32>,
    /// When the key stops working, such as 2027-01-31T00:00:00Z [default: never]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) expires: Option<Timestamp>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which key to stop.
#[derive(Debug, Args)]
pub(crate) struct RevokeKey {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    pub(crate) tenant: Slug,
    /// The key's id, as `key create` and `key list` print it
    #[arg(long)]
    pub(crate) id: i64,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

// Without words of their own, so that help stays one line an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ApiName {
    Flowiq,
    Flowella,
    Wacr,
}

impl From<ApiName> for Api {
    fn from(name: ApiName) -> Self {
        match name {
            ApiName::Flowiq => Self::FlowIq,
            ApiName::Flowella => Self::Flowella,
            ApiName::Wacr => Self::WaCr,
        }
    }
}

/// Reads an address to listen on, and says how to write one.
pub(crate) fn listen(text: &str) -> Result<SocketAddr, String> {
    let rule = "write ADDRESS:PORT with an address of digits, such as 127.0.0.1:8080 or, for every \
                network, 0.0.0.0:8080";
    text.parse().map_err(|_| rule.to_owned())
}

pub(crate) fn slug(text: &str) -> Result<Slug, String> {
    let rule = "use 1 to 63 lower-case letters, digits and inner hyphens, such as acme-2";
    Slug::parse(text).ok_or_else(|| rule.to_owned())
}

pub(crate) fn country(text: &str) -> Result<Country, String> {
    Country::parse(text).ok_or_else(|| "use a country's two letters, such as ZA or BR".to_owned())
}

fn scopes(text: &str) -> Result<Scopes, String> {
    Scopes::parse(text).map_err(|word| {
        format!(
            "`{word}` is no scope; there are {}",
            Scopes::all().to_string().replace(',', ", ")
        )
    })
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let rule = "write a date and a time with its offset, such as 2027-01-31T00:00:00Z";
    text.parse().map_err(|_| rule.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
