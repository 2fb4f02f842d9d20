//! A server that answers one connection as it is told.

use std::time::Duration;

use cloud_api::{Client, DEFAULT_VERSION, Line, Timeouts, Token};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const SECRET: &str = "EAAsecret";
pub(crate) const PHONE_NUMBER_ID: &str = "106540352242922";
pub(crate) const WABA_ID: &str = "102290129340398";

/// Returns a client with little patience.
pub(crate) fn client() -> Client {
    let timeouts = Timeouts {
        connect: Duration::from_millis(200),
        answer: Duration::from_millis(400),
    };
    Client::new(timeouts).unwrap()
}

pub(crate) fn line(graph_url: &str) -> Line {
    Line {
        graph_url: graph_url.into(),
        version: DEFAULT_VERSION.into(),
        phone_number_id: PHONE_NUMBER_ID.into(),
        token: Token::new(SECRET.into()),
    }
}

/// Returns an answer as it goes over the wire.
pub(crate) fn http(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// Makes a call at a server that reads one whole request, writes `answer` and closes; returns what
/// became of the call, and the request.
pub(crate) async fn answered<T>(
    answer: &str,
    call: impl AsyncFnOnce(Client, Line) -> T,
) -> (T, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        request
    };
    tokio::join!(call(client(), line(&url)), server)
}

/// Reads a request with its body.
pub(crate) async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    while !is_whole(&request) {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.unwrap();
        assert!(count > 0, "the request ended early: {request}");
        request.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    request
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    assert!(!head.contains("transfer-encoding"), "{head}");
    body.len() >= header(request, "content-length").map_or(0, |it| it.parse().unwrap())
}

/// Returns a header of a request.
pub(crate) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let head = request.split_once("\r\n\r\n")?.0;
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// Returns the first line of a request, without the version of HTTP.
pub(crate) fn asked(request: &str) -> &str {
    assert_eq!(
        header(request, "authorization"),
        Some(format!("Bearer {SECRET}").as_str())
    );
    assert!(header(request, "user-agent").is_some_and(|it| it.starts_with("switchboard/")));
    let line = request.lines().next().unwrap();
    line.strip_suffix(" HTTP/1.1").unwrap()
}

/// Returns the body of a request.
pub(crate) fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}
