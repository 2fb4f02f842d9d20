//! Reading a request's body.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

use super::Failure;

/// How long a body may take to arrive.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Reads a body that claims to be JSON, or claims nothing.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    max_bytes: usize,
) -> Result<Bytes, Failure> {
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let declared: Option<u64> = declared.and_then(|value| value.parse().ok());
    if declared.is_some_and(|length| length > max_bytes as u64) {
        return Err(Failure::TooLarge { max_bytes });
    }
    let reading = Limited::new(body, max_bytes).collect();
    let body = match tokio::time::timeout(TIME_LIMIT, reading).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Err(Failure::TooLarge { max_bytes });
        }
        Ok(Err(_)) => return Err(Failure::BrokenBody),
        Err(_) => return Err(Failure::SlowBody),
    };
    if body.is_empty() || is_json(headers) {
        Ok(body)
    } else {
        Err(Failure::WrongContentType)
    }
}

/// No `Content-Type` is taken for JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let essence = value
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence.is_empty() || essence == "application/json" || essence.ends_with("+json")
}

/// Why a body is no JSON that can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotJson {
    /// It does not parse.
    Malformed,
    /// A text in it has a NUL character, which Postgres cannot keep.
    HasNul,
}

/// Parses a body; whoever asks looks for NUL characters in what it keeps.
pub(crate) fn parse_with_nul(body: &[u8]) -> Result<Value, NotJson> {
    serde_json::from_slice(body).map_err(|_| NotJson::Malformed)
}

/// Parses a body.
pub(crate) fn parse(body: &[u8]) -> Result<Value, NotJson> {
    let value = parse_with_nul(body)?;
    if has_nul(&value) {
        Err(NotJson::HasNul)
    } else {
        Ok(value)
    }
}

pub(crate) fn has_nul(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::{NotJson, is_json, parse, read};
    use crate::dialect::Failure;
    use axum::body::{Body, Bytes};
    use futures_util::stream;
    use http::{HeaderMap, HeaderValue, header};
    use std::io;

    #[tokio::test]
    async fn a_body_that_breaks_off_is_no_body() {
        let parts = [
            Ok(Bytes::from_static(b"{\"a\":")),
            Err(io::Error::other("gone")),
        ];
        let body = Body::from_stream(stream::iter(parts));
        let read = read(&HeaderMap::new(), body, 100).await;
        assert!(matches!(read, Err(Failure::BrokenBody)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_comes_is_not_waited_for() {
        let body = Body::from_stream(stream::pending::<io::Result<Bytes>>());
        let read = read(&HeaderMap::new(), body, 100).await;
        assert!(matches!(read, Err(Failure::SlowBody)));
    }

    #[test]
    fn json_is_what_says_so_or_says_nothing() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            is_json(&headers)
        };
        assert!(is_json(&HeaderMap::new()));
        assert!(with("application/json; charset=utf-8"));
        assert!(with("Application/JSON"));
        assert!(with("application/vnd.api+json"));
        assert!(!with("text/plain"));
        assert!(!with("application/x-www-form-urlencoded"));
    }

    #[test]
    fn a_nul_character_is_found_at_any_depth() {
        assert_eq!(parse(br#"{"a":[{"b":"x\u0000"}]}"#), Err(NotJson::HasNul));
        assert_eq!(parse(b"{"), Err(NotJson::Malformed));
        assert_eq!(parse(b"\xff"), Err(NotJson::Malformed));
        assert_eq!(parse("[".repeat(500).as_bytes()), Err(NotJson::Malformed));
        assert!(parse(br#"{"a":[]}"#).is_ok());
    }
}
