//! Settings: flags before environment before file before defaults. What is not known stops the
//! start, for a misspelled setting is one that is silently not set.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use operations::{Guard, PublicUrl};
use storage::Location;
use toml::Value;
use tracing::level_filters::LevelFilter;

use crate::arguments::{self, Arguments, Command};
use crate::keep::{self, Keep};
use crate::verifier;

const PREFIX: &str = "SWITCHBOARD_";
/// Names the file, so it cannot stand in it.
const CONFIG: &str = "SWITCHBOARD_CONFIG";
const DEFAULT_FILE: &str = "switchboard.toml";
/// In the data directory.
const MASTER_KEY_FILE: &str = "master.key";

/// Every setting but the verifier's and how long what is kept, by its name in the file; in the
/// environment it has the prefix and capitals.
const NAMES: [&str; 10] = [
    "listen",
    "data_dir",
    "database_url",
    "sandbox",
    "log",
    "log_format",
    "master_key",
    "master_key_file",
    "allow_private_addresses",
    "public_url",
];

fn names() -> impl Iterator<Item = &'static str> {
    let named = NAMES.into_iter().chain(keep::NAMES);
    named.chain(verifier::NAMES)
}

/// What the server goes by.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) database_url: Option<String>,
    pub(crate) sandbox: bool,
    pub(crate) log: LevelFilter,
    pub(crate) log_format: LogFormat,
    pub(crate) master_key: MasterKey,
    pub(crate) keep: Keep,
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) verifier: verifier::Choice,
    pub(crate) guard: Guard,
}

/// Where the key is that seals tokens and app secrets.
#[derive(Clone)]
pub(crate) enum MasterKey {
    /// Given as it is; older keys may follow it.
    Given(String),
    /// In a file.
    File(PathBuf),
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Default)]
struct Layer {
    listen: Option<SocketAddr>,
    data_dir: Option<PathBuf>,
    database_url: Option<String>,
    sandbox: Option<bool>,
    log: Option<LevelFilter>,
    log_format: Option<LogFormat>,
    master_key: Option<MasterKey>,
    keep: Keep,
    public_url: Option<PublicUrl>,
    verifier: verifier::Choice,
    guard: Option<Guard>,
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
            master_key: self.master_key.or(below.master_key),
            keep: self.keep.over(below.keep),
            public_url: self.public_url.or(below.public_url),
            verifier: self.verifier.over(below.verifier),
            guard: self.guard.or(below.guard),
        }
    }

    /// Takes one setting of the file or the environment; an error quotes no value, for it may be
    /// a password in the wrong place.
    fn set(&mut self, name: &str, value: &Value) -> Result<(), Wrong> {
        match name {
            "listen" => self.listen = Some(arguments::listen(text(value)?).map_err(Wrong::Value)?),
            "data_dir" => self.data_dir = Some(text(value)?.into()),
            "database_url" => self.database_url = Some(text(value)?.to_owned()),
            "sandbox" => self.sandbox = Some(boolean(value)?),
            "log" => self.log = Some(level(text(value)?)?),
            "log_format" => self.log_format = Some(log_format(text(value)?)?),
            "master_key" => {
                self.master_key = Some(MasterKey::Given(text(value)?.to_owned()));
            }
            "master_key_file" => {
                self.master_key = Some(MasterKey::File(text(value)?.into()));
            }
            "allow_private_addresses" => self.guard = Some(guard(value)?),
            name if keep::NAMES.contains(&name) => self.keep.set(name, value)?,
            "public_url" => self.public_url = Some(public_url(value)?),
            _ => self.verifier.set(name, value)?,
        }
        Ok(())
    }
}

/// What is wrong with a setting.
#[derive(Debug)]
pub(crate) enum Wrong {
    Name,
    Value(String),
}

pub(crate) fn value(rule: &str) -> Wrong {
    Wrong::Value(rule.to_owned())
}

/// Reads a text.
pub(crate) fn text(given: &Value) -> Result<&str, Wrong> {
    given.as_str().ok_or_else(|| value("write it in quotes"))
}

fn boolean(given: &Value) -> Result<bool, Wrong> {
    match given {
        Value::Boolean(is_on) => Ok(*is_on),
        Value::String(text) if ["1", "true"].contains(&text.as_str()) => Ok(true),
        Value::String(text) if ["0", "false"].contains(&text.as_str()) => Ok(false),
        _ => Err(value("write true or false")),
    }
}

/// Reads a list, which the environment writes with commas.
fn guard(given: &Value) -> Result<Guard, Wrong> {
    let entries: Vec<&str> = match given {
        Value::Array(entries) => entries.iter().map(text).collect::<Result<_, _>>()?,
        _ => text(given)?.split(',').collect(),
    };
    Guard::allowing(&entries).map_err(|error| value(&error.to_string()))
}

fn public_url(given: &Value) -> Result<PublicUrl, Wrong> {
    let rule = || value("write an address such as https://api.example.com");
    PublicUrl::parse(text(given)?).ok_or_else(rule)
}

fn level(text: &str) -> Result<LevelFilter, Wrong> {
    match text {
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        "trace" => Ok(LevelFilter::TRACE),
        _ => Err(value("write error, warn, info, debug or trace")),
    }
}

fn log_format(text: &str) -> Result<LogFormat, Wrong> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(value("write text or json")),
    }
}

/// Reads all sources.
pub(crate) fn read(arguments: &Arguments) -> anyhow::Result<Settings> {
    let environment = from_environment(std::env::vars_os())?;
    let config = arguments.place.config.clone().or(environment.config);
    let file = from_file(config.as_deref())?;
    let (listen, sandbox) = match &arguments.command {
        Command::Serve(serve) => (serve.listen, serve.sandbox.then_some(true)),
        Command::Demo(demo) => (demo.listen, Some(true)),
        Command::Simulate(_)
        | Command::Tenant { .. }
        | Command::Key { .. }
        | Command::Channel { .. }
        | Command::Contact { .. }
        | Command::Export(_)
        | Command::Import(_)
        | Command::Inbound { .. }
        | Command::Webhook { .. }
        | Command::Deliveries { .. }
        | Command::Job { .. }
        | Command::Conversation { .. }
        | Command::Template { .. }
        | Command::Message { .. } => (None, None),
    };
    let flags = Layer {
        listen,
        data_dir: arguments.place.data_dir.clone(),
        database_url: arguments.place.database_url.clone(),
        sandbox,
        ..Layer::default()
    };
    let chosen = flags.over(environment.layer).over(file);
    let database_url = chosen.database_url.filter(|url| !url.is_empty());
    if let Some(url) = &database_url
        && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
    {
        bail!(
            "the database URL must begin with postgres://; leave it out to use the embedded \
             database in the data directory"
        );
    }
    let data_dir = chosen.data_dir.unwrap_or_else(|| PathBuf::from("data"));
    let beside_the_data = || MasterKey::File(data_dir.join(MASTER_KEY_FILE));
    Ok(Settings {
        master_key: chosen.master_key.unwrap_or_else(beside_the_data),
        guard: chosen.guard.unwrap_or_default(),
        listen: chosen
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
        data_dir,
        database_url,
        sandbox: chosen.sandbox.unwrap_or(false),
        keep: chosen.keep,
        public_url: chosen.public_url,
        log: chosen.log.unwrap_or_else(|| quiet(&arguments.command)),
        log_format: chosen.log_format.unwrap_or_default(),
        verifier: chosen.verifier,
    })
}

/// A command says what it did; a server also says what it is doing.
fn quiet(command: &Command) -> LevelFilter {
    match command {
        Command::Serve(_) | Command::Demo(_) | Command::Simulate(_) => LevelFilter::INFO,
        Command::Tenant { .. }
        | Command::Key { .. }
        | Command::Channel { .. }
        | Command::Contact { .. }
        | Command::Export(_)
        | Command::Import(_)
        | Command::Inbound { .. }
        | Command::Webhook { .. }
        | Command::Deliveries { .. }
        | Command::Job { .. }
        | Command::Conversation { .. }
        | Command::Template { .. }
        | Command::Message { .. } => LevelFilter::WARN,
    }
}

/// What the environment says.
#[derive(Default)]
struct Environment {
    config: Option<PathBuf>,
    layer: Layer,
}

fn from_environment(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> anyhow::Result<Environment> {
    let mut environment = Environment::default();
    for (name, value) in variables {
        let name = name.to_string_lossy();
        let Some(short) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if value.is_empty() {
            // As container tools write a variable that is not set.
            check_name(short)?;
            continue;
        }
        if name == CONFIG {
            environment.config = Some(value.into());
            continue;
        }
        let value = value
            .into_string()
            .map_err(|_| anyhow!("{name} is not UTF-8"))?;
        let setting = setting(short)?;
        let set = environment.layer.set(setting, &Value::String(value));
        set.map_err(|wrong| match wrong {
            Wrong::Name => unknown_variable(&name),
            Wrong::Value(rule) => anyhow!("{name}: {rule}"),
        })?;
    }
    Ok(environment)
}

fn check_name(short: &str) -> anyhow::Result<()> {
    if short == "CONFIG" {
        return Ok(());
    }
    setting(short).map(drop)
}

/// Returns the setting that the environment spells in capitals.
fn setting(short: &str) -> anyhow::Result<&'static str> {
    let found = names().find(|name| name.to_uppercase() == short);
    found.ok_or_else(|| unknown_variable(&format!("{PREFIX}{short}")))
}

fn unknown_variable(name: &str) -> anyhow::Error {
    let known = names().map(|name| format!("{PREFIX}{}", name.to_uppercase()));
    let known: Vec<String> = known.collect();
    anyhow!(
        "{name} in the environment is no setting; there are {} and {CONFIG}",
        known.join(", ")
    )
}

fn from_file(named: Option<&Path>) -> anyhow::Result<Layer> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Layer::default());
        }
        Err(error) => return Err(error).context(format!("cannot read the settings in {shown}")),
    };
    from_toml(&text).with_context(|| format!("the settings in {shown}"))
}

fn from_toml(text: &str) -> anyhow::Result<Layer> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // Not the line itself, which may hold a password.
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        anyhow!("line {line}: {}", error.message())
    })?;
    let mut layer = Layer::default();
    for (name, value) in &table {
        layer.set(name, value).map_err(|wrong| match wrong {
            Wrong::Name => {
                let known: Vec<&str> = names().collect();
                anyhow!("`{name}` is no setting; there are {}", known.join(", "))
            }
            Wrong::Value(rule) => anyhow!("{name}: {rule}"),
        })?;
    }
    Ok(layer)
}

#[cfg(test)]
mod tests {
    use super::{Environment, Layer, LevelFilter, LogFormat, from_environment, from_toml};

    fn environment(pairs: &[(&str, &str)]) -> anyhow::Result<Environment> {
        from_environment(
            pairs
                .iter()
                .map(|(name, value)| (name.into(), value.into())),
        )
    }

    fn complaint<T>(result: anyhow::Result<T>) -> String {
        format!("{:#}", result.err().expect("a complaint"))
    }

    #[test]
    fn the_environment_is_read_and_what_is_empty_is_not_set() {
        let environment = environment(&[
            ("SWITCHBOARD_LISTEN", "127.0.0.1:9"),
            ("SWITCHBOARD_SANDBOX", "1"),
            ("SWITCHBOARD_LOG_FORMAT", "json"),
            ("SWITCHBOARD_LOG", "debug"),
            ("SWITCHBOARD_DATA_DIR", ""),
            ("SWITCHBOARD_CONFIG", "x.toml"),
            ("PATH", "/bin"),
        ]);
        let Environment { config, layer } = environment.unwrap();
        assert_eq!(config.unwrap().to_str(), Some("x.toml"));
        assert_eq!(layer.listen.unwrap().port(), 9);
        assert_eq!(layer.sandbox, Some(true));
        assert_eq!(layer.log_format, Some(LogFormat::Json));
        assert_eq!(layer.log, Some(LevelFilter::DEBUG));
        assert_eq!(layer.data_dir, None);
    }

    #[test]
    fn a_misspelled_variable_is_told_with_those_there_are() {
        for (name, value) in [
            ("SWITCHBOARD_LISTN", "127.0.0.1:9"),
            ("SWITCHBOARD_LISTN", ""),
        ] {
            let told = complaint(environment(&[(name, value)]));
            assert!(told.contains("SWITCHBOARD_LISTN "), "{told}");
            assert!(told.contains("SWITCHBOARD_LISTEN,"), "{told}");
            assert!(told.contains("SWITCHBOARD_CONFIG"), "{told}");
        }
        assert!(environment(&[("SWITCHBOARD_Listen", "127.0.0.1:9")]).is_err());
    }

    #[test]
    fn a_wrong_value_is_told_by_its_name_and_never_quoted() {
        for (name, rule) in [
            ("LISTEN", "ADDRESS:PORT"),
            ("SANDBOX", "true or false"),
            ("LOG", "info"),
            ("LOG_FORMAT", "json"),
        ] {
            let name = format!("SWITCHBOARD_{name}");
            let told = complaint(environment(&[(name.as_str(), "hush-secret")]));
            assert!(told.starts_with(&name) && told.contains(rule), "{told}");
            assert!(!told.contains("hush"), "{told}");
        }
    }

    #[test]
    fn private_addresses_are_a_list_in_the_file_and_a_text_in_the_environment() {
        let file = from_toml("allow_private_addresses = [\"10.0.0.0/8\", \"media.internal\"]");
        let variable = "SWITCHBOARD_ALLOW_PRIVATE_ADDRESSES";
        let environment = environment(&[(variable, "10.0.0.0/8, media.internal")]);
        let guard = file.unwrap().guard;
        assert!(guard.is_some());
        assert_eq!(environment.unwrap().layer.guard, guard);
        for wrong in ["[\"hush/64\"]", "[\"10.0.0.0/33\"]", "[7]", "true"] {
            let told = complaint(from_toml(&format!("allow_private_addresses = {wrong}")));
            assert!(told.contains("allow_private_addresses: write"), "{told}");
            assert!(!told.contains("hush"), "{told}");
        }
    }

    #[test]
    fn a_file_with_an_unknown_key_is_refused_and_a_broken_line_is_not_quoted() {
        let told = complaint(from_toml("lissen = \"127.0.0.1:9\""));
        assert!(
            told.contains("`lissen`") && told.contains("listen,"),
            "{told}"
        );
        let told = complaint(from_toml(
            "log = \"info\"\ndatabase_url = \"postgres://u:hush@h",
        ));
        assert!(told.contains("line 2") && !told.contains("hush"), "{told}");
        assert!(complaint(from_toml("listen = 3")).contains("listen: write it in quotes"));
    }

    #[test]
    fn what_is_nearer_wins() {
        let flags = Layer {
            log: Some(LevelFilter::DEBUG),
            ..Layer::default()
        };
        let chosen = flags.over(from_toml("log = \"warn\"\nsandbox = true").unwrap());
        assert_eq!(chosen.log, Some(LevelFilter::DEBUG));
        assert_eq!(chosen.sandbox, Some(true));
    }
}
