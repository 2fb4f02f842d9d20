use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{FetchError, FetchTimeouts, Fetcher};
use crate::outbound::Guard;

const MAX_BYTES: u64 = 10 * 1024;

/// Returns a fetcher with little patience that may also go to these places.
fn fetcher(allowed: &[&str]) -> Fetcher {
    let timeouts = FetchTimeouts {
        connect: Duration::from_secs(5),
        silence: Duration::from_secs(5),
        whole: Duration::from_millis(500),
    };
    Fetcher::new(Guard::allowing(allowed).unwrap(), timeouts).unwrap()
}

/// Fetches all of a file.
async fn fetch(fetcher: &Fetcher, url: &str) -> Result<(Option<String>, Vec<u8>), FetchError> {
    let mut fetched = fetcher.open(url, MAX_BYTES).await?;
    let mut bytes = vec![];
    while let Some(piece) = fetched.piece().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok((fetched.mime_type(), bytes))
}

/// Fetches `/x?secret=hush` from a server that gives these answers, one a connection, and is called
/// `name`; where an answer says PORT, it means its own.
async fn answered_as(
    name: &str,
    fetcher: &Fetcher,
    answers: &[&str],
) -> (Result<(Option<String>, Vec<u8>), FetchError>, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let mut requests = vec![];
    let url = format!("http://{name}:{port}/x?secret=hush");
    let serve = async {
        // A connection lives on while its answer is read.
        let mut open = vec![];
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![];
            while !request.ends_with(b"\r\n\r\n") {
                let mut bytes = [0; 1024];
                let count = stream.read(&mut bytes).await.unwrap();
                request.extend_from_slice(&bytes[..count]);
            }
            requests.push(String::from_utf8(request).unwrap());
            let answer = answer.replace("PORT", &port);
            stream.write_all(answer.as_bytes()).await.unwrap();
            if !answer.contains("SILENCE") {
                stream.shutdown().await.unwrap();
            }
            open.push(stream);
        }
        std::future::pending::<()>().await;
    };
    let fetched = tokio::select! {
        fetched = fetch(fetcher, &url) => fetched,
        () = serve => unreachable!("a server that serves on"),
    };
    (fetched, requests)
}

async fn answered(answer: &str) -> Result<(Option<String>, Vec<u8>), FetchError> {
    let fetcher = fetcher(&["127.0.0.1"]);
    answered_as("127.0.0.1", &fetcher, &[answer]).await.0
}

fn fault(said: &str) -> FetchError {
    FetchError::Fault(said.into())
}

fn unreachable_for(said: &str) -> FetchError {
    FetchError::Unreachable(said.into())
}

const PRIVATE: &str = "the address leads into a private network, which only the operator can allow";

#[tokio::test]
async fn a_file_comes_with_its_type_and_nobodys_secrets_go() {
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-type: Image/JPEG; q=1\r\ncontent-length: 5\r\n\r\nbytes";
    let fetcher = fetcher(&["127.0.0.1"]);
    let (file, requests) = answered_as("127.0.0.1", &fetcher, &[answer]).await;
    assert_eq!(file, Ok((Some("image/jpeg".into()), b"bytes".to_vec())));
    let request = requests[0].to_ascii_lowercase();
    assert!(
        request.starts_with("get /x?secret=hush http/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("user-agent: switchboard/"), "{request}");
    for header in ["authorization:", "cookie:", "referer:", "accept-encoding:"] {
        assert!(!request.contains(header), "{request}");
    }
}

#[tokio::test]
async fn a_file_that_is_too_long_is_given_up_at_the_limit() {
    let told = "HTTP/1.1 200 OK\r\ncontent-length: 10241\r\n\r\nSILENCE";
    assert_eq!(
        answered(told).await,
        Err(fault("the file has more than 10 KB"))
    );
    let untold = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(10_241));
    assert_eq!(
        answered(&untold).await,
        Err(fault("the file has more than 10 KB"))
    );
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2801\r\n{}\r\nSILENCE",
        "x".repeat(0x2801)
    );
    assert_eq!(
        answered(&chunked).await,
        Err(fault("the file has more than 10 KB"))
    );
    let just = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(10_240));
    assert_eq!(answered(&just).await.unwrap().1.len(), 10_240);
}

#[tokio::test]
async fn a_server_that_is_slow_is_given_up_after_a_while() {
    for answer in [
        "HTTP/1.1 200 OK\r\nx: SILENCE",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nSILENCE",
    ] {
        let slow = Err(unreachable_for("127.0.0.1 is too slow"));
        assert_eq!(answered(answer).await, slow, "{answer}");
    }
}

#[tokio::test]
async fn a_server_that_breaks_off_may_be_asked_again() {
    let broken = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nfoo";
    let broke_off = Err(unreachable_for("127.0.0.1 broke off"));
    assert_eq!(answered(broken).await, broke_off);
    assert_eq!(answered("what?\r\n\r\n").await, broke_off);
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", unused.local_addr().unwrap());
    drop(unused);
    let refused = fetch(&fetcher(&["127.0.0.1"]), &url).await;
    assert_eq!(
        refused,
        Err(unreachable_for("127.0.0.1 cannot be connected to"))
    );
    let unknown = fetch(&fetcher(&[]), "http://no-such-name.invalid/x").await;
    assert!(
        matches!(unknown, Err(FetchError::Unreachable(_))),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn a_status_says_whether_to_ask_again() {
    for (status, may_pass) in [
        (204, false),
        (304, false),
        (401, false),
        (403, false),
        (404, false),
        (410, false),
        (408, true),
        (429, true),
        (500, true),
        (503, true),
    ] {
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
        let said = format!("127.0.0.1 answered with status {status}");
        let expected = if may_pass {
            unreachable_for(&said)
        } else {
            fault(&said)
        };
        assert_eq!(answered(&answer).await, Err(expected));
    }
}

#[tokio::test]
async fn a_file_that_moved_is_found_unless_it_never_stays() {
    let fetcher = fetcher(&["127.0.0.1"]);
    let moved = "HTTP/1.1 302 Found\r\nlocation: ../y\r\ncontent-length: 0\r\n\r\n";
    let there = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let (file, requests) = answered_as("127.0.0.1", &fetcher, &[moved, moved, moved, there]).await;
    assert_eq!(file, Ok((None, b"ok".to_vec())));
    assert!(
        requests[3].starts_with("GET /y HTTP/1.1"),
        "{}",
        requests[3]
    );
    let (file, _) = answered_as("127.0.0.1", &fetcher, &[moved; 4]).await;
    let said = "the address leads to another and that one on, too often";
    assert_eq!(file, Err(fault(said)));
}

#[tokio::test]
async fn a_file_does_not_move_into_a_private_network() {
    let fetcher = fetcher(&["127.0.0.1"]);
    for (place, said) in [
        ("http://169.254.169.254/latest/meta-data/", PRIVATE),
        ("http://127.0.0.2:PORT/", PRIVATE),
        ("//[::1]:PORT/", PRIVATE),
        (
            "file:///etc/passwd",
            "the address does not begin with http:// or https://",
        ),
        (
            "http://u:p@127.0.0.1:PORT/",
            "the address carries a user name or a password",
        ),
    ] {
        let moved = format!("HTTP/1.1 301 Moved\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n");
        let (file, _) = answered_as("127.0.0.1", &fetcher, &[moved.as_str()]).await;
        assert_eq!(file, Err(fault(said)), "{place}");
    }
}

#[tokio::test]
async fn a_name_that_leads_into_a_private_network_is_not_asked() {
    let there = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let (file, requests) = answered_as("localhost", &fetcher(&[]), &[there]).await;
    assert_eq!(file, Err(fault(PRIVATE)));
    assert_eq!(requests, Vec::<String>::new());
    for allowed in ["localhost", "127.0.0.0/8"] {
        let (file, _) = answered_as("localhost", &fetcher(&[allowed]), &[there]).await;
        assert_eq!(file, Ok((None, b"ok".to_vec())), "{allowed}");
    }
}
