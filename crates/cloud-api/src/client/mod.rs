//! Sends messages, and says exactly how far each one got.

use std::error::Error;
use std::time::Duration;

use reqwest::{Response, redirect, retry};

use crate::error::{MetaError, SendError};
use crate::line::Line;
use crate::outgoing::{Accepted, Outgoing};
use crate::wire::{ErrorAnswer, MessageRequest, SendAnswer};

/// The longest answer that is read; Meta's are under a kilobyte.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Shorter than servers usually keep an idle connection: a request on one that is just being
/// closed is lost half-way, and leaves a message unconfirmed.
const IDLE_CONNECTION: Duration = Duration::from_secs(20);

/// Speaks to the Graph API; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
}

/// How long to wait for Meta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection; should be shorter than `answer`.
    pub connect: Duration,
    /// For everything, from the connection to the last byte of the answer.
    pub answer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(20),
        }
    }
}

/// No client could be built, such as for want of certificates.
#[derive(Debug, thiserror::Error)]
#[error("the client for Meta could not be built")]
pub struct BuildError(#[source] reqwest::Error);

impl Client {
    /// Builds a client.
    pub fn new(timeouts: Timeouts) -> Result<Self, BuildError> {
        let http = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.answer)
            .pool_idle_timeout(IDLE_CONNECTION)
            .tcp_nodelay(true)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .build()
            .map_err(BuildError)?;
        Ok(Self { http })
    }

    /// Sends a message from a line, once.
    pub async fn send(&self, line: &Line, outgoing: &Outgoing<'_>) -> Result<Accepted, SendError> {
        let Some(url) = line.messages_url() else {
            return Err(SendError::NotSent {
                reason: "the Graph API's address is none".into(),
            });
        };
        let body = MessageRequest::new(outgoing);
        let request = self
            .http
            .post(url)
            .bearer_auth(line.token.secret())
            .json(&body);
        let response = request.send().await.map_err(not_answered)?;
        let status = response.status().as_u16();
        let bytes = read(response, status).await?;
        understand(status, &bytes)
    }
}

/// Tells a request that never left from one that may have.
fn not_answered(error: reqwest::Error) -> SendError {
    let never_left = error.is_builder() || error.is_connect();
    let reason = describe(error);
    if never_left {
        SendError::NotSent { reason }
    } else {
        SendError::Unconfirmed { reason }
    }
}

async fn read(mut response: Response, status: u16) -> Result<Vec<u8>, SendError> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(bytes),
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= MAX_ANSWER_BYTES => {
                bytes.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => {
                return Err(unreadable(status));
            }
            Err(error) => {
                return Err(SendError::Unconfirmed {
                    reason: describe(error),
                });
            }
        }
    }
}

/// Reads an answer; whatever is neither a success nor an error of Meta's leaves it open.
fn understand(status: u16, bytes: &[u8]) -> Result<Accepted, SendError> {
    if (200..300).contains(&status) {
        let answer: SendAnswer = serde_json::from_slice(bytes).map_err(|_| unreadable(status))?;
        let wa_id = answer.contacts.into_iter().next().and_then(|it| it.wa_id);
        let wamid = answer.messages.into_iter().next().map(|it| it.id);
        let wamid = wamid
            .filter(|it| !it.is_empty())
            .ok_or_else(|| unreadable(status))?;
        return Ok(Accepted { wamid, wa_id });
    }
    let answer: ErrorAnswer = serde_json::from_slice(bytes).map_err(|_| unreadable(status))?;
    let error = MetaError::from_wire(status, answer.error);
    tracing::debug!(
        meta.code = error.code,
        meta.fbtrace_id = error.fbtrace_id,
        http.status = status,
        "Meta refused a message"
    );
    Err(SendError::Refused(error))
}

fn unreadable(status: u16) -> SendError {
    SendError::Unconfirmed {
        reason: format!("the answer of status {status} is not Meta's"),
    }
}

/// Returns an error with its causes, but without the address, which names the line.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(it) = cause {
        text = format!("{text}: {it}");
        cause = it.source();
    }
    text
}
