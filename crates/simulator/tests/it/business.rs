//! A business that sends through a simulator of its own.

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use simulator::{Config, Simulator};

/// The business's `phone_number_id`, and so its number.
pub(crate) const LINE: &str = "106540352242922";

pub(crate) struct Business {
    pub(crate) simulator: Simulator,
    http: Client,
}

impl Business {
    pub(crate) async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    pub(crate) async fn start_with(config: Config) -> Self {
        let simulator = Simulator::start(config).await.unwrap();
        Self {
            simulator,
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.graph_url())
    }

    /// Begins a request with nothing in it.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(self.url(path))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        read(self.http.get(self.url(path)).send().await.unwrap()).await
    }

    /// Begins a request of any method, with a token.
    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(path))
            .bearer_auth("token")
    }

    /// Asks Graph for something.
    pub(crate) async fn fetch(&self, path: &str) -> (u16, Value) {
        read(self.ask(Method::GET, path).send().await.unwrap()).await
    }

    /// Asks the simulator itself to do something.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.post(path).json(body).send().await.unwrap()).await
    }

    /// Posts a message as it is.
    pub(crate) async fn send(&self, message: &Value) -> (u16, Value) {
        read(self.begin(message).send().await.unwrap()).await
    }

    /// Posts a message that has an object of a type, to somebody.
    pub(crate) async fn send_object(&self, kind: &str, object: Value) -> (u16, Value) {
        self.send(&to_somebody(kind, object)).await
    }

    pub(crate) fn begin(&self, message: &Value) -> RequestBuilder {
        self.post(&format!("/v25.0/{LINE}/messages"))
            .bearer_auth("token")
            .json(message)
    }
}

pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        content_type.starts_with("application/json"),
        "{content_type}"
    );
    (
        status,
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap(),
    )
}

/// Returns a message to somebody.
pub(crate) fn to_somebody(kind: &str, object: impl Into<Value>) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "to": "+16505551234",
        "type": kind,
        kind: object.into(),
    })
}
