//! A server that stands in for Meta and for everybody else who has files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What is answered to a request.
#[derive(Clone)]
pub(super) struct Answer {
    status: u16,
    mime_type: &'static str,
    body: Vec<u8>,
    /// Whether half of the body is kept back, for ever.
    is_stuck: bool,
}

impl Answer {
    pub(super) fn file(mime_type: &'static str, body: &[u8]) -> Self {
        Self {
            status: 200,
            mime_type,
            body: body.to_vec(),
            is_stuck: false,
        }
    }

    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            ..Self::file("application/json", body.to_string().as_bytes())
        }
    }

    pub(super) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::file("text/plain", b"")
        }
    }

    pub(super) fn stuck(self) -> Self {
        Self {
            is_stuck: true,
            ..self
        }
    }
}

/// A request that came.
#[derive(Clone)]
pub(super) struct Request {
    /// Such as `GET /x`, without the query.
    pub(super) asked: String,
    /// All of it, with what is not text replaced.
    pub(super) text: String,
}

struct Inner {
    answers: Mutex<HashMap<String, Answer>>,
    requests: watch::Sender<Vec<Request>>,
}

/// A server that answers as it is told, and gives each file that is uploaded an id.
pub(super) struct StandIn {
    pub(super) url: String,
    inner: Arc<Inner>,
    _serving: JoinSet<()>,
}

impl StandIn {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = Arc::new(Inner {
            answers: Mutex::default(),
            requests: watch::Sender::default(),
        });
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&inner)));
        Self {
            url,
            inner,
            _serving: serving,
        }
    }

    /// From now on, answers requests such as `GET /x` so.
    pub(super) fn answer(&self, asked: &str, answer: Answer) {
        self.answers().insert(asked.into(), answer);
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<String, Answer>> {
        let answers = self.inner.answers.lock();
        answers.unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the requests of this beginning so far.
    pub(super) fn asked(&self, begin: &str) -> Vec<Request> {
        let requests = self.inner.requests.borrow();
        let begins = |it: &&Request| it.asked.starts_with(begin);
        requests.iter().filter(begins).cloned().collect()
    }

    /// Waits for a request.
    pub(super) async fn wait_for(&self, asked: &str) {
        self.wait_for_count(asked, 1).await;
    }

    /// Waits for so many requests.
    pub(super) async fn wait_for_count(&self, asked: &str, count: usize) {
        let mut requests = self.inner.requests.subscribe();
        let has_come = |requests: &Vec<Request>| {
            requests.iter().filter(|it| it.asked == asked).count() >= count
        };
        requests.wait_for(has_come).await.unwrap();
    }
}

async fn serve(listener: TcpListener, inner: Arc<Inner>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(talk(stream, Arc::clone(&inner)));
    }
}

/// Answers one request and closes, unless the client went away.
async fn talk(mut stream: TcpStream, inner: Arc<Inner>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let asked = request.asked.clone();
    let mut number = 0;
    inner.requests.send_modify(|requests| {
        requests.push(request);
        number = requests.iter().filter(|it| it.asked == asked).count();
    });
    let known = inner.answers.lock().unwrap().get(&asked).cloned();
    let answer = known.unwrap_or_else(|| match asked.ends_with("/media") {
        true => Answer::json(
            200,
            &serde_json::json!({ "id": format!("uploaded-{number}") }),
        ),
        false => Answer::status(404),
    });
    let Answer {
        status, mime_type, ..
    } = answer;
    let length = answer.body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {mime_type}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    );
    let sent = if answer.is_stuck { length / 2 } else { length };
    let whole = [head.as_bytes(), &answer.body[..sent]].concat();
    drop(stream.write_all(&whole).await);
    if answer.is_stuck {
        std::future::pending::<()>().await;
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = vec![];
    loop {
        let count = stream.read_buf(&mut bytes).await.ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let head = text.split_once("\r\n\r\n").map(|(head, _)| head.to_owned());
        if let Some(head) = head {
            let length = head.to_ascii_lowercase();
            let length = length.split_once("content-length: ").map_or(0, |(_, it)| {
                it.split("\r\n").next().unwrap().parse().unwrap()
            });
            if bytes.len() >= head.len() + 4 + length {
                let line = head.lines().next().unwrap();
                let mut words = line.split([' ', '?']);
                let asked = [words.next().unwrap(), words.next().unwrap()].join(" ");
                return Some(Request { asked, text });
            }
        }
        if count == 0 {
            return None;
        }
    }
}
