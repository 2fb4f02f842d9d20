//! Posting webhooks.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cloud_api::signature::{SIGNATURE_HEADER, sign};
use http::header::CONTENT_TYPE;
use reqwest::{Client, Url};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::outbox::{Luck, Parcel};
use crate::apps::AppState;
use crate::chance;

/// How long an app may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Posts the webhooks of apps.
#[derive(Clone, Debug)]
pub(crate) struct Courier {
    http: Arc<OnceLock<Client>>,
    pub(crate) tracker: TaskTracker,
    pub(crate) stopping: CancellationToken,
    /// The first pause between retries.
    pub(crate) pause: Duration,
}

impl Courier {
    pub(crate) fn new(tracker: TaskTracker, stopping: CancellationToken, pause: Duration) -> Self {
        Self {
            http: Arc::default(),
            tracker,
            stopping,
            pause,
        }
    }

    /// Returns the client that webhooks are posted with, made when it is first needed: it reads
    /// the system's certificates, which takes longer than all else at the start.
    pub(crate) fn http(&self) -> Result<Client, String> {
        if let Some(client) = self.http.get() {
            return Ok(client.clone());
        }
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent("facebookexternalua")
            .build()
            .map_err(|_| "this machine cannot make secure connections".to_owned())?;
        Ok(self.http.get_or_init(|| client).clone())
    }

    /// Posts the webhooks of an app until the simulator stops.
    pub(crate) fn serve(&self, app: Arc<AppState>) {
        let courier = self.clone();
        let until = self.stopping.clone();
        self.tracker
            .spawn(until.run_until_cancelled_owned(async move {
                loop {
                    let (parcel, luck) = app.outbox.next().await;
                    let delivery = deliver(courier.clone(), app.clone(), parcel, luck);
                    let until = courier.stopping.clone();
                    courier
                        .tracker
                        .spawn(until.run_until_cancelled_owned(delivery));
                }
            }));
    }
}

async fn deliver(courier: Courier, app: Arc<AppState>, parcel: Parcel, luck: Luck) {
    let outcome = match luck {
        Luck::IsLost => Err("lost on the way, as told".into()),
        Luck::Arrives => post(&courier, &app, &parcel).await,
        Luck::IsUnheard => match post(&courier, &app, &parcel).await {
            Ok(status) => Err(format!("answered {status}, unheard, as told")),
            Err(error) => Err(error),
        },
    };
    app.outbox.finish(parcel, outcome, courier.pause);
}

async fn post(courier: &Courier, app: &AppState, parcel: &Parcel) -> Result<u16, String> {
    let signature = match &parcel.signature {
        Some(given) => given.clone(),
        None => sign(&app.app().secret, &parcel.body),
    };
    let http = courier.http()?;
    let mut request = http
        .post(&*parcel.url)
        .header(CONTENT_TYPE, "application/json")
        .body(parcel.body.clone());
    if !signature.is_empty() {
        request = request.header(SIGNATURE_HEADER, signature);
    }
    let mut response = request.send().await.map_err(|it| reason(&it))?;
    // Read to its end, so that the connection can be used again.
    let mut length = 0;
    while let Some(chunk) = response.chunk().await.map_err(|it| reason(&it))? {
        length += chunk.len();
        if length > MAX_ANSWER_BYTES {
            break;
        }
    }
    Ok(response.status().as_u16())
}

/// Says what went wrong, without the address.
fn reason(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "not reached"
    } else if error.is_builder() {
        "not a web address"
    } else {
        "the connection broke"
    };
    what.into()
}

/// Asks an address whether it knows the word, as Meta does before it uses it.
pub(crate) async fn handshake(
    http: &Client,
    address: &str,
    verify_token: &str,
) -> Result<(), String> {
    let challenge = chance::challenge();
    let mut url = Url::parse(address).map_err(|_| "not a web address".to_owned())?;
    url.query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", verify_token);
    let mut response = http.get(url).send().await.map_err(|it| reason(&it))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(format!("HTTP Status Code = {status}"));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|it| reason(&it))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER_BYTES {
            break;
        }
    }
    if body == challenge.as_bytes() {
        Ok(())
    } else {
        Err("the answer is not the challenge".into())
    }
}
