//! Who says whether a number is on WhatsApp: the settings, and what is made of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use domain::Clock;
use jiff::SignedDuration;
use operations::{
    Ages, AskClient, AskTimeouts, EvidenceVerifier, EvolutionGateway, Gateway, HttpGateway,
    HttpTemplate, RemoteVerifier, SimulatorVerifier, Verifier, WahaGateway, WuzapiGateway,
};
use toml::Value;

use crate::settings::{Wrong, text};

/// The settings, all of them texts; which of them matter, the first one says.
pub(crate) const NAMES: [&str; 15] = [
    "verifier",
    "verifier_url",
    "verifier_key",
    "verifier_key_file",
    "verifier_instance",
    "verifier_session",
    "verifier_method",
    "verifier_headers",
    "verifier_body",
    "verifier_answer",
    "verifier_yes",
    "verifier_no",
    "verifier_wa_id",
    "verifier_keep_yes_days",
    "verifier_keep_no_hours",
];

const KINDS: &str = "evidence, simulator, evolution, waha, wuzapi or http";

/// What was set, by name.
#[derive(Clone, Default)]
pub(crate) struct Choice(BTreeMap<&'static str, String>);

impl Choice {
    /// Takes one setting.
    pub(crate) fn set(&mut self, name: &str, value: &Value) -> Result<(), Wrong> {
        let known = NAMES.iter().find(|known| **known == name);
        let name = known.ok_or(Wrong::Name)?;
        let value = match value {
            Value::Integer(number) => number.to_string(),
            other => text(other)?.to_owned(),
        };
        self.0.insert(name, value);
        Ok(())
    }

    /// Lays these settings over others.
    pub(crate) fn over(self, below: Self) -> Self {
        let mut all = below.0;
        all.extend(self.0);
        Self(all)
    }

    /// Returns the verifier that was chosen; without a choice, the simulator where there is one.
    ///
    /// What is missing, wrong or of no use stops the start; no message quotes a value.
    pub(crate) fn verifier(
        mut self,
        clock: &Clock,
        graph_url: Option<&str>,
    ) -> anyhow::Result<Arc<dyn Verifier>> {
        let default = if graph_url.is_some() {
            "simulator"
        } else {
            "evidence"
        };
        let kind = self.take("verifier").unwrap_or_else(|| default.to_owned());
        let verifier: Arc<dyn Verifier> = match kind.as_str() {
            "simulator" => Arc::new(self.simulator(graph_url)?),
            "evidence" => Arc::new(EvidenceVerifier::new(clock.clone(), self.ages()?)),
            "evolution" | "waha" | "wuzapi" | "http" => {
                let gateway = self.gateway(&kind)?;
                Arc::new(RemoteVerifier::new(gateway, clock.clone(), self.ages()?))
            }
            _ => bail!("verifier: write {KINDS}"),
        };
        match self.0.keys().next() {
            Some(name) => bail!("{name} means nothing with verifier = {kind}; leave it out"),
            None => Ok(verifier),
        }
    }

    fn gateway(&mut self, kind: &str) -> anyhow::Result<Box<dyn Gateway>> {
        let client = AskClient::new(AskTimeouts::default())?;
        let url = self.need("verifier_url", kind)?;
        let key = self.key()?;
        let need_key = || key.clone().ok_or_else(|| missing("verifier_key", kind));
        Ok(match kind {
            "evolution" => {
                let instance = self.need("verifier_instance", kind)?;
                let key = need_key()?;
                Box::new(EvolutionGateway::new(client, &url, &instance, &key)?)
            }
            "waha" => {
                let session = self.take("verifier_session");
                let session = session.as_deref().unwrap_or("default");
                Box::new(WahaGateway::new(client, &url, session, key.as_deref())?)
            }
            "wuzapi" => Box::new(WuzapiGateway::new(client, &url, &need_key()?)?),
            _ => Box::new(HttpGateway::new(client, self.template(url, key)?)?),
        })
    }

    fn template(&mut self, url: String, key: Option<String>) -> anyhow::Result<HttpTemplate> {
        let mut or = |name: &'static str, default: &str| {
            let given = self.take(name);
            given.unwrap_or_else(|| default.to_owned())
        };
        Ok(HttpTemplate {
            method: or("verifier_method", "GET"),
            headers: or("verifier_headers", ""),
            yes: or("verifier_yes", "true"),
            no: or("verifier_no", "false"),
            url,
            key,
            body: self.take("verifier_body"),
            answer: self.need("verifier_answer", "http")?,
            wa_id: self.take("verifier_wa_id"),
        })
    }

    fn simulator(&mut self, graph_url: Option<&str>) -> anyhow::Result<SimulatorVerifier> {
        let url = match (self.take("verifier_url"), graph_url) {
            (Some(url), _) => url,
            (None, Some(url)) => url.to_owned(),
            (None, None) => bail!("verifier = simulator needs --sandbox, or a verifier_url"),
        };
        let client = AskClient::new(AskTimeouts::default())?;
        Ok(SimulatorVerifier::new(client, &url)?)
    }

    fn ages(&mut self) -> anyhow::Result<Ages> {
        let default = Ages::default();
        let mut hours = |name: &'static str, each: i64, default: SignedDuration| {
            let Some(given) = self.take(name) else {
                return Ok(default);
            };
            // A century is long enough, and no sum of it is too long.
            let count = given.parse().ok().filter(|it| (0..=876_600).contains(it));
            let count: i64 = count.ok_or_else(|| anyhow!("{name}: write a whole number"))?;
            Ok::<_, anyhow::Error>(SignedDuration::from_hours(count * each))
        };
        Ok(Ages {
            yes: hours("verifier_keep_yes_days", 24, default.yes)?,
            no: hours("verifier_keep_no_hours", 1, default.no)?,
        })
    }

    /// Returns the key, or what is in its file.
    fn key(&mut self) -> anyhow::Result<Option<String>> {
        match (self.take("verifier_key"), self.take("verifier_key_file")) {
            (Some(_), Some(_)) => bail!("give verifier_key or verifier_key_file, not both"),
            (Some(key), None) => Ok(Some(key)),
            (None, Some(path)) => {
                let key = std::fs::read_to_string(Path::new(&path));
                let key =
                    key.with_context(|| format!("cannot read the verifier_key_file {path}"))?;
                let key = key.trim();
                if key.is_empty() {
                    bail!("the verifier_key_file {path} is empty");
                }
                Ok(Some(key.to_owned()))
            }
            (None, None) => Ok(None),
        }
    }

    fn need(&mut self, name: &'static str, kind: &str) -> anyhow::Result<String> {
        self.take(name).ok_or_else(|| missing(name, kind))
    }

    fn take(&mut self, name: &'static str) -> Option<String> {
        self.0.remove(name).filter(|it| !it.is_empty())
    }
}

fn missing(name: &str, kind: &str) -> anyhow::Error {
    let file = match name {
        "verifier_key" => " (or verifier_key_file)",
        _ => "",
    };
    anyhow!("verifier = {kind} needs {name}{file}")
}

#[cfg(test)]
mod tests {
    use super::Choice;
    use domain::Clock;
    use toml::Value;

    /// Reads settings with a `|` between them.
    fn choice(settings: &str) -> Choice {
        let mut choice = Choice::default();
        for (name, value) in settings.split('|').filter_map(|it| it.split_once('=')) {
            choice.set(name, &Value::String(value.into())).unwrap();
        }
        choice
    }

    /// Returns what stops the start with these settings; nothing if nothing.
    fn complaint(settings: &str, graph_url: Option<&str>) -> String {
        let verifier = choice(settings).verifier(&Clock::system(), graph_url);
        verifier
            .err()
            .map_or_else(String::new, |it| format!("{it:#}"))
    }

    #[test]
    fn each_verifier_starts_with_what_it_needs() {
        for settings in [
            "",
            "verifier=evidence|verifier_keep_yes_days=7|verifier_keep_no_hours=0",
            "verifier=evolution|verifier_url=http://h|verifier_instance=main|verifier_key=k",
            "verifier=waha|verifier_url=http://h",
            "verifier=waha|verifier_url=http://h|verifier_session=shop|verifier_key=k",
            "verifier=wuzapi|verifier_url=http://h/x|verifier_key=k|verifier_keep_no_hours=2",
            "verifier=http|verifier_url=http://h/{digits}|verifier_answer=/exists",
            "verifier=simulator|verifier_url=http://h",
        ] {
            assert_eq!(complaint(settings, None), "", "{settings}");
        }
        assert_eq!(complaint("", Some("http://h")), "");
        assert_eq!(complaint("verifier=evidence", Some("http://h")), "");
    }

    #[test]
    fn what_is_missing_or_means_nothing_is_named_and_no_value_quoted() {
        for (settings, said) in [
            ("verifier=hush", "verifier: write evidence, "),
            ("verifier=simulator", "needs --sandbox"),
            ("verifier=evolution", "evolution needs verifier_url"),
            ("verifier=waha", "waha needs verifier_url"),
            (
                "verifier=evolution|verifier_url=http://h|verifier_key=hush",
                "evolution needs verifier_instance",
            ),
            (
                "verifier=evolution|verifier_url=http://h|verifier_instance=a",
                "evolution needs verifier_key (or verifier_key_file)",
            ),
            (
                "verifier=wuzapi|verifier_url=http://h",
                "wuzapi needs verifier_key",
            ),
            (
                "verifier=http|verifier_url=http://{digits}",
                "http needs verifier_answer",
            ),
            (
                "verifier=waha|verifier_url=hush",
                "verifier_url must be an address",
            ),
            (
                "verifier=waha|verifier_url=http://h|verifier_key=hush\u{e9}",
                "verifier_key must be",
            ),
            (
                "verifier=waha|verifier_url=http://h|verifier_instance=hush",
                "verifier_instance means nothing with verifier = waha",
            ),
            (
                "verifier_url=http://hush",
                "verifier_url means nothing with verifier = evidence",
            ),
            (
                "verifier_keep_yes_days=hush",
                "verifier_keep_yes_days: write a whole number",
            ),
            (
                "verifier_keep_no_hours=-1",
                "verifier_keep_no_hours: write a whole number",
            ),
            (
                "verifier=waha|verifier_url=http://h|verifier_key=hush|verifier_key_file=x",
                "verifier_key or verifier_key_file, not both",
            ),
            (
                "verifier=waha|verifier_url=http://h|verifier_key_file=/nowhere",
                "cannot read the verifier_key_file /nowhere",
            ),
        ] {
            let told = complaint(settings, None);
            assert!(
                told.contains(said) && !told.contains("hush"),
                "{settings}: {told}"
            );
        }
    }

    #[test]
    fn the_examples_in_the_documents_start() {
        let page = include_str!("../../../docs/configuration.md");
        let blocks = page.split("```toml\n").skip(1);
        let blocks = blocks.filter_map(|it| it.split("```").next());
        let examples: Vec<&str> = blocks.filter(|it| it.contains("verifier = ")).collect();
        assert_eq!(examples.len(), 7);
        for example in examples {
            let mut choice = Choice::default();
            for (name, value) in &example.parse::<toml::Table>().unwrap() {
                // The files are not on this machine.
                let name = name.strip_suffix("_file").unwrap_or(name);
                choice.set(name, value).unwrap();
            }
            let verifier = choice.verifier(&Clock::system(), None);
            assert!(verifier.is_ok(), "{example}: {:?}", verifier.err());
        }
    }

    #[test]
    fn what_is_nearer_wins_and_the_rest_stays() {
        let all = choice("verifier=evolution").over(choice("verifier=waha|verifier_url=http://h"));
        assert_eq!(all.0["verifier"], "evolution");
        assert_eq!(all.0["verifier_url"], "http://h");
    }
}
