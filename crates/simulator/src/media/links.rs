//! Files that messages only point to.

use http::header::CONTENT_TYPE;
use reqwest::Client;

use super::kinds;

/// Tells whether there is a file behind a link, of a type that Meta takes.
pub(crate) async fn is_there(http: &Client, link: &str) -> bool {
    let Ok(mut response) = http.get(link).send().await else {
        return false;
    };
    if !response.status().is_success() {
        return false;
    }
    let mime_type = response.headers().get(CONTENT_TYPE);
    let mime_type = mime_type.and_then(|it| it.to_str().ok()).map(str::to_owned);
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_) => return false,
        }
        if bytes.len() > kinds::MAX_UPLOAD_BYTES {
            return false;
        }
    }
    mime_type.is_some_and(|it| kinds::complaint(&it, &bytes).is_none())
}
