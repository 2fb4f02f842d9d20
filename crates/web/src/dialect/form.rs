//! Forms with files: `multipart/form-data`.
//!
//! A form is told to a handler as the JSON object that says the same, so that a dialect reads one
//! kind of body. Its files are written away as they come; in the object stand their hashes.

use std::future::Future;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};
use multer::{Constraints, Field, Multipart, SizeLimit};
use operations::{Caller, GivenFile, Operations};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use super::Failure;

/// How long a form may be: the longest file, and room for the rest.
pub(super) const MAX_BYTES: u64 = 105 << 20;

/// How much of it may be texts, and how many parts it may have.
const MAX_TEXT_BYTES: usize = 1 << 20;
const MAX_PARTS: usize = 100;

/// How deep names such as `contact[firstname]` may go.
const MAX_DEPTH: usize = 3;

/// How long the next piece may take to arrive, and all of them.
const SILENCE: Duration = Duration::from_secs(30);
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// A file of a form, by the name of its field.
pub(crate) type FormFile = (String, GivenFile);

/// Returns whether a body says that it is a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let value = content_type(headers).to_ascii_lowercase();
    value.starts_with("multipart/form-data")
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE);
    value.and_then(|it| it.to_str().ok()).unwrap_or_default()
}

/// Reads a form of at most `max_bytes`: what it says, as JSON, and its files.
pub(super) async fn read(
    (operations, caller): (&Operations, &Caller),
    headers: &HeaderMap,
    body: Body,
    max_bytes: u64,
) -> Result<(Bytes, Vec<FormFile>), Failure> {
    let boundary = multer::parse_boundary(content_type(headers));
    let boundary = boundary.map_err(|_| Failure::BadForm)?;
    let size = SizeLimit::new().whole_stream(max_bytes);
    let constraints = Constraints::new().size_limit(size);
    let stream = body.into_data_stream();
    let mut reading = Reading {
        parts: Multipart::with_constraints(stream, boundary, constraints),
        until: Instant::now() + TIME_LIMIT,
        text_bytes: 0,
        values: Map::new(),
        files: Vec::new(),
    };
    for _ in 0..MAX_PARTS {
        let next = within(reading.until, reading.parts.next_field()).await?;
        let Some(part) = next else {
            let said = serde_json::to_vec(&reading.values).map_err(|_| Failure::Internal)?;
            return Ok((said.into(), reading.files));
        };
        reading.part(operations, caller, part).await?;
    }
    Err(Failure::BadForm)
}

struct Reading {
    parts: Multipart<'static>,
    until: Instant,
    text_bytes: usize,
    values: Map<String, Value>,
    files: Vec<FormFile>,
}

impl Reading {
    async fn part(
        &mut self,
        operations: &Operations,
        caller: &Caller,
        mut part: Field<'static>,
    ) -> Result<(), Failure> {
        let field = part.name().ok_or(Failure::BadForm)?.to_owned();
        let Some(name) = part.file_name().map(str::to_owned) else {
            let text = self.text(part).await?;
            set(&mut self.values, &field, Value::String(text));
            return Ok(());
        };
        let said = part.content_type().map(|it| it.essence_str().to_owned());
        let begun = operations.begin_file(caller, name, said).await;
        let mut file = begun.map_err(|_| Failure::Internal)?;
        while let Some(piece) = within(self.until, part.chunk()).await? {
            file.write(piece).await.map_err(|_| Failure::Internal)?;
        }
        // A browser sends a nameless, empty file where none was chosen.
        if !file.name().is_empty() || file.length_bytes() > 0 {
            set(&mut self.values, &field, Value::String(file.hash()));
            self.files.push((field, file));
        }
        Ok(())
    }

    async fn text(&mut self, mut part: Field<'static>) -> Result<String, Failure> {
        let mut text = Vec::new();
        while let Some(piece) = within(self.until, part.chunk()).await? {
            self.text_bytes += piece.len();
            if self.text_bytes > MAX_TEXT_BYTES {
                let max_bytes = MAX_TEXT_BYTES;
                return Err(Failure::TooLarge { max_bytes });
            }
            text.extend_from_slice(&piece);
        }
        String::from_utf8(text).map_err(|_| Failure::BadForm)
    }
}

/// Waits for the next piece.
async fn within<T>(
    until: Instant,
    step: impl Future<Output = multer::Result<T>>,
) -> Result<T, Failure> {
    let until = until.min(Instant::now() + SILENCE);
    let step = timeout_at(until, step)
        .await
        .map_err(|_| Failure::SlowBody)?;
    step.map_err(|error| match error {
        multer::Error::StreamSizeExceeded { limit } => Failure::TooLarge {
            max_bytes: usize::try_from(limit).unwrap_or(usize::MAX),
        },
        multer::Error::StreamReadFailed(_)
        | multer::Error::IncompleteFieldData { .. }
        | multer::Error::IncompleteHeaders
        | multer::Error::IncompleteStream => Failure::BrokenBody,
        _ => Failure::BadForm,
    })
}

/// Puts a value where its name says: `contact[firstname]` is the `firstname` of `contact`.
fn set(values: &mut Map<String, Value>, name: &str, value: Value) {
    let mut parts = name.split('[');
    let first = parts.next().unwrap_or_default();
    let inner: Option<Vec<&str>> = parts.map(|part| part.strip_suffix(']')).collect();
    let inner = inner.filter(|it| it.len() < MAX_DEPTH && !it.contains(&""));
    let Some(inner) = inner else {
        values.insert(name.to_owned(), value);
        return;
    };
    let mut place = values.entry(first).or_insert(Value::Null);
    for key in inner {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[key];
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use bytes::Bytes;
    use futures_util::stream;
    use http::{HeaderMap, HeaderValue, header};
    use serde_json::{Map, Value, json};
    use std::io;
    use test_support::TestServer;

    use super::{FormFile, read, set};
    use crate::dialect::Failure;

    /// Reads a form that comes in pieces.
    async fn form(
        boundary: &'static str,
        pieces: Vec<io::Result<Bytes>>,
        max_bytes: u64,
    ) -> Result<(Value, Vec<FormFile>), Failure> {
        let server = TestServer::start().await;
        let caller = server.tenant("acme").await.operator();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(boundary));
        let body = Body::from_stream(stream::iter(pieces));
        let read = read((&server.operations, &caller), &headers, body, max_bytes).await;
        read.map(|(said, files)| (serde_json::from_slice(&said).unwrap(), files))
    }

    const BOUNDARY: &str = "multipart/form-data; boundary=b";

    fn whole(text: &str) -> Vec<io::Result<Bytes>> {
        let text = text.replace('\n', "\r\n");
        let pieces = text.as_bytes().chunks(7);
        pieces.map(|it| Ok(Bytes::copy_from_slice(it))).collect()
    }

    const FORM: &str = "--b\nContent-Disposition: form-data; name=\"phone\"\n\n+27 82\n\
        --b\nContent-Disposition: form-data; name=\"contact[email]\"\n\na@b.co\n\
        --b\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\n\n\n\
        --b\nContent-Disposition: form-data; name=\"file\"; filename=\"é.txt\"\n\
        Content-Type: text/plain; charset=utf-8\n\nhello\n--b--\n";

    #[tokio::test]
    async fn a_form_is_an_object_and_its_files() {
        let (said, files) = form(BOUNDARY, whole(FORM), 1000).await.unwrap();
        let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let expected = json!({"phone": "+27 82", "contact": {"email": "a@b.co"}, "file": hash});
        assert_eq!(said, expected);
        let [(field, file)] = &files[..] else {
            panic!("{files:?}");
        };
        assert_eq!(
            (field.as_str(), file.name(), file.length_bytes()),
            ("file", "é.txt", 5)
        );
    }

    #[tokio::test]
    async fn a_form_that_is_too_long_breaks_off_or_is_none_says_so() {
        let long = form(BOUNDARY, whole(FORM), 100).await;
        assert!(
            matches!(long, Err(Failure::TooLarge { max_bytes: 100 })),
            "{long:?}"
        );
        let mut pieces = whole(FORM);
        pieces.truncate(20);
        let broken = form(BOUNDARY, pieces, 1000).await;
        assert!(matches!(broken, Err(Failure::BrokenBody)), "{broken:?}");
        let gone = vec![
            Ok(Bytes::from_static(b"--b\r\n")),
            Err(io::Error::other("gone")),
        ];
        let gone = form(BOUNDARY, gone, 1000).await;
        assert!(matches!(gone, Err(Failure::BrokenBody)), "{gone:?}");
        let nameless = whole("--b\nContent-Disposition: form-data\n\nx\n--b--\n");
        let not_text = vec![
            Ok(Bytes::from_static(
                b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n",
            )),
            Ok(Bytes::from_static(b"\xff\r\n--b--\r\n")),
        ];
        let part = "--b\nContent-Disposition: form-data; name=\"a\"\n\nx\n";
        let many = whole(&format!("{}--b--\n", part.repeat(101)));
        for bad in [nameless, not_text, many] {
            let bad = form(BOUNDARY, bad, 100_000).await;
            assert!(matches!(bad, Err(Failure::BadForm)), "{bad:?}");
        }
        let unbound = form("multipart/form-data", whole(FORM), 1000).await;
        assert!(matches!(unbound, Err(Failure::BadForm)), "{unbound:?}");
    }

    #[tokio::test]
    async fn the_texts_of_a_form_are_shorter_than_its_files() {
        let text = "x".repeat((1 << 20) + 1);
        let body = format!("--b\nContent-Disposition: form-data; name=\"a\"\n\n{text}\n--b--\n");
        let pieces = vec![Ok(Bytes::from(body.replace('\n', "\r\n")))];
        let long = form(BOUNDARY, pieces, 2 << 20).await;
        assert!(
            matches!(
                long,
                Err(Failure::TooLarge {
                    max_bytes: 1_048_576
                })
            ),
            "{long:?}"
        );
    }

    #[test]
    fn names_with_brackets_go_inside() {
        let mut values = Map::new();
        for name in [
            "a",
            "b[x]",
            "b[y]",
            "c[x][y]",
            "d[x][y][z]",
            "e[]",
            "f[x",
            "a[x]",
        ] {
            set(&mut values, name, json!(name));
        }
        let expected = json!({
            "a": {"x": "a[x]"}, "b": {"x": "b[x]", "y": "b[y]"}, "c": {"x": {"y": "c[x][y]"}},
            "d[x][y][z]": "d[x][y][z]", "e[]": "e[]", "f[x": "f[x",
        });
        assert_eq!(Value::Object(values), expected);
    }
}
