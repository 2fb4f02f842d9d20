//! Settings: flags before environment before file before defaults. What is not known stops the
//! start, for a misspelled setting is one that is silently not set.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;
use storage::Location;

use crate::arguments::{Arguments, Command, Serve};

const PREFIX: &str = "SWITCHBOARD_";
const DEFAULT_FILE: &str = "switchboard.toml";

/// What the server goes by.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) database_url: Option<String>,
    pub(crate) sandbox: bool,
    pub(crate) log: String,
    pub(crate) log_format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

impl Settings {
    /// Returns where the data is.
    pub(crate) fn location(&self) -> Location {
        match &self.database_url {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Directory(self.data_dir.clone()),
        }
    }
}

/// One source of settings: the file, the environment or the flags.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layer {
    listen: Option<SocketAddr>,
    data_dir: Option<PathBuf>,
    database_url: Option<String>,
    sandbox: Option<bool>,
    log: Option<String>,
    log_format: Option<LogFormat>,
}

impl Layer {
    fn over(self, below: Self) -> Self {
        Self {
            listen: self.listen.or(below.listen),
            data_dir: self.data_dir.or(below.data_dir),
            database_url: self.database_url.or(below.database_url),
            sandbox: self.sandbox.or(below.sandbox),
            log: self.log.or(below.log),
            log_format: self.log_format.or(below.log_format),
        }
    }
}

/// Reads all sources.
pub(crate) fn read(arguments: &Arguments) -> anyhow::Result<Settings> {
    let mut environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_lowercase(), value)))
        .collect();
    let config = environment.remove("config").map(PathBuf::from);
    let config = arguments.place.config.clone().or(config);
    let file = read_file(config.as_deref())?;
    let environment = from_environment(environment)?;
    let serve = match &arguments.command {
        Command::Serve(serve) | Command::Demo(serve) => serve.clone(),
        Command::Tenant { .. } | Command::Key { .. } => Serve::default(),
    };
    let flags = Layer {
        listen: serve.listen,
        data_dir: arguments.place.data_dir.clone(),
        database_url: arguments.place.database_url.clone(),
        sandbox: serve.sandbox.then_some(true),
        ..Layer::default()
    };
    let chosen = flags.over(environment).over(file);
    let is_demo = matches!(arguments.command, Command::Demo(_));
    let database_url = chosen.database_url.filter(|url| !url.is_empty());
    if let Some(url) = &database_url
        && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
    {
        bail!("the database URL must begin with postgres://; leave it out for the embedded one");
    }
    Ok(Settings {
        listen: chosen
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
        data_dir: chosen.data_dir.unwrap_or_else(|| PathBuf::from("data")),
        database_url,
        sandbox: is_demo || chosen.sandbox.unwrap_or(false),
        log: chosen.log.unwrap_or_else(|| "info".to_owned()),
        log_format: chosen.log_format.unwrap_or_default(),
    })
}

fn read_file(named: Option<&Path>) -> anyhow::Result<Layer> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Layer::default());
        }
        Err(error) => return Err(error).with_context(|| format!("settings {}", path.display())),
    };
    toml::from_str(&text).with_context(|| format!("settings {}", path.display()))
}

/// The environment has only texts, so booleans and addresses are read from them.
fn from_environment(variables: BTreeMap<String, String>) -> anyhow::Result<Layer> {
    let mut table = toml::Table::new();
    for (name, value) in variables {
        let is_boolean = name == "sandbox";
        let value = match (is_boolean, value.as_str()) {
            (true, "1" | "true") => toml::Value::Boolean(true),
            (true, "0" | "false" | "") => toml::Value::Boolean(false),
            _ => toml::Value::String(value),
        };
        table.insert(name, value);
    }
    table
        .try_into()
        .context("settings in the environment, SWITCHBOARD_…")
}

#[cfg(test)]
mod tests {
    use super::{Layer, LogFormat, from_environment};

    fn environment(pairs: &[(&str, &str)]) -> anyhow::Result<Layer> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        from_environment(pairs.iter().map(owned).collect())
    }

    #[test]
    fn the_environment_is_read_and_a_misspelled_name_is_told() {
        let layer = environment(&[
            ("listen", "127.0.0.1:9"),
            ("sandbox", "1"),
            ("log_format", "json"),
        ])
        .unwrap();
        assert_eq!(layer.listen.unwrap().port(), 9);
        assert_eq!(layer.sandbox, Some(true));
        assert_eq!(layer.log_format, Some(LogFormat::Json));
        let error = format!(
            "{:#}",
            environment(&[("listn", "127.0.0.1:9")]).unwrap_err()
        );
        assert!(
            error.contains("listn") && error.contains("listen"),
            "{error}"
        );
    }

    #[test]
    fn a_file_with_an_unknown_key_is_refused() {
        let error = toml::from_str::<Layer>("lissen = \"127.0.0.1:9\"").unwrap_err();
        assert!(error.to_string().contains("lissen"), "{error}");
    }

    #[test]
    fn what_is_nearer_wins() {
        let flags = environment(&[("log", "debug")]).unwrap();
        let file = environment(&[("log", "warn"), ("sandbox", "true")]).unwrap();
        let chosen = flags.over(file);
        assert_eq!(chosen.log.as_deref(), Some("debug"));
        assert_eq!(chosen.sandbox, Some(true));
    }
}
