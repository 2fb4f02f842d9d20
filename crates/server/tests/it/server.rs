//! A running server, its log, and what it answers.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::program::Program;

/// How long a server may take to be ready, or to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server, killed when the test ends. Errors in its log fail the test.
pub(crate) struct Server {
    child: Child,
    /// What it printed.
    pub(crate) output: Stream,
    /// What it logged, a JSON object a line.
    pub(crate) log: Stream,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    http: reqwest::Client,
    may_fail: bool,
}

/// What a process writes, as it comes.
#[derive(Clone, Default)]
pub(crate) struct Stream(Arc<(Mutex<String>, Condvar)>);

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Stream {
    pub(crate) fn read(source: impl Read + Send + 'static) -> Self {
        let stream = Self::default();
        let reader = stream.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                let (text, came) = &*reader.0;
                let mut text = text.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
                came.notify_all();
            }
        });
        stream
    }

    /// Returns all that was written so far.
    pub(crate) fn text(&self) -> String {
        self.0.0.lock().unwrap().clone()
    }

    /// Waits for a line that holds these words and returns it.
    pub(crate) fn wait_for(&self, words: &str) -> Option<String> {
        let until = Instant::now() + PATIENCE;
        let (text, came) = &*self.0;
        let mut text = text.lock().unwrap();
        loop {
            if let Some(line) = text.lines().find(|line| line.contains(words)) {
                return Some(line.to_owned());
            }
            let left = until.checked_duration_since(Instant::now())?;
            text = came.wait_timeout(text, left).unwrap().0;
        }
    }
}

impl Server {
    /// Starts a server on a free port and waits until it says that it is ready.
    pub(crate) async fn start(program: Program) -> Self {
        Self::start_at(program, Some("127.0.0.1:0")).await
    }

    /// Starts a server that learns elsewhere where to listen.
    pub(crate) async fn start_at(program: Program, listen: Option<&str>) -> Self {
        let program = program.args(listen.map(|listen| format!("--listen={listen}")));
        let mut child = program.env("SWITCHBOARD_LOG_FORMAT", "json").start();
        let output = Stream::read(child.stdout.take().unwrap());
        let log = Stream::read(child.stderr.take().unwrap());
        let Some(line) = log.wait_for(r#""message":"listening""#) else {
            child.kill().unwrap();
            panic!("the server does not listen:\n{}", log.text());
        };
        let line: Value = serde_json::from_str(&line).unwrap();
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .unwrap();
        let server = Self {
            child,
            output,
            log,
            address: line["address"].as_str().unwrap().parse().unwrap(),
            http,
            may_fail: false,
        };
        server.wait_until_ready().await;
        server
    }

    async fn wait_until_ready(&self) {
        let started = Instant::now();
        loop {
            let answer = self.http.get(self.url("/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{}", self.log.text());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str, key: &str) -> Answer {
        self.ask(Method::GET, path, key, None).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, key, Some(&body))
            .await
            .unwrap()
    }

    /// Asks a server that may be going down.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        key: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.http.request(method, self.url(path)).bearer_auth(key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let body = answer.json().await?;
        Ok(Answer { status, body })
    }

    /// Posts a body as Meta does.
    pub(crate) async fn post_signed(
        &self,
        path: &str,
        signature: &str,
        body: String,
    ) -> reqwest::Result<StatusCode> {
        let request = self.http.post(self.url(path));
        let request = request.header("x-hub-signature-256", signature).body(body);
        Ok(request.send().await?.status())
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Waits until the process is gone and returns its exit code, and how long that took.
    pub(crate) fn wait(&mut self) -> (Option<i32>, Duration) {
        let started = Instant::now();
        while started.elapsed() < PATIENCE * 2 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), started.elapsed());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server does not stop:\n{}", self.log.text());
    }

    /// Ends the process as a power cut would.
    pub(crate) fn kill(mut self) {
        self.may_fail = true;
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it in good order.
    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        let (code, _) = self.wait();
        assert_eq!(code, Some(0), "{}", self.log.text());
    }
}

/// Sends a signal by its name.
pub(crate) fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(sent.success());
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        let log = self.log.text();
        if !self.may_fail && !std::thread::panicking() {
            assert!(!log.contains(r#""level":"ERROR""#), "{log}");
        }
    }
}
