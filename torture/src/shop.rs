//! A tenant with keys and a number.

use std::net::SocketAddr;

use anyhow::Context as _;
use domain::ids::{ChannelId, TenantId};
use serde_json::Value;

use crate::plan::Plan;

/// Meta's ids of the number and its account.
pub(crate) const LINE: &str = "106540352242922";
pub(crate) const ACCOUNT: &str = "102290129340398";

pub(crate) const APP_SECRET: &str = "a-secret-of-the-crash-test";
pub(crate) const VERIFY_TOKEN: &str = "a-word-of-the-crash-test";

/// A tenant with keys and a number.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) tenant: TenantId,
    pub(crate) channel: ChannelId,
    pub(crate) flowiq: String,
    pub(crate) flowella: String,
    /// Where Meta posts to.
    pub(crate) webhook_path: String,
}

impl Shop {
    /// Opens a shop whose number is the simulator's that will listen at an address.
    pub(crate) fn open(plan: &Plan, simulator: SocketAddr) -> anyhow::Result<Self> {
        let create = [
            "tenant", "create", "--slug", "shop", "--name", "Shop", "--json",
        ];
        let made = plan.ask(&create)?;
        let tenant = made["tenant"]["id"].as_i64().and_then(TenantId::new);
        let key = |api| {
            let create = ["key", "create", "--tenant", "shop", "--api", api];
            let unlimited = ["--rate-per-minute", "0", "--json"];
            text(
                &plan.ask(&[&create[..], &unlimited].concat())?["key"],
                "key",
            )
        };
        let (flowiq, flowella) = (key("flowiq")?, key("flowella")?);
        let graph_url = format!("http://{simulator}");
        let create = ["channel", "create", "--tenant", "shop", "--json"];
        let number = ["--phone-number-id", LINE, "--waba-id", ACCOUNT];
        let number = [&number[..], &["--number", "+27110000001", "--token", "any"]].concat();
        let app = ["--app-secret", APP_SECRET, "--verify-token", VERIFY_TOKEN];
        let more = ["--graph-url", &graph_url, "--tier-per-second", "1000"];
        let made = plan.ask(&[&create[..], &number, &app, &more].concat())?;
        let channel = made["channel"]["id"].as_i64().and_then(ChannelId::new);
        Ok(Self {
            tenant: tenant.context("no tenant was made")?,
            channel: channel.context("no channel was made")?,
            flowiq,
            flowella,
            webhook_path: text(&made["webhook_path"], "webhook path")?,
        })
    }
}

fn text(value: &Value, what: &str) -> anyhow::Result<String> {
    let text = value.as_str().map(str::to_owned);
    text.with_context(|| format!("no {what} was made"))
}
