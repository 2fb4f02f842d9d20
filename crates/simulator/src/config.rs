//! How a simulator behaves unless told otherwise.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use domain::Clock;
use serde::{Deserialize, Serialize};

/// How a simulator runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// What the limits, the windows and the lives of files go by.
    pub clock: Clock,
    /// The rules of every line that has none of its own.
    pub rules: Rules,
    /// Whether only templates that exist are sent, in every account that says nothing else.
    pub strict_templates: bool,
    /// Whether webhooks give everybody a business-scoped user id, as Meta's do since 2026, and not
    /// only those who were added with one.
    pub user_ids: bool,
    /// Whether the files that messages link to are fetched, and missed when they are not there.
    pub fetches_links: bool,
    /// The pause before the second retry of a webhook; each that follows doubles it. The first
    /// comes at once.
    pub retry_pause: Duration,
    /// A file that gets a line for every message taken, before its answer.
    pub journal: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: Clock::system(),
            rules: Rules::default(),
            strict_templates: false,
            user_ids: false,
            fetches_links: false,
            retry_pause: Duration::from_secs(5),
            journal: None,
        }
    }
}

/// What a line is held to; by default to nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// How many messages it may send in any second; 0 is no limit.
    pub tier_per_second: u32,
    /// Whether one person takes no more than 45 messages at once and one in 6 seconds.
    pub limits_pairs: bool,
    /// What happens to a message to somebody who has not written for a day.
    pub window: Window,
    /// How far every message gets.
    pub statuses: Reports,
}

/// What happens to a message, other than a template, outside the 24 hours after a person wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Nothing.
    #[default]
    Ignored,
    /// It is taken, and a webhook says that it failed; as Meta mostly does it.
    Reported,
    /// It is refused.
    Refused,
}

/// How far messages get, as webhooks tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reports {
    /// Nothing is told, except failures.
    #[default]
    None,
    /// Sent, and not more.
    Sent,
    /// Sent and delivered.
    Delivered,
    /// Sent, delivered and read.
    Read,
}
