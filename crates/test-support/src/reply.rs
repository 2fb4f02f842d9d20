//! What the server answered.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::pattern::Bindings;

/// A response, read to its end.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// Returns the body as text, exactly as it came.
    ///
    /// # Panics
    /// Where it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    /// Returns the body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// Returns a header's value; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Checks status and body, key order included; `<uuid>`, `<cuid>`, `<id>` and `<wamid>` stand
    /// for any.
    ///
    /// # Panics
    /// Where it is another answer.
    #[track_caller]
    pub fn assert(&self, status: u16, pattern: &str) -> &Self {
        self.assert_bound(status, pattern, &mut Bindings::default())
    }

    /// Checks status and body as [`Reply::assert`] does, and keeps what the named places stand
    /// for.
    ///
    /// # Panics
    /// Where it is another answer.
    #[track_caller]
    pub fn assert_bound(&self, status: u16, pattern: &str, bindings: &mut Bindings) -> &Self {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/json");
        if let Some(difference) = bindings.difference(pattern, self.text()) {
            panic!("{}\n{difference}", self.text());
        }
        self
    }

    /// Checks one header; an empty value means that it must not be there.
    ///
    /// # Panics
    /// Where it has another value.
    #[track_caller]
    pub fn assert_header(&self, name: &str, value: &str) -> &Self {
        assert_eq!(self.header(name), value, "{name}");
        self
    }
}
