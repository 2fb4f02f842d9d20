//! Somebody's web server, with files on it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The smallest PNG there is, as far as anybody looks.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

/// A web server with files, on this machine.
pub struct FileHost {
    url: String,
    inner: Arc<Mutex<Inner>>,
    _serving: JoinSet<()>,
}

#[derive(Default)]
struct Inner {
    files: HashMap<String, (&'static str, Vec<u8>)>,
    asked: Vec<String>,
}

impl FileHost {
    /// Starts a server that has `picture.png`, `film.mp4`, `sound.ogg` and `paper.pdf`.
    ///
    /// # Panics
    /// Where it does not start.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let inner = Arc::default();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&inner)));
        let host = Self {
            url: format!("http://{address}"),
            inner,
            _serving: serving,
        };
        host.put("picture.png", "image/png", PICTURE);
        host.put("film.mp4", "video/mp4", b"\0\0\0\x20ftypisom\0\0\x02\0");
        host.put("sound.ogg", "audio/ogg", b"OggS\0\x02");
        host.put("paper.pdf", "application/pdf", b"%PDF-1.7");
        host
    }

    /// Puts a file on it.
    pub fn put(&self, name: &str, mime_type: &'static str, bytes: &[u8]) {
        let file = (mime_type, bytes.to_vec());
        lock(&self.inner).files.insert(format!("/{name}"), file);
    }

    /// Returns where a file is.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.url)
    }

    /// Returns how often a file was asked for.
    #[must_use]
    pub fn asked(&self, name: &str) -> usize {
        let path = format!("/{name}");
        let inner = lock(&self.inner);
        inner.asked.iter().filter(|asked| **asked == path).count()
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, inner: Arc<Mutex<Inner>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(answer(stream, Arc::clone(&inner)));
    }
}

/// Answers one request and closes; whoever goes away before misses nothing.
async fn answer(mut stream: TcpStream, inner: Arc<Mutex<Inner>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read_buf(&mut head).await, Ok(1..)) {
            return;
        }
    }
    let head = String::from_utf8_lossy(&head);
    let target = head.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let found = {
        let mut inner = lock(&inner);
        let found = inner.files.get(&path).cloned();
        inner.asked.push(path);
        found
    };
    let (status, mime_type, body) = match found {
        Some((mime_type, body)) => ("200 OK", mime_type, body),
        None => ("404 Not Found", "text/plain", b"gone".to_vec()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {mime_type}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    if stream.write_all(head.as_bytes()).await.is_ok() {
        drop(stream.write_all(&body).await);
    }
}
