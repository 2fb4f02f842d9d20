//! The log: to standard error, as text for people or JSON for machines.

use std::io::IsTerminal;

use anyhow::Context;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

use crate::settings::{LogFormat, Settings};

/// Our crates, which take care what they log. Others are heard only when something is wrong: at
/// `debug` the Postgres client would log every statement with its values, messages and all.
const OURS: [&str; 8] = [
    "switchboard",
    "cloud_api",
    "domain",
    "operations",
    "simulator",
    "storage",
    "web",
    "server",
];

/// Starts the log, and makes panics part of it.
pub(crate) fn start(settings: &Settings) -> anyhow::Result<()> {
    let level = settings.log;
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(OURS.map(|name| (name, level)));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match settings.log_format {
        LogFormat::Text => log.with_target(false).with_ansi(has_colours()).boxed(),
        LogFormat::Json => log.json().flatten_event(true).boxed(),
    };
    let subscriber = tracing_subscriber::registry().with(log.with_filter(filter));
    tracing::subscriber::set_global_default(subscriber).context("the log could not be started")?;
    std::panic::set_hook(Box::new(|panic| {
        // Where, not what: the words of a panic may quote somebody's data.
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "a task panicked; please report this as a bug");
    }));
    Ok(())
}

/// Colours are for eyes: <https://no-color.org> says how to be spared them.
fn has_colours() -> bool {
    let is_spared = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !is_spared
}
