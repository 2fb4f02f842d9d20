//! Where the data is, in words: for those who have to find out why it cannot be opened.

use std::fs::DirBuilder;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use anyhow::{Context, anyhow};
use storage::{Error, Location};

use crate::settings::Settings;

/// Makes a directory that only its owner can look into.
pub(crate) fn make_private(directory: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory);
    made.with_context(|| {
        let directory = directory.display();
        format!("cannot make the data directory {directory}; choose another with --data-dir")
    })
}

/// Names the place, without a password.
pub(crate) fn describe(settings: &Settings) -> String {
    match settings.location() {
        Location::Directory(directory) => {
            let absolute = std::path::absolute(&directory).unwrap_or(directory);
            format!("the data directory {}", absolute.display())
        }
        Location::Postgres(url) => match host(&url) {
            Some(host) => format!("Postgres at {host}"),
            None => "Postgres".to_owned(),
        },
    }
}

/// Says why the place cannot be used, and what to do about it.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn explain(settings: &Settings, error: Error) -> anyhow::Error {
    let said = match &error {
        Error::Unavailable(said) => said.clone(),
        Error::Conflict(_)
        | Error::LimitReached { .. }
        | Error::Busy
        | Error::LeaseLost
        | Error::Refused(_)
        | Error::Corrupt(_) => error.to_string(),
    };
    let advice = advice(&said).map_or_else(String::new, |advice| format!("\n{advice}"));
    anyhow!("cannot use {}: {said}{advice}", describe(settings))
}

/// What the engines' own words mean for an operator.
fn advice(said: &str) -> Option<&'static str> {
    let owner = "The user that runs this command must own the data directory and the files in it.";
    let table = [
        ("unable to open database file", owner),
        ("readonly database", owner),
        ("Permission denied", owner),
        (
            "error connecting to server",
            "Is Postgres running there, and is the database URL right?",
        ),
        (
            "TLS handshake",
            "Connections to Postgres are not encrypted; use sslmode=disable and a private network.",
        ),
        (
            "password missing",
            "Put it into the database URL: postgres://USER:PASSWORD@HOST/DATABASE",
        ),
        (
            "(28P01)",
            "The user or the password in the database URL is wrong.",
        ),
        (
            "(3D000)",
            "Make it: CREATE DATABASE switchboard OWNER switchboard TEMPLATE template0 \
             ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'",
        ),
        (
            "(42501)",
            "The user in the database URL must own the database.",
        ),
    ];
    let found = table.iter().find(|(words, _)| said.contains(words));
    found.map(|(_, advice)| *advice)
}

/// Returns the host and port of a database URL; nothing where that might be part of a password.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    if let Some((_, parameters)) = rest.split_once('?')
        && parameters.contains('@')
    {
        return None;
    }
    let after = rest.rsplit_once('@').map_or(rest, |(_, after)| after);
    let host = after.split(['/', '?']).next()?;
    (!host.is_empty()).then_some(host)
}

/// Returns where this machine reaches a server that listens there: "every address" is none.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        reachable.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    reachable
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_is_named_and_never_a_password() {
        for (url, expected) in [
            ("postgres://u@h/d", Some("h")),
            ("postgres://u:hush@10.0.0.1:5433/d", Some("10.0.0.1:5433")),
            ("postgres://u:hu@sh@h/d", Some("h")),
            ("postgres://u:hu/sh@h/d", Some("h")),
            ("postgres://h?user=u&password=hush", Some("h")),
            ("postgres://h?password=hu@sh", None),
            ("postgres://u:hu?sh@h/d", None),
            ("postgres:///d?host=/run/postgresql", None),
            ("postgres://u:hush@[::1]:5432/d", Some("[::1]:5432")),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }
}
