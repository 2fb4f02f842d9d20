//! Telling an address that a tenant gave: one request, under guard, with little patience.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Url, redirect, retry};

use super::guard::{Guard, Refusal};
use super::resolver::Resolver;

/// How much of an answer is read, so that its connection can be used again.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// The longest address that is taken.
const MAX_URL: usize = 2000;

const USER_AGENT: &str = concat!("switchboard/", env!("CARGO_PKG_VERSION"));

/// How long an address is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostTimeouts {
    /// For a connection.
    pub connect: Duration,
    /// For everything, from the first look-up to the end of the answer.
    pub answer: Duration,
}

impl Default for PostTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
        }
    }
}

/// What is wrong with an address that is to be told of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It is no address.
    #[error("it is no address of the web, or has more than 2000 characters")]
    NoUrl,
    /// It is not encrypted, and the operator makes no exception of it.
    #[error("it must begin with https://")]
    NotHttps,
    /// It carries a user name or a password.
    #[error("it must not carry a user name or a password")]
    Credentials,
    /// It leads to where only this server can go.
    #[error("it leads into a private network")]
    Private,
}

/// Why an address was not told something. It quotes no address, which may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotTold(pub(crate) String);

/// Tells addresses that tenants gave; cheap to clone.
#[derive(Clone, Debug)]
pub struct Poster {
    http: reqwest::Client,
    guard: Guard,
    timeouts: PostTimeouts,
}

/// The client could not be built, such as for want of certificates.
#[derive(Debug, thiserror::Error)]
#[error("the client for webhooks could not be built")]
pub struct PosterNotBuilt(#[source] reqwest::Error);

impl Poster {
    /// Builds a poster that tells nobody the guard does not let it tell.
    pub fn new(guard: Guard, timeouts: PostTimeouts) -> Result<Self, PosterNotBuilt> {
        let http = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.answer)
            .user_agent(USER_AGENT)
            .no_proxy()
            .referer(false)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_max_idle_per_host(4)
            .pool_idle_timeout(Duration::from_secs(30))
            .dns_resolver(Arc::new(Resolver(guard.clone())))
            .build()
            .map_err(PosterNotBuilt)?;
        Ok(Self {
            http,
            guard,
            timeouts,
        })
    }

    /// Checks all of an address that can be checked before its name is resolved. What the operator
    /// names as an exception need not be encrypted: it is somebody's own machine.
    pub(crate) fn check(&self, url: &str) -> Result<Url, BadUrl> {
        let url = Url::parse(url).ok().filter(|_| url.len() <= MAX_URL);
        let url = url.ok_or(BadUrl::NoUrl)?;
        self.guard.check(&url).map_err(|refusal| match refusal {
            Refusal::NoAddress => BadUrl::NoUrl,
            Refusal::Scheme => BadUrl::NotHttps,
            Refusal::Credentials => BadUrl::Credentials,
            Refusal::Private => BadUrl::Private,
        })?;
        if url.scheme() != "https" && !self.guard.excepts(&url) {
            return Err(BadUrl::NotHttps);
        }
        Ok(url)
    }

    /// Posts JSON once and returns the status of the answer.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<u16, NotTold> {
        let url = self.check(url).map_err(|bad| NotTold(bad.to_string()))?;
        let request = self.http.post(url).headers(headers).body(body).send();
        let mut response = request.await.map_err(|error| self.not_told(&error))?;
        let status = response.status().as_u16();
        let mut read = 0;
        while let Ok(Some(piece)) = response.chunk().await {
            read += piece.len();
            if read > MAX_ANSWER_BYTES {
                break;
            }
        }
        Ok(status)
    }

    fn not_told(&self, error: &reqwest::Error) -> NotTold {
        NotTold(if let Some(refusal) = refusal_in(error) {
            refusal.to_string()
        } else if error.is_timeout() {
            let seconds = self.timeouts.answer.as_secs();
            format!("it did not answer within {seconds} seconds")
        } else if error.is_dns() {
            "its name is not known".into()
        } else if error.is_connect() {
            "it cannot be connected to".into()
        } else {
            "it broke off".into()
        })
    }
}

/// Returns the headers of JSON and these; one that cannot be a header is left out.
pub(crate) fn json_headers(further: Vec<(&'static str, String)>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in further {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    headers
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

#[cfg(test)]
mod tests {
    use super::{BadUrl, PostTimeouts, Poster};
    use crate::outbound::Guard;

    #[test]
    fn an_address_is_encrypted_and_on_the_internet_unless_the_operator_says_otherwise() {
        let guard = Guard::allowing(&["127.0.0.1", "hooks.internal"]).unwrap();
        let poster = Poster::new(guard, PostTimeouts::default()).unwrap();
        for good in [
            "https://hooks.acme.test/a?b=c",
            "https://93.184.215.14/",
            "http://127.0.0.1:8000/hook",
            "http://hooks.internal/hook",
        ] {
            assert!(poster.check(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", BadUrl::NoUrl),
            ("hooks.acme.test", BadUrl::NoUrl),
            ("http://hooks.acme.test/", BadUrl::NotHttps),
            ("ftp://hooks.acme.test/", BadUrl::NotHttps),
            ("http://93.184.215.14/", BadUrl::NotHttps),
            ("https://u:p@hooks.acme.test/", BadUrl::Credentials),
            ("https://10.0.0.1/", BadUrl::Private),
            ("https://[::1]/", BadUrl::Private),
            ("https://169.254.169.254/latest", BadUrl::Private),
        ] {
            assert_eq!(poster.check(bad).unwrap_err(), why, "{bad}");
        }
        let long = format!("https://hooks.acme.test/{}", "a".repeat(2000));
        assert_eq!(poster.check(&long).unwrap_err(), BadUrl::NoUrl);
    }
}
