//! Somebody's server that is told of what happens.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::pattern::Bindings;

/// A server on this machine that keeps what it is told.
pub struct Receiver {
    /// Where it is told.
    pub url: String,
    inner: Arc<Mutex<Inner>>,
    _serving: JoinSet<()>,
}

struct Inner {
    heard: Vec<Heard>,
    /// The status of its answers; nothing keeps whoever tells it waiting.
    answer: Option<u16>,
}

/// Something it was told.
#[derive(Clone, Debug)]
pub struct Heard {
    /// All that was said, exactly as it came.
    pub body: String,
    head: String,
}

impl Heard {
    /// Returns what was said as JSON.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Returns a header's value; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// Checks what was said, key order included; `<uuid>` and its like stand for any.
    ///
    /// # Panics
    /// Where it is something else.
    #[track_caller]
    pub fn assert(&self, pattern: &str) -> &Self {
        if let Some(difference) = Bindings::default().difference(pattern, &self.body) {
            panic!("{}\n{difference}", self.body);
        }
        self
    }
}

impl Receiver {
    /// Starts a server that answers with 200.
    ///
    /// # Panics
    /// Where it does not start.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let inner = Arc::new(Mutex::new(Inner {
            heard: Vec::new(),
            answer: Some(200),
        }));
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&inner)));
        Self {
            url: format!("http://{address}/hook"),
            inner,
            _serving: serving,
        }
    }

    /// Answers with a status from now on.
    pub fn answer(&self, status: u16) {
        lock(&self.inner).answer = Some(status);
    }

    /// Answers nothing from now on.
    pub fn keep_silent(&self) {
        lock(&self.inner).answer = None;
    }

    /// Returns what it was told so far.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.inner).heard.clone()
    }

    /// Returns what it was told since this was last asked for.
    #[must_use]
    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut lock(&self.inner).heard)
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, inner: Arc<Mutex<Inner>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(listen(stream, Arc::clone(&inner)));
    }
}

/// Listens to one request and closes.
async fn listen(mut stream: TcpStream, inner: Arc<Mutex<Inner>>) {
    let Some(heard) = read(&mut stream).await else {
        return;
    };
    let answer = {
        let mut inner = lock(&inner);
        inner.heard.push(heard);
        inner.answer
    };
    match answer {
        Some(status) => {
            let head = format!(
                "HTTP/1.1 {status} As told\r\ncontent-length: 0\r\nlocation: /elsewhere\r\n\
                 connection: close\r\n\r\n"
            );
            drop(stream.write_all(head.as_bytes()).await);
        }
        None => std::future::pending().await,
    }
}

async fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut text = Vec::new();
    loop {
        let said = String::from_utf8_lossy(&text);
        if let Some((head, body)) = said.split_once("\r\n\r\n") {
            let heard = Heard {
                head: head.to_owned(),
                body: body.to_owned(),
            };
            let length = heard.header("content-length").parse().unwrap_or(0);
            if heard.body.len() >= length {
                return Some(heard);
            }
        }
        if !matches!(stream.read_buf(&mut text).await, Ok(1..)) {
            return None;
        }
    }
}
