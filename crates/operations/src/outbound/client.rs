//! Asking a server that is not Meta's, with as much patience and memory as an answer of one line
//! deserves, and without a word about the number, the key or the address when it goes wrong.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, redirect, retry};
use serde_json::Value;

use crate::verify::VerifierDown;

/// The longest answer that is read; answers about one number are a line.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

const USER_AGENT: &str = concat!("switchboard/", env!("CARGO_PKG_VERSION"));

/// How long to wait for a verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskTimeouts {
    /// For a connection.
    pub connect: Duration,
    /// For everything, from the connection to the last byte of the answer.
    pub answer: Duration,
}

impl Default for AskTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(4),
            answer: Duration::from_secs(10),
        }
    }
}

/// What is wrong with the settings of a verifier; names the setting and quotes no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadVerifier(pub String);

/// The client that all verifiers share: no redirects, no proxies, no second tries.
#[derive(Clone, Debug)]
pub struct AskClient {
    http: reqwest::Client,
    timeouts: AskTimeouts,
}

impl AskClient {
    /// Builds a client.
    pub fn new(timeouts: AskTimeouts) -> Result<Self, BadVerifier> {
        let http = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.answer)
            .user_agent(USER_AGENT)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .build()
            .map_err(|error| BadVerifier(format!("no HTTP client: {}", causes(error))))?;
        Ok(Self { http, timeouts })
    }

    pub(super) fn get(&self, url: Url) -> RequestBuilder {
        self.http.get(url)
    }

    pub(super) fn post(&self, url: Url) -> RequestBuilder {
        self.http.post(url)
    }

    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// Asks once and returns the answer, which must be JSON.
    pub(super) async fn ask(
        &self,
        product: &Product,
        request: RequestBuilder,
    ) -> Result<Value, VerifierDown> {
        let response = request.send().await;
        let response = response.map_err(|error| self.not_answered(product, error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(product.refused(status));
        }
        let body = self.body(product, response).await?;
        serde_json::from_slice(&body).map_err(|_| product.not_understood())
    }

    async fn body(
        &self,
        product: &Product,
        mut response: Response,
    ) -> Result<Vec<u8>, VerifierDown> {
        let mut body = Vec::new();
        let broken = |error| self.not_answered(product, error);
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(product.not_understood());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn not_answered(&self, product: &Product, error: reqwest::Error) -> VerifierDown {
        let name = product.name;
        VerifierDown(if error.is_timeout() {
            let seconds = self.timeouts.answer.as_secs_f32();
            format!(
                "{name} did not answer in {seconds} s: is it overloaded, or verifier_url wrong?"
            )
        } else if error.is_connect() {
            let causes = causes(error);
            format!("{name} cannot be reached: is it running at verifier_url? ({causes})")
        } else {
            format!("the answer of {name} broke off ({})", causes(error))
        })
    }
}

/// Returns an error with its causes, but without the address, which holds a number or a key.
fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(it) = cause {
        text = format!("{text}: {it}");
        cause = it.source();
    }
    text
}

/// A product that can be asked, and what its refusals mean.
#[derive(Debug)]
pub(super) struct Product {
    /// Its name, as its makers write it.
    pub(super) name: &'static str,
    /// What to do about certain statuses, where it is not what they mean elsewhere.
    pub(super) advice: &'static [(u16, &'static str)],
}

impl Product {
    /// Says what an answer means that is no success.
    fn refused(&self, status: StatusCode) -> VerifierDown {
        let code = status.as_u16();
        let own = self.advice.iter().find(|(status, _)| *status == code);
        let advice = match (own, code) {
            (Some((_, advice)), _) => advice,
            (None, 300..=399) => "a redirect, which is not followed: check verifier_url",
            (None, 401 | 403) => "check verifier_key",
            (None, 404 | 405) => "check verifier_url",
            (None, 429) => "it is asked too often",
            (None, 500..) => "look into its log",
            (None, _) => "it does not understand the question",
        };
        VerifierDown(format!("{} answered {code}: {advice}", self.name))
    }

    /// Says that an answer is not what was expected.
    pub(super) fn not_understood(&self) -> VerifierDown {
        let name = self.name;
        VerifierDown(format!(
            "the answer is not one of {name}, or of a release that is not known here: check \
             verifier_url"
        ))
    }
}

/// Reads the address of a server.
pub(super) fn address(text: &str) -> Result<Url, BadVerifier> {
    let rule =
        || BadVerifier("verifier_url must be an address such as http://127.0.0.1:8080".into());
    let url: Url = text.parse().map_err(|_| rule())?;
    let is_good = ["http", "https"].contains(&url.scheme()) && url.has_host();
    is_good.then_some(url).ok_or_else(rule)
}

/// Returns the address of something below a server's address, each part of the path escaped.
pub(super) fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    // Only an address that cannot be a base has no path, and those have no host either.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// Returns a key as a header that no log shows.
pub(super) fn secret(key: &str) -> Result<HeaderValue, BadVerifier> {
    let rule = || BadVerifier("verifier_key must be one line of ASCII characters".into());
    let mut value = HeaderValue::from_str(key).map_err(|_| rule())?;
    let is_visible = value.to_str().is_ok() && !value.is_empty();
    value.set_sensitive(true);
    is_visible.then_some(value).ok_or_else(rule)
}

/// Returns the digits that WhatsApp calls somebody by, if an id such as `27821112233@c.us` has any;
/// an id of the kind `@lid` hides them.
pub(super) fn wa_id(id: &str) -> Option<String> {
    let (user, server) = id.split_once('@').unwrap_or((id, "c.us"));
    // A device may stand after a colon.
    let digits = user.split_once(':').map_or(user, |(digits, _)| digits);
    let is_number = ["c.us", "s.whatsapp.net"].contains(&server)
        && (7..=15).contains(&digits.len())
        && digits.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| digits.into())
}

/// Returns whether a text is this number, with or without a plus.
pub(super) fn is_number(text: &str, digits: &str) -> bool {
    text.strip_prefix('+').unwrap_or(text) == digits
}

/// A header's name that is known to be one.
pub(super) const fn header(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

#[cfg(test)]
mod tests {
    use super::{address, below, wa_id};

    #[test]
    fn an_id_tells_the_number_unless_it_hides_it() {
        for (id, expected) in [
            ("554196910256@s.whatsapp.net", Some("554196910256")),
            ("554196910256@c.us", Some("554196910256")),
            ("554196910256:12@s.whatsapp.net", Some("554196910256")),
            ("27821112233", Some("27821112233")),
            ("123456789012345@lid", None),
            ("120363040000000000@g.us", None),
            ("status@broadcast", None),
            ("@c.us", None),
            ("", None),
        ] {
            assert_eq!(wa_id(id).as_deref(), expected, "{id}");
        }
    }

    #[test]
    fn an_address_is_http_and_may_have_a_path() {
        for bad in ["", "127.0.0.1:8080", "ftp://h", "mailto:a@b", "http://"] {
            assert!(address(bad).is_err(), "{bad}");
        }
        for (base, expected) in [
            ("http://h", "http://h/chat/a%2Fb"),
            ("http://h/", "http://h/chat/a%2Fb"),
            ("https://h:1/x/", "https://h:1/x/chat/a%2Fb"),
        ] {
            let url = below(&address(base).unwrap(), &["chat", "a/b"]);
            assert_eq!(url.as_str(), expected);
        }
    }
}
