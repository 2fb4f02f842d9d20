//! Over a real connection: what a client hears that still speaks when the answer is ready.

use std::time::{Duration, Instant};

use test_support::TestServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Sends `head` and `body` to a server of its own and returns what it answers.
async fn answer(head: &str, body: &[u8]) -> String {
    ask(&TestServer::start().await, head, body).await
}

async fn ask(server: &TestServer, head: &str, body: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = web::serve(
        listener,
        server.web().clone(),
        web::Limits::default(),
        stopped,
    );
    let asking = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        // To the end of the first answer's JSON; the connection may stay open.
        while !answer.ends_with(b"}") && !answer.ends_with(b"\r\n\r\n") {
            match stream.read(&mut buffer).await.unwrap() {
                0 => break,
                length => answer.extend_from_slice(&buffer[..length]),
            }
        }
        drop(stream);
        drop(stop);
        String::from_utf8(answer).unwrap()
    };
    let (_, answer) = tokio::join!(serving, asking);
    answer
}

/// Asks with a body of so many bytes, of which the head tells.
async fn answer_to(path: &str, length: usize, header: &str) -> String {
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{header}\r\n");
    answer(&head, &vec![b' '; length]).await
}

#[tokio::test]
async fn a_refusal_is_heard_by_a_client_that_is_still_sending() {
    for path in ["/contact", "/api/v1/contacts", "/api/v2/contacts"] {
        let heard = answer_to(path, 7 << 20, "").await;
        assert!(heard.starts_with("HTTP/1.1 401 "), "{heard}");
    }
    for (path, status) in [("/nothing", "404"), ("/healthz", "405")] {
        let heard = answer_to(path, 7 << 20, "").await;
        assert!(heard.starts_with(&format!("HTTP/1.1 {status} ")), "{heard}");
    }
}

#[tokio::test]
async fn who_waits_to_be_asked_for_the_body_is_not_asked_after_a_refusal() {
    let head = "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\
                Expect: 100-continue\r\n\r\n";
    let heard = answer(head, b"").await;
    assert!(heard.starts_with("HTTP/1.1 401 "), "{heard}");
}

#[tokio::test]
async fn a_body_in_pieces_has_its_limit_too() {
    let server = TestServer::start().await;
    let key = server.tenant("acme").await.flowiq().await;
    let head = format!(
        "POST /contact HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        key.header()
    );
    let piece = [
        format!("{:x}\r\n", 1 << 16).as_bytes(),
        &vec![b' '; 1 << 16],
        b"\r\n",
    ]
    .concat();
    let mut body = piece.repeat(64);
    body.extend_from_slice(b"0\r\n\r\n");
    let heard = ask(&server, &head, &body).await;
    assert!(heard.starts_with("HTTP/1.1 413 "), "{heard}");
    assert!(
        heard.contains(r#"{"error":"Request body too large""#),
        "{heard}"
    );
}

#[tokio::test]
async fn half_a_head_holds_no_shutdown_up_and_a_request_under_way_is_answered() {
    let server = TestServer::start().await;
    let key = server.tenant("acme").await.flowella().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let web = server.web().clone();
    let serving = web::serve(listener, web, web::Limits::default(), stopped);
    let asking = async {
        let mut half = TcpStream::connect(address).await.unwrap();
        half.write_all(b"GET /healthz HTTP/1.1\r\nHo")
            .await
            .unwrap();
        let mut whole = TcpStream::connect(address).await.unwrap();
        let body = br#"{"phone":"+34600111222"}"#;
        let head = format!(
            "POST /api/v1/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\
             Authorization: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len(),
            key.header()
        );
        whole.write_all(head.as_bytes()).await.unwrap();
        let mut heard = [0; 4096];
        let length = whole.read(&mut heard).await.unwrap();
        assert!(heard[..length].starts_with(b"HTTP/1.1 100 "));
        // It is asked for the body, and gets to say it after the server was told to stop.
        drop(stop);
        whole.write_all(body).await.unwrap();
        let length = whole.read(&mut heard).await.unwrap();
        (half, String::from_utf8_lossy(&heard[..length]).into_owned())
    };
    let started = Instant::now();
    let (_, (half, heard)) = tokio::join!(serving, asking);
    assert!(heard.starts_with("HTTP/1.1 200 "), "{heard}");
    assert!(started.elapsed() < Duration::from_secs(15));
    drop(half);
}
