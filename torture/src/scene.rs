//! Everybody but the server: the simulator, the shop, the database beside it, and what was told.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use storage::{Database, Job, Store};

use crate::plan::Plan;
use crate::program::free_address;
use crate::shop::Shop;
use crate::simulator::{self, Simulator};
use crate::told::Told;

/// A run that lasts longer may wait for answers that never come, which the server does for 20
/// seconds.
const LONG: Duration = Duration::from_secs(30);

/// More jobs and messages than anybody has.
pub(crate) const ALL: i64 = 100_000;

/// Everybody but the server.
#[derive(Debug)]
pub(crate) struct Scene {
    /// Where the server listens, whenever it lives.
    pub(crate) server: SocketAddr,
    pub(crate) simulator: Simulator,
    pub(crate) shop: Shop,
    /// Opened as a tool beside the server.
    pub(crate) database: Database,
    pub(crate) store: Store,
    pub(crate) told: Told,
    /// Whether there is time to wait for answers that never come.
    pub(crate) has_time: bool,
    http: reqwest::Client,
}

impl Scene {
    /// Makes the shop and starts the simulator.
    pub(crate) async fn set(plan: &Plan) -> anyhow::Result<Self> {
        let addresses = (free_address()?, free_address()?);
        let shop = Shop::open(plan, addresses.0)?;
        let simulator = Simulator::start(plan, &shop, addresses).await?;
        let database = Database::open(plan.beside()).await?;
        Ok(Self {
            server: addresses.1,
            simulator,
            store: database.store_for(shop.tenant),
            database,
            shop,
            told: Told::default(),
            has_time: plan.lasting > LONG,
            http: simulator::client()?,
        })
    }

    /// Asks the server; nothing where nobody answers.
    pub(crate) async fn ask(&self, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
        answer(self.request(path, key).json(body)).await
    }

    /// Asks the server for what is to be done once, however often it is asked for under this name.
    pub(crate) async fn ask_once(
        &self,
        name: &str,
        (path, key): (&str, &str),
        body: &Value,
    ) -> Option<(u16, Value)> {
        let request = self.request(path, key).header("Idempotency-Key", name);
        answer(request.json(body)).await
    }

    fn request(&self, path: &str, key: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.server);
        self.http.request(Method::POST, url).bearer_auth(key)
    }

    /// Says whether the server answers a question with 200.
    pub(crate) async fn answers(&self, path: &str) -> bool {
        let url = format!("http://{}{path}", self.server);
        let answer = self.http.get(url).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Returns every job there is.
    pub(crate) async fn jobs(&self) -> anyhow::Result<Vec<Job>> {
        Ok(self.store.jobs(ALL).await?)
    }

    pub(crate) async fn close(&self) {
        self.database.close().await;
    }
}

async fn answer(request: RequestBuilder) -> Option<(u16, Value)> {
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    // An answer whose body is cut off acknowledges nothing.
    Some((status, answer.json().await.ok()?))
}
