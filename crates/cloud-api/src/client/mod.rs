//! Speaks to the Graph API, and says exactly how far each request got.

mod accounts;
mod exchange;
mod files;
mod templates;

use std::time::Duration;

use reqwest::{Url, redirect, retry};
use serde_json::Value;

use crate::error::SendError;
use crate::line::Line;
use crate::outgoing::{Accepted, Outgoing, Typing};
use crate::wire::{MessageRequest, ReadMark, SendAnswer};
use exchange::{NO_ADDRESS, succeeded, write};

pub(crate) use exchange::describe;

/// Shorter than servers usually keep an idle connection: a request on one that is just being
/// closed is lost half-way, and leaves a message unconfirmed.
const IDLE_CONNECTION: Duration = Duration::from_secs(20);

/// Meta's file servers let nobody in who does not say who they are.
const USER_AGENT: &str = concat!("switchboard/", env!("CARGO_PKG_VERSION"));

/// Speaks to the Graph API; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    timeouts: Timeouts,
}

/// How long to wait for Meta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection; should be shorter than `answer`.
    pub connect: Duration,
    /// For everything, from the connection to the last byte of the answer. Files, which may have
    /// 100 megabytes, get fifteen times as long.
    pub answer: Duration,
}

impl Timeouts {
    /// Returns how long a file may take.
    fn transfer(self) -> Duration {
        self.answer * 15
    }
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
            .user_agent(USER_AGENT)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .build()
            .map_err(BuildError)?;
        Ok(Self { http, timeouts })
    }

    /// Sends a message from a line, once.
    pub async fn send(&self, line: &Line, outgoing: &Outgoing<'_>) -> Result<Accepted, SendError> {
        let body = MessageRequest::new(outgoing);
        if !body.is_sendable() {
            return Err(SendError::NotSent {
                reason: "what only comes in cannot be sent".into(),
            });
        }
        let url = reachable(line.own_url("messages"))?;
        let request = self.http.post(url).bearer_auth(line.token.secret());
        write(request.json(&body), |answer: SendAnswer| {
            let message = answer.messages.into_iter().next()?;
            let contact = answer.contacts.into_iter().next();
            (!message.id.is_empty()).then(|| Accepted {
                wamid: message.id,
                wa_id: contact.and_then(|it| it.wa_id),
            })
        })
        .await
    }

    /// Marks a message that came in, and those before it, as read.
    pub async fn mark_read(
        &self,
        line: &Line,
        wamid: &str,
        typing: Typing,
    ) -> Result<(), SendError> {
        let url = reachable(line.own_url("messages"))?;
        let request = self.http.post(url).bearer_auth(line.token.secret());
        let body = ReadMark::new(wamid, typing);
        write(request.json(&body), |answer: Value| succeeded(&answer)).await
    }
}

/// Returns the address of a request that changes something.
fn reachable(url: Option<Url>) -> Result<Url, SendError> {
    url.ok_or_else(|| SendError::NotSent {
        reason: NO_ADDRESS.into(),
    })
}
