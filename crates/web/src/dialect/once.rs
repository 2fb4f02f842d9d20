//! Requests that carry an `Idempotency-Key`: each is done once, however often it comes.

use std::panic::AssertUnwindSafe;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::BodyExt;
use operations::{Begun, Error as Failed, RequestHold, RequestKey};

use super::{Call, Dialect, Failure, NotOnce, Route};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest key that is kept.
pub(crate) const MAX_KEY: usize = 255;

/// Returns the key that a request gives itself.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(key) = headers.get(KEY) else {
        return Ok(None);
    };
    let key = key
        .to_str()
        .map_err(|_| Failure::NotOnce(NotOnce::BadKey))?;
    if (1..=MAX_KEY).contains(&key.len()) {
        Ok(Some(key.to_owned()))
    } else {
        Err(Failure::NotOnce(NotOnce::BadKey))
    }
}

/// Answers a request as its key was answered before, or does it.
pub(super) async fn answer<D: Dialect>(
    route: &'static Route<D>,
    call: Call,
    key: String,
) -> Result<Response, Failure> {
    let place = format!("{} {}", D::API.as_str(), route.path);
    let key = RequestKey { place, key };
    let query = call.uri.query().unwrap_or_default();
    let said = [call.uri.path().as_bytes(), query.as_bytes(), &call.body];
    let begun = call.operations.begin_request(&call.caller, key, &said);
    match begun.await {
        Ok(Begun::New(hold)) => see_through(route, call, hold).await,
        Ok(Begun::Answered(answer)) => read(&answer).ok_or(Failure::Internal),
        Ok(Begun::UnderWay) => Err(Failure::NotOnce(NotOnce::UnderWay)),
        Ok(Begun::Unknown) => Err(Failure::NotOnce(NotOnce::OutcomeUnknown)),
        Ok(Begun::Different) => Err(Failure::NotOnce(NotOnce::KeyReused)),
        Err(Failed::Busy {
            retry_after_seconds,
        }) => Err(Failure::Busy {
            retry_after_seconds,
        }),
        Err(_) => Err(Failure::Internal),
    }
}

/// Does what is asked, even if the client goes away meanwhile, and keeps the answer before anybody
/// hears it.
async fn see_through<D: Dialect>(
    route: &'static Route<D>,
    call: Call,
    hold: RequestHold,
) -> Result<Response, Failure> {
    let operations = call.operations.clone();
    let work = async move {
        let now = || call.operations.clock().now();
        let done = AssertUnwindSafe((route.handler)(&call)).catch_unwind();
        let (response, did_nothing) = match done.await {
            Ok(Ok(response)) => (response, false),
            Ok(Err(error)) => {
                let did_nothing = D::did_nothing(&error);
                (D::say(error, now()), did_nothing)
            }
            // It may have got anywhere.
            Err(_) => (D::say(Failure::Internal.into(), now()), false),
        };
        let (head, body) = response.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes());
        let body = body.unwrap_or_default();
        let answer = (!did_nothing).then(|| write(&head, &body));
        call.operations
            .end_request(&call.caller, hold, answer)
            .await;
        Response::from_parts(head, Body::from(body))
    };
    operations
        .see_through(work)
        .await
        .map_err(|_| Failure::Internal)
}

/// Writes an answer down: the status, a line a header, an empty line, the body.
fn write(head: &Parts, body: &Bytes) -> Vec<u8> {
    let mut written = format!("{}\n", head.status.as_u16()).into_bytes();
    for (name, value) in &head.headers {
        written.extend_from_slice(name.as_str().as_bytes());
        written.push(b':');
        written.extend_from_slice(value.as_bytes());
        written.push(b'\n');
    }
    written.push(b'\n');
    written.extend_from_slice(body);
    written
}

/// Reads an answer that was written down.
fn read(written: &[u8]) -> Option<Response> {
    let (status, mut rest) = line(written)?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = http::StatusCode::from_bytes(status).ok()?;
    loop {
        let (header, after) = line(rest)?;
        rest = after;
        if header.is_empty() {
            break;
        }
        let colon = header.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(header.get(..colon)?).ok()?;
        let value = HeaderValue::from_bytes(header.get(colon + 1..)?).ok()?;
        response.headers_mut().append(name, value);
    }
    let is_so = HeaderValue::from_static("true");
    response.headers_mut().insert(REPLAYED, is_so);
    *response.body_mut() = Body::from(rest.to_vec());
    Some(response)
}

fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use axum::response::Response;
    use bytes::Bytes;
    use http::StatusCode;

    use super::{read, write};

    #[tokio::test]
    async fn an_answer_reads_as_it_was_written() {
        let body = Bytes::from_static(b"{\"a\":1}\n\n:\n");
        let response = Response::builder()
            .status(StatusCode::CREATED)
            .header("content-type", "application/json")
            .header("x-request-id", "a: b")
            .body(())
            .unwrap();
        let again = read(&write(&response.into_parts().0, &body)).unwrap();
        assert_eq!(again.status(), 201);
        assert_eq!(again.headers()["x-request-id"], "a: b");
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert_eq!(again.headers().len(), 3);
        let read = axum::body::to_bytes(again.into_body(), 100).await.unwrap();
        assert_eq!(read, body);
    }
}
