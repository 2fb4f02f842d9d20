//! An app that gets webhooks.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cloud_api::signature::{Handshake, SIGNATURE_HEADER, verify};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use simulator::App;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub(crate) const SECRET: &str = "a secret of the app";
pub(crate) const WORD: &str = "a word that both know";

/// How long a webhook may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// An app with an address of its own, which answers 200 unless told otherwise.
pub(crate) struct Listener {
    address: SocketAddr,
    posts: UnboundedReceiver<Post>,
    answers: Arc<Mutex<VecDeque<u16>>>,
    _running: DropGuard,
}

/// A webhook that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) path: String,
    pub(crate) signature: Option<String>,
    pub(crate) body: Bytes,
}

impl Post {
    pub(crate) fn is_signed(&self) -> bool {
        let signature = self.signature.as_deref();
        signature.is_some_and(|it| verify(SECRET, &self.body, it))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Returns the values of its changes, in their order.
    pub(crate) fn values(&self) -> Vec<Value> {
        let json = self.json();
        let entries = json["entry"].as_array().unwrap().iter();
        let changes = entries.flat_map(|it| it["changes"].as_array().unwrap());
        changes.map(|it| it["value"].clone()).collect()
    }
}

impl Listener {
    pub(crate) async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (sender, posts) = unbounded_channel();
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
        let (connections, told) = (tasks.clone(), answers.clone());
        tasks.spawn(stopping.clone().run_until_cancelled_owned(async move {
            loop {
                let (stream, _) = socket.accept().await.unwrap();
                let (sender, told) = (sender.clone(), told.clone());
                connections.spawn(async move {
                    let service = service_fn(|request| answer(&sender, &told, request));
                    drop(
                        http1::Builder::new()
                            .serve_connection(TokioIo::new(stream), service)
                            .await,
                    );
                });
            }
        }));
        Self {
            address,
            posts,
            answers,
            _running: stopping.drop_guard(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns it as an app that the simulator can be given.
    pub(crate) fn app(&self) -> App {
        App {
            id: "670843887433847".into(),
            secret: SECRET.into(),
            verify_token: WORD.into(),
            callback_url: Some(self.url("/webhook")),
        }
    }

    /// Lets the next webhooks be answered with these.
    pub(crate) fn answer_with(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// Waits for a webhook.
    pub(crate) async fn next(&mut self) -> Post {
        let post = tokio::time::timeout(PATIENCE, self.posts.recv()).await;
        post.expect("no webhook came").unwrap()
    }

    /// Waits for some webhooks, and returns the values in all of them.
    pub(crate) async fn values(&mut self, posts: usize) -> Vec<Value> {
        let mut values = Vec::new();
        for _ in 0..posts {
            values.extend(self.next().await.values());
        }
        values
    }

    /// Tells whether a webhook has come that nobody looked at.
    pub(crate) fn has_more(&mut self) -> bool {
        self.posts.try_recv().is_ok()
    }
}

async fn answer(
    sender: &UnboundedSender<Post>,
    answers: &Mutex<VecDeque<u16>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    if head.method == Method::GET {
        if path == "/a.png" {
            let picture = Response::builder().header("content-type", "image/png");
            return Ok(picture.body(Full::from("a picture")).unwrap());
        }
        let handshake = Handshake::of_query(head.uri.query().unwrap_or_default());
        let challenge = handshake.and_then(|it| it.answer(WORD).map(str::to_owned));
        let mut answer = Response::new(Full::from(challenge.clone().unwrap_or_default()));
        if challenge.is_none() {
            *answer.status_mut() = StatusCode::FORBIDDEN;
        }
        return Ok(answer);
    }
    let signature = head.headers.get(SIGNATURE_HEADER);
    let post = Post {
        path,
        signature: signature.map(|it| it.to_str().unwrap().to_owned()),
        body: body.collect().await?.to_bytes(),
    };
    let status = answers.lock().unwrap().pop_front().unwrap_or(200);
    drop(sender.send(post));
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    Ok(answer)
}
