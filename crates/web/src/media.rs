//! `/media/…`: the media of messages, for whoever has its address.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderName, HeaderValue, StatusCode, header};
use operations::{OpenMedia, OpenedFile, Operations};

/// How long a client waits for what is still to come.
const SOON_SECONDS: i32 = 5;

/// Returns the routes that need no key but the address.
pub(crate) fn router(operations: Operations) -> Router {
    Router::new()
        .route("/media/{word}", get(read))
        .with_state(operations)
}

async fn read(State(operations): State<Operations>, Path(word): Path<String>) -> Response {
    match operations.open_link(&word).await {
        Ok(OpenMedia::Here(file)) => here(file),
        Ok(OpenMedia::None) => say(StatusCode::NOT_FOUND, "There is nothing here.\n"),
        Ok(OpenMedia::Gone(_)) => say(StatusCode::GONE, "WhatsApp no longer has this file.\n"),
        Ok(OpenMedia::Waiting) => {
            let said = "The file is still to come from WhatsApp; try again in a moment.\n";
            let mut response = say(StatusCode::SERVICE_UNAVAILABLE, said);
            let soon = HeaderValue::from(SOON_SECONDS);
            response.headers_mut().insert(header::RETRY_AFTER, soon);
            response
        }
        Err(_) => say(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.\n"),
    }
}

/// What people send may be a page with a script, which must do nothing in the name of this server.
const GUARDS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox",
    ),
    (header::CACHE_CONTROL, "private, max-age=86400"),
    (header::REFERRER_POLICY, "no-referrer"),
];

fn here(file: OpenedFile) -> Response {
    let is_harmless = ["image/", "audio/", "video/"]
        .iter()
        .any(|kind| file.mime_type.starts_with(kind))
        && !file.mime_type.contains("svg");
    let shown = if is_harmless { "inline" } else { "attachment" };
    let kind = HeaderValue::from_str(&file.mime_type);
    let unknown = |_| HeaderValue::from_static("application/octet-stream");
    let mut response = Response::new(Body::from_stream(file.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind.unwrap_or_else(unknown));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.length_bytes));
    let shown = HeaderValue::from_static(shown);
    headers.insert(header::CONTENT_DISPOSITION, shown);
    for (name, value) in GUARDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn say(status: StatusCode, said: &'static str) -> Response {
    let mut response = Response::new(Body::from(said));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}
