//! The command line. Its help is written for people.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::key::{Api, Scopes};
use domain::phone::Country;
use domain::tenant::Slug;
use jiff::Timestamp;

/// A self-hosted server for WhatsApp Business contacts and messages that speaks the APIs of FlowIQ,
/// Flowella and WA.cr.
///
/// Try it:      switchboard demo
/// Run it:      switchboard serve
/// Let one in:  switchboard tenant create --slug acme --name "Acme"
///              switchboard key create --tenant acme --api flowiq
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the data is; the same for every command.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Place {
    /// The folder of the embedded database, made when missing [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// A Postgres database to use instead, such as postgres://user@host/database
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// A TOML file with settings [default: switchboard.toml here, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    ///
    /// Settings come from flags, then from SWITCHBOARD_… in the environment, then from the TOML
    /// file: listen, data_dir, database_url, sandbox, log (such as info or debug), log_format
    /// (text or json).
    Serve(Serve),
    /// Run a server to try things on: a sandbox with a demo tenant, keys and examples to paste
    Demo(Serve),
    /// Make tenants: organizations whose data nobody else sees
    Tenant {
        /// What to do with tenants.
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Make, list and stop API keys
    Key {
        /// What to do with keys.
        #[command(subcommand)]
        command: KeyCommand,
    },
}

/// How the server runs.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Serve {
    /// The address to listen on; anything but loopback opens the server to the network
    /// [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Run the WhatsApp simulator inside; tenants without a number get a simulated one
    #[arg(long)]
    pub(crate) sandbox: bool,
}

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make a tenant, with a default source and a default status for its contacts
    Create(CreateTenant),
}

/// A tenant to be made.
#[derive(Debug, Args)]
pub(crate) struct CreateTenant {
    /// Its short name: lower-case letters, digits, hyphens. FlowIQ calls it tenantId
    #[arg(long, value_parser = slug)]
    pub(crate) slug: Slug,
    /// Its name as people write it
    #[arg(long)]
    pub(crate) name: String,
    /// The country, by two letters, that numbers written with a leading 0 belong to
    #[arg(long, default_value = "ZA", value_parser = country)]
    pub(crate) country: Country,
    /// How many contacts it may have [default: as many as it likes]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) contact_limit: Option<i64>,
    /// The user in charge of contacts that are made without naming one
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) assignee: i64,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and print its secret, once
    Create(CreateKey),
    /// List a tenant's keys, without their secrets
    List(ListKeys),
    /// Stop a key, on every server within five seconds
    Revoke(RevokeKey),
}

/// A key to be made.
#[derive(Debug, Args)]
pub(crate) struct CreateKey {
    /// The tenant's short name
    #[arg(long, value_parser = slug)]
    pub(crate) tenant: Slug,
    /// The API the key opens
    #[arg(long)]
    pub(crate) api: ApiName,
    /// What a WA.cr token may do, such as contacts:read,contacts:write [default: everything]
    #[arg(long, value_name = "A,B", value_parser = scopes)]
    pub(crate) scopes: Option<Scopes>,
    /// Requests a minute; 0 is no limit [default: FlowIQ 100, WA.cr 60, Flowella 120 for all of
    /// the tenant's keys together]
    #[arg(long, value_name = "N")]
    pub(crate) rate_per_minute: Option<u32>,
    /// When the key stops working, such as 2027-01-31T00:00:00Z [default: never]
    #[arg(long, value_name = "RFC3339")]
    pub(crate) expires: Option<Timestamp>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whose keys to list.
#[derive(Debug, Args)]
pub(crate) struct ListKeys {
    /// The tenant's short name
    #[arg(long, value_parser = slug)]
    pub(crate) tenant: Slug,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which key to stop.
#[derive(Debug, Args)]
pub(crate) struct RevokeKey {
    /// The tenant's short name
    #[arg(long, value_parser = slug)]
    pub(crate) tenant: Slug,
    /// The key's id, as `key create` and `key list` print it
    #[arg(long)]
    pub(crate) id: i64,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// The APIs by the names the command line has for them.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ApiName {
    /// Keys that begin with fiq_
    Flowiq,
    /// Keys that begin with flo_
    Flowella,
    /// Tokens that begin with apitk_
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

fn slug(text: &str) -> Result<Slug, String> {
    let rule = "use 1 to 63 lower-case letters, digits and inner hyphens, such as acme-2";
    Slug::parse(text).ok_or_else(|| rule.to_owned())
}

fn country(text: &str) -> Result<Country, String> {
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

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
