//! Files at addresses that tenants give, fetched with limits and under guard.

#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode, Url, redirect, retry};
use tokio::time::{Instant, timeout_at};

use super::guard::{Guard, Refusal};
use super::resolver::Resolver;

/// A file may have moved, and its new place again; more is a circle.
const MAX_REDIRECTS: usize = 3;

const USER_AGENT: &str = concat!("switchboard/", env!("CARGO_PKG_VERSION"));

/// How long a file at an address is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchTimeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the next piece.
    pub silence: Duration,
    /// For everything, from the first look-up to the last piece.
    pub whole: Duration,
}

impl Default for FetchTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(10),
            whole: Duration::from_secs(60),
        }
    }
}

/// Why a file at an address did not come. Neither quotes the address, which may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    /// It will not come however often it is tried.
    #[error("{0}")]
    Fault(String),
    /// It may come the next time.
    #[error("{0}")]
    Unreachable(String),
}

/// The client could not be built, such as for want of certificates.
#[derive(Debug, thiserror::Error)]
#[error("the client for files could not be built")]
pub struct FetcherNotBuilt(#[source] reqwest::Error);

/// Fetches files from addresses that tenants give; cheap to clone.
#[derive(Clone, Debug)]
pub struct Fetcher {
    http: reqwest::Client,
    guard: Guard,
    timeouts: FetchTimeouts,
}

impl Fetcher {
    /// Builds a fetcher that asks nobody the guard does not let it ask.
    pub fn new(guard: Guard, timeouts: FetchTimeouts) -> Result<Self, FetcherNotBuilt> {
        let http = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.silence)
            .user_agent(USER_AGENT)
            .no_proxy()
            .referer(false)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_max_idle_per_host(1)
            .dns_resolver(Arc::new(Resolver(guard.clone())))
            .build()
            .map_err(FetcherNotBuilt)?;
        Ok(Self {
            http,
            guard,
            timeouts,
        })
    }

    /// Begins to fetch the file at an address, which may have `max_bytes`.
    pub(crate) async fn open(&self, url: &str, max_bytes: u64) -> Result<Fetched, FetchError> {
        let until = Instant::now() + self.timeouts.whole;
        let mut url = Url::parse(url).map_err(|_| refused(Refusal::NoAddress))?;
        for _ in 0..=MAX_REDIRECTS {
            self.guard.check(&url).map_err(refused)?;
            let host = url.host_str().unwrap_or_default().to_owned();
            let response = timeout_at(until, self.http.get(url.clone()).send()).await;
            let response = response.map_err(|_| too_slow(&host))?;
            let response = response.map_err(|error| not_answered(&host, &error))?;
            let status = response.status();
            if status == StatusCode::OK {
                return Fetched::new(response, host, until).within(max_bytes);
            }
            let next = target(&url, &response).filter(|_| status.is_redirection());
            url = next.ok_or_else(|| no_file(&host, status))?;
        }
        let said = "the address leads to another and that one on, too often".to_owned();
        Err(FetchError::Fault(said))
    }
}

/// Returns where a file has moved to.
fn target(url: &Url, response: &Response) -> Option<Url> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    url.join(location).ok()
}

/// A file on its way, a piece at a time.
#[derive(Debug)]
pub(crate) struct Fetched {
    response: Response,
    host: String,
    until: Instant,
    max_bytes: u64,
    read_bytes: u64,
}

impl Fetched {
    fn new(response: Response, host: String, until: Instant) -> Self {
        Self {
            response,
            host,
            until,
            max_bytes: 0,
            read_bytes: 0,
        }
    }

    /// Sets how long it may be, which may be less than was thought before its first piece was seen.
    pub(crate) fn within(mut self, max_bytes: u64) -> Result<Self, FetchError> {
        self.max_bytes = max_bytes;
        let told = self.response.content_length().unwrap_or_default();
        if told.max(self.read_bytes) > max_bytes {
            return Err(too_long(max_bytes));
        }
        Ok(self)
    }

    /// Returns what it is, as its server says, without parameters.
    pub(crate) fn mime_type(&self) -> Option<String> {
        let header = self.response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
        let plain = header.split(';').next().unwrap_or_default();
        Some(plain.trim().to_ascii_lowercase()).filter(|it| !it.is_empty())
    }

    /// Returns the next piece; `None` at the end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, FetchError> {
        let piece = timeout_at(self.until, self.response.chunk()).await;
        let piece = piece.map_err(|_| too_slow(&self.host))?;
        let piece = piece.map_err(|error| not_answered(&self.host, &error))?;
        let length = piece.as_ref().map_or(0, Bytes::len);
        self.read_bytes += u64::try_from(length).unwrap_or(u64::MAX);
        if self.read_bytes > self.max_bytes {
            return Err(too_long(self.max_bytes));
        }
        Ok(piece)
    }
}

fn refused(refusal: Refusal) -> FetchError {
    FetchError::Fault(refusal.to_string())
}

fn too_long(max_bytes: u64) -> FetchError {
    FetchError::Fault(format!("the file has more than {} KB", max_bytes / 1024))
}

fn too_slow(host: &str) -> FetchError {
    FetchError::Unreachable(format!("{host} is too slow"))
}

/// Tells what may pass, such as a server that restarts, from what will not.
fn no_file(host: &str, status: StatusCode) -> FetchError {
    let said = format!("{host} answered with status {}", status.as_u16());
    match status.as_u16() {
        408 | 425 | 429 | 500.. => FetchError::Unreachable(said),
        _ => FetchError::Fault(said),
    }
}

fn not_answered(host: &str, error: &reqwest::Error) -> FetchError {
    if let Some(refusal) = refusal_in(error) {
        return refused(refusal);
    }
    FetchError::Unreachable(if error.is_dns() {
        format!("the name {host} is not known")
    } else if error.is_timeout() {
        return too_slow(host);
    } else if error.is_connect() {
        format!("{host} cannot be connected to")
    } else {
        format!("{host} broke off")
    })
}

/// Returns what the resolver said, however deep the client put it.
fn refusal_in(error: &reqwest::Error) -> Option<Refusal> {
    let mut cause = error.source();
    while let Some(it) = cause {
        if let Some(refusal) = it.downcast_ref::<Refusal>() {
            return Some(*refusal);
        }
        cause = it.source();
    }
    None
}
