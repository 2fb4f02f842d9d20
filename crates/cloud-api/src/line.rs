//! The number messages leave from, and how to speak for it.

use std::fmt;

use reqwest::Url;

/// Where Meta's Graph API is.
pub const DEFAULT_GRAPH_URL: &str = "https://graph.facebook.com";

/// The version of the Graph API that is spoken unless told otherwise.
pub const DEFAULT_VERSION: &str = "v25.0";

/// A WhatsApp number of a business, as the Graph API addresses it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The Graph API's address, without a version.
    pub graph_url: String,
    /// The version, such as `v25.0`.
    pub version: String,
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// What Meta lets us in by.
    pub token: Token,
}

impl Line {
    /// Returns a place below the version; `None` where the Graph API's address is none.
    ///
    /// By segments, so that an odd id cannot reach another path with our token.
    pub(crate) fn url(&self, segments: &[&str]) -> Option<Url> {
        let mut url = Url::parse(&self.graph_url).ok()?;
        // These are nothing to `Url`, so nothing would be asked for in their place.
        if segments.iter().any(|it| matches!(*it, "" | "." | "..")) {
            return None;
        }
        url.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .push(&self.version)
            .extend(segments);
        Some(url)
    }

    /// Returns a place of the number's own; `None` where the Graph API's address is none.
    pub(crate) fn own_url(&self, edge: &str) -> Option<Url> {
        self.url(&[&self.phone_number_id, edge])
    }
}

/// An access token, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps the token.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// Returns the token for a request's header.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_VERSION, Line, Token};

    fn line(graph_url: &str, phone_number_id: &str) -> Line {
        Line {
            graph_url: graph_url.into(),
            version: DEFAULT_VERSION.into(),
            phone_number_id: phone_number_id.into(),
            token: Token::new("EAAsecret".into()),
        }
    }

    #[test]
    fn a_token_is_never_printed() {
        let printed = format!("{:?}", line("https://graph.facebook.com", "1"));
        assert!(printed.contains("Token(…)"), "{printed}");
        assert!(!printed.contains("EAAsecret"), "{printed}");
    }

    #[test]
    fn messages_go_to_the_lines_own_address() {
        for (graph_url, phone_number_id, url) in [
            (
                "https://graph.facebook.com",
                "10",
                "https://graph.facebook.com/v25.0/10/messages",
            ),
            (
                "http://127.0.0.1:9/",
                "10",
                "http://127.0.0.1:9/v25.0/10/messages",
            ),
            (
                "http://proxy/graph",
                "10",
                "http://proxy/graph/v25.0/10/messages",
            ),
            (
                "http://x",
                "10/../me?a",
                "http://x/v25.0/10%2F..%2Fme%3Fa/messages",
            ),
        ] {
            let line = line(graph_url, phone_number_id);
            assert_eq!(line.own_url("messages").unwrap().as_str(), url);
        }
        assert_eq!(line("graph.facebook.com", "10").own_url("messages"), None);
    }

    #[test]
    fn an_id_that_is_none_asks_for_nothing_else() {
        for id in ["", ".", ".."] {
            assert_eq!(line("http://x", id).own_url("messages"), None, "{id}");
        }
    }
}
