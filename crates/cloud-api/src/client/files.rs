//! Files: up, down and away.

use reqwest::multipart::{Form, Part};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::exchange::{self, NO_ADDRESS, describe, read, succeeded, write};
use super::{Client, reachable};
use crate::error::{ReadError, SendError};
use crate::lenient::Lenient;
use crate::line::Line;
use crate::media::{Details, Download, DownloadError, Upload};
use crate::wire::MESSAGING_PRODUCT;

/// The longest error of a file's server that is read.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Where Meta keeps files, and where its documents say they are.
const META_HOSTS: [&str; 5] = [
    "fbsbx.com",
    "facebook.com",
    "fbcdn.net",
    "whatsapp.net",
    "whatsapp.com",
];

impl Client {
    /// Gives Meta a file to send, and returns its id, which is good for 30 days.
    pub async fn upload(&self, line: &Line, upload: Upload) -> Result<String, SendError> {
        let url = reachable(line.own_url("media"))?;
        let (filename, mime_type) = (upload.plain_filename(), upload.mime_type);
        let part = Part::stream_with_length(upload.body, upload.length_bytes);
        let part = part.file_name(filename).mime_str(&mime_type);
        let part = part.map_err(|_| SendError::NotSent {
            reason: "the file's MIME type is none".into(),
        })?;
        let form = Form::new()
            .text("messaging_product", MESSAGING_PRODUCT)
            .text("type", mime_type)
            .part("file", part);
        let request = self
            .http
            .post(url)
            .bearer_auth(line.token.secret())
            .timeout(self.timeouts.transfer())
            .multipart(form);
        write(request, |answer: Value| answer.id("id")).await
    }

    /// Asks where a file of the line's is.
    pub async fn media(&self, line: &Line, media_id: &str) -> Result<Details, ReadError> {
        let url = line.url(&[media_id]).map(|it| of_line(it, line));
        let url = url.ok_or_else(|| ReadError::Unavailable {
            reason: NO_ADDRESS.into(),
        })?;
        let request = self.http.get(url).bearer_auth(line.token.secret());
        read(request, |answer| {
            let length = answer.integer("file_size");
            Some(Details {
                id: answer.id("id").unwrap_or_else(|| media_id.into()),
                url: answer.text("url")?,
                mime_type: answer.text("mime_type"),
                sha256: answer.text("sha256"),
                length_bytes: length.and_then(|it| u64::try_from(it).ok()),
            })
        })
        .await
    }

    /// Begins to fetch a file from where [`Client::media`] or a webhook says it is.
    ///
    /// The token goes only to the Graph API's own server and to Meta's.
    pub async fn download(
        &self,
        line: &Line,
        url: &str,
        max_bytes: u64,
    ) -> Result<Download, DownloadError> {
        let url = Url::parse(url).ok().filter(|url| may_have_token(line, url));
        let request = self.http.get(url.ok_or(DownloadError::Elsewhere)?);
        let request = request
            .bearer_auth(line.token.secret())
            .timeout(self.timeouts.transfer());
        let unavailable = |reason| DownloadError::Unavailable { reason };
        let response = request.send().await;
        let response = response.map_err(|it| unavailable(describe(it)))?;
        let status = response.status();
        match status {
            StatusCode::OK => Download::new(response, max_bytes),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(DownloadError::Gone),
            _ => {
                let bytes = exchange::body(response, MAX_ERROR_BYTES).await;
                let bytes = bytes.map_err(unavailable)?;
                Err(match exchange::refusal(status.as_u16(), &bytes) {
                    Some(error) => DownloadError::Refused(error),
                    None => unavailable(exchange::unreadable(status.as_u16())),
                })
            }
        }
    }

    /// Takes a file of the line's back from Meta.
    pub async fn delete_media(&self, line: &Line, media_id: &str) -> Result<(), SendError> {
        let url = reachable(line.url(&[media_id]).map(|it| of_line(it, line)))?;
        let request = self.http.delete(url).bearer_auth(line.token.secret());
        write(request, |answer: Value| succeeded(&answer)).await
    }
}

/// Asks for the file only if it is of this number.
fn of_line(mut url: Url, line: &Line) -> Url {
    url.query_pairs_mut()
        .append_pair("phone_number_id", &line.phone_number_id);
    url
}

/// Tells the Graph API's own server, and Meta's, from everybody else's.
fn may_have_token(line: &Line, url: &Url) -> bool {
    let graph = Url::parse(&line.graph_url);
    if graph.is_ok_and(|graph| graph.origin().is_tuple() && graph.origin() == url.origin()) {
        return true;
    }
    let host = url.host_str().unwrap_or_default();
    let is_metas = |name: &str| {
        let rest = host.strip_suffix(name);
        rest.is_some_and(|it| it.is_empty() || it.ends_with('.'))
    };
    url.scheme() == "https" && META_HOSTS.into_iter().any(is_metas)
}

#[cfg(test)]
mod tests {
    use super::may_have_token;
    use crate::line::{DEFAULT_VERSION, Line, Token};
    use reqwest::Url;

    #[test]
    fn the_token_goes_to_meta_and_to_nobody_else() {
        let line = Line {
            graph_url: "http://127.0.0.1:9000/graph".into(),
            version: DEFAULT_VERSION.into(),
            phone_number_id: "1".into(),
            token: Token::new("EAAsecret".into()),
        };
        for (url, may) in [
            (
                "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
                true,
            ),
            ("https://fbsbx.com/x", true),
            ("https://mmg.whatsapp.net/x", true),
            ("http://127.0.0.1:9000/files/1", true),
            ("http://127.0.0.1:9001/files/1", false),
            ("http://lookaside.fbsbx.com/x", false),
            ("https://evilfbsbx.com/x", false),
            ("https://fbsbx.com.evil.example/x", false),
            ("https://fbsbx.com@evil.example/x", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(
                may_have_token(&line, &Url::parse(url).unwrap()),
                may,
                "{url}"
            );
        }
    }
}
