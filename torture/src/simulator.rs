//! The simulated Meta: a process of its own, and its control API.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::plan::Plan;
use crate::server::Process;
use crate::shop::{ACCOUNT, APP_SECRET, LINE, Shop, VERIFY_TOKEN};

const READY_WITHIN: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// A simulator in a process of its own, which nobody kills.
#[derive(Debug)]
pub(crate) struct Simulator {
    _process: Process,
    url: String,
    /// Meta's id of a template whose text takes one value.
    pub(crate) template: String,
    http: reqwest::Client,
    /// What it took, a line a message.
    pub(crate) journal: PathBuf,
}

/// How many webhooks there were.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Counts {
    pub(crate) dropped_updates: u64,
    pub(crate) waiting_updates: u64,
    /// Repeats included.
    pub(crate) webhooks: u64,
    pub(crate) attempts: u64,
    pub(crate) delivered: u64,
    pub(crate) given_up: u64,
}

impl Counts {
    /// Says whether every webhook was answered with 200.
    pub(crate) fn is_quiet(self) -> bool {
        self.waiting_updates == 0 && self.delivered + self.given_up == self.webhooks
    }
}

impl Simulator {
    /// Starts one that tells the shop's server of everything.
    pub(crate) async fn start(
        plan: &Plan,
        shop: &Shop,
        (simulator, server): (SocketAddr, SocketAddr),
    ) -> anyhow::Result<Self> {
        let journal = plan.folder.join("journal.jsonl");
        let mut command = plan.program(&["simulate", "--listen", &simulator.to_string()]);
        let callback_url = format!("http://{server}{}", shop.webhook_path);
        command
            .args(["--line", LINE, "--waba-id", ACCOUNT, "--statuses", "read"])
            .args(["--app-secret", APP_SECRET, "--verify-token", VERIFY_TOKEN])
            .args(["--callback-url", &callback_url, "--retry-pause-ms", "100"])
            .arg("--journal")
            .arg(&journal);
        let mut process = Process::start(command, &plan.folder.join("simulator.log"))?;
        let http = client()?;
        let url = format!("http://{simulator}/simulator");
        let started = Instant::now();
        while http.get(format!("{url}/sent")).send().await.is_err() {
            process.must_live()?;
            anyhow::ensure!(
                started.elapsed() < READY_WITHIN,
                "the simulator is not ready"
            );
            tokio::time::sleep(POLL).await;
        }
        // Else it was another one that answered.
        process.must_live()?;
        let template = template(&http, simulator).await?;
        Ok(Self {
            _process: process,
            url,
            template,
            http,
            journal,
        })
    }

    /// Does something on the control API.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.http.post(format!("{}/{path}", self.url)).json(body);
        answer(path, request).await
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        answer(path, self.http.get(format!("{}/{path}", self.url))).await
    }

    /// Returns the ids of the last messages that were taken.
    pub(crate) async fn last_sent(&self, count: u64) -> anyhow::Result<Vec<String>> {
        let taken = self.get("sent?limit=0").await?["taken"].as_u64();
        let after = taken.unwrap_or(0).saturating_sub(count);
        let sent = self
            .get(&format!("sent?after={after}&limit={count}"))
            .await?;
        let messages = sent["messages"].as_array().map_or(&[][..], Vec::as_slice);
        let wamids = messages.iter().filter_map(|it| it["wamid"].as_str());
        Ok(wamids.map(str::to_owned).collect())
    }

    /// Returns how many webhooks there were.
    pub(crate) async fn counts(&self) -> anyhow::Result<Counts> {
        let mut listed = self.get("webhooks?limit=0").await?;
        serde_json::from_value(listed["counts"].take()).context("the simulator's counts")
    }

    /// Lets nothing go wrong any more.
    pub(crate) async fn behave(&self) -> anyhow::Result<()> {
        self.post("behaviour", &json!({})).await?;
        let faults = self.http.delete(format!("{}/faults", self.url));
        answer("faults", faults).await.map(drop)
    }
}

/// Has Meta approve of a template, and returns its id.
async fn template(http: &reqwest::Client, simulator: SocketAddr) -> anyhow::Result<String> {
    let url = format!("http://{simulator}/v25.0/{ACCOUNT}/message_templates");
    let text = "Your parcel {{1}} is on its way.";
    let template = json!({
        "name": "parcel", "language": "en_US", "category": "UTILITY",
        "components": [
            {"type": "BODY", "text": text, "example": {"body_text": [["7"]]}},
        ],
    });
    let made = answer(
        "templates",
        http.post(url).bearer_auth("any").json(&template),
    )
    .await?;
    let id = made["id"].as_str().map(str::to_owned);
    id.context("no template was made")
}

async fn answer(path: &str, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
    let answer = request.send().await.context("asking the simulator")?;
    let status = answer.status();
    let body: Value = answer.json().await.context("reading the simulator")?;
    anyhow::ensure!(
        status.is_success(),
        "the simulator answers {path} with {status}: {}",
        body["error"]["message"]
    );
    Ok(body)
}

/// Returns a client for this machine.
pub(crate) fn client() -> anyhow::Result<reqwest::Client> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(40))
        .build();
    client.context("making an HTTP client")
}
