//! One request and what is made of its answer.

use std::error::Error;

use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{MetaError, ReadError, SendError};
use crate::lenient::Lenient;
use crate::wire::ErrorAnswer;

pub(super) const NO_ADDRESS: &str = "the Graph API's address is none, or an id is";

/// The longest answer to a change that is read; Meta's are under a kilobyte.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// The longest answer to a question that is read: a page of templates may be long.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Asks for a change, once. An answer of which `understand` makes nothing leaves it open.
pub(super) async fn write<T: DeserializeOwned, U>(
    request: RequestBuilder,
    understand: impl FnOnce(T) -> Option<U>,
) -> Result<U, SendError> {
    let response = request.send().await.map_err(not_answered)?;
    let status = response.status();
    let open = |reason| SendError::Unconfirmed { reason };
    let bytes = body(response, MAX_ANSWER_BYTES).await.map_err(open)?;
    if status.is_success() {
        let answer = serde_json::from_slice(&bytes).ok().and_then(understand);
        return answer.ok_or_else(|| open(unreadable(status.as_u16())));
    }
    match refusal(status.as_u16(), &bytes) {
        Some(error) => Err(SendError::Refused(error)),
        None => Err(open(unreadable(status.as_u16()))),
    }
}

/// Asks for something to read. An answer of which `understand` makes nothing is none.
pub(super) async fn read<U>(
    request: RequestBuilder,
    understand: impl FnOnce(&Value) -> Option<U>,
) -> Result<U, ReadError> {
    let unavailable = |reason| ReadError::Unavailable { reason };
    let response = request.send().await;
    let response = response.map_err(|it| unavailable(describe(it)))?;
    let status = response.status();
    let bytes = body(response, MAX_PAGE_BYTES).await.map_err(unavailable)?;
    if status.is_success() {
        let answer: Option<Value> = serde_json::from_slice(&bytes).ok();
        let answer = answer.as_ref().and_then(understand);
        return answer.ok_or_else(|| unavailable(unreadable(status.as_u16())));
    }
    match refusal(status.as_u16(), &bytes) {
        Some(error) => Err(ReadError::Refused(error)),
        None => Err(unavailable(unreadable(status.as_u16()))),
    }
}

/// Reads `{"success": true}`.
pub(super) fn succeeded(answer: &Value) -> Option<()> {
    answer.flag("success").then_some(())
}

/// Reads Meta's error, if that is what it is.
pub(super) fn refusal(status: u16, bytes: &[u8]) -> Option<MetaError> {
    let answer: ErrorAnswer = serde_json::from_slice(bytes).ok()?;
    let error = MetaError::from_wire(status, answer.error);
    tracing::debug!(
        meta.code = error.code,
        meta.fbtrace_id = error.fbtrace_id,
        http.status = status,
        "Meta refused a request"
    );
    Some(error)
}

/// Reads a body that is not too long, or says what happened.
pub(super) async fn body(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(describe)? {
        if bytes.len() + chunk.len() > max_bytes {
            return Err(unreadable(response.status().as_u16()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
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

pub(super) fn unreadable(status: u16) -> String {
    format!("the answer of status {status} is not Meta's")
}

/// Returns an error with its causes, but without the address, which names the line.
pub(crate) fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(it) = cause {
        text = format!("{text}: {it}");
        cause = it.source();
    }
    text
}
