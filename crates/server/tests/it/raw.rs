//! A socket that says whatever it is told to, as no well-kept client would.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to a server.
pub(crate) struct Line {
    stream: TcpStream,
    came: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl RawAnswer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Returns a request with a JSON body.
pub(crate) fn post(path: &str, key: &str, body: &str) -> String {
    let length = body.len();
    format!("{}Content-Length: {length}\r\n\r\n{body}", head(path, key))
}

/// Returns the head of a POST, but for its last lines.
pub(crate) fn head(path: &str, key: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\n"
    )
}

impl Line {
    pub(crate) async fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let came = vec![];
        Self { stream, came }
    }

    /// Writes as much as the server takes: it may have hung up, and what it said is what counts.
    pub(crate) async fn say(&mut self, words: impl AsRef<[u8]>) -> &mut Self {
        let written = tokio::time::timeout(PATIENCE, self.stream.write_all(words.as_ref()));
        drop(written.await.unwrap());
        self
    }

    /// Reads one answer.
    pub(crate) async fn answer(&mut self) -> RawAnswer {
        let answer = self.answer_or_end().await;
        answer.expect("an answer before the end of the connection")
    }

    /// Reads one answer, unless the server hangs up without one.
    pub(crate) async fn answer_or_end(&mut self) -> Option<RawAnswer> {
        let end = loop {
            if let Some(at) = self.came.windows(4).position(|it| it == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.more().await {
                assert_eq!(self.came, b"", "half an answer");
                return None;
            }
        };
        let head: Vec<u8> = self.came.drain(..end).collect();
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.split("content-length: ").nth(1).map_or(0, |rest| {
            rest.split("\r\n").next().unwrap().parse().unwrap()
        });
        while self.came.len() < length {
            assert!(self.more().await, "{head} has no body but {:?}", self.came);
        }
        let body = self.came.drain(..length).collect();
        Some(RawAnswer { status, head, body })
    }

    /// Returns whether the server closes the connection without another word.
    pub(crate) async fn is_hung_up(&mut self) -> bool {
        !self.more().await && self.came.is_empty()
    }

    async fn more(&mut self) -> bool {
        let reading = self.stream.read_buf(&mut self.came);
        let read = tokio::time::timeout(PATIENCE, reading).await;
        read.expect("the server says something")
            .is_ok_and(|read| read > 0)
    }
}
