//! A server that stands in for somebody else's, one request a connection.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method and target, such as `GET /a?b=c`.
    pub(crate) line: String,
    /// The body.
    pub(crate) body: String,
    head: String,
}

impl Request {
    /// Returns a header's value, or nothing as `""`.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// What is answered; nothing keeps the caller waiting.
pub(crate) type Reply = Option<(u16, String)>;

/// Somebody else's server; it goes with the test.
pub(crate) struct StandIn {
    /// Where it is, without a slash at the end.
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    _serving: JoinSet<()>,
}

impl StandIn {
    /// Starts a server that answers as `answer` says.
    pub(crate) async fn start(answer: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            // Kept open, so that whoever gets no answer goes on waiting.
            let mut silent = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                let reply = answer(&request);
                kept.lock().unwrap().push(request);
                match reply {
                    Some((status, body)) => write(&mut stream, status, &body).await,
                    None => silent.push(stream),
                }
            }
        });
        Self {
            url,
            requests,
            _serving: serving,
        }
    }

    /// Returns what was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut text = String::new();
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let (line, head) = head.split_once("\r\n").unwrap();
            let request = Request {
                line: line.trim_end_matches(" HTTP/1.1").into(),
                head: head.into(),
                body: body.into(),
            };
            let length = request.header("content-length").parse().unwrap_or(0);
            if request.body.len() >= length {
                return request;
            }
        }
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.unwrap();
        assert!(count > 0, "the request ended early: {text}");
        text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
}

async fn write(stream: &mut TcpStream, status: u16, body: &str) {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} As told\r\ncontent-length: {length}\r\nlocation: /elsewhere\r\n\
         connection: close\r\n\r\n"
    );
    // Who does not like the answer may hang up in the middle of it.
    drop(stream.write_all(format!("{head}{body}").as_bytes()).await);
}
