//! How far a request got, told by a server that answers one connection as it is told.

use cloud_api::{Accepted, Outgoing, Recipient, SendError};
use domain::message::Content;
use domain::message::content::{Text, Unsupported};
use tokio::net::TcpListener;

use crate::stand_in::{self, PHONE_NUMBER_ID, SECRET, client, http, line, read_request};

const DIGITS: &str = "16505551234";
const WORDS: &str = "words nobody else should read";

async fn send(graph_url: String) -> Result<Accepted, SendError> {
    let content = Content::Text(Text {
        body: WORDS.into(),
        preview_url: false,
    });
    let outgoing = Outgoing {
        to: Recipient::Phone(DIGITS),
        content: &content,
        context_wamid: None,
        opaque: None,
    };
    let sent = client().send(&line(&graph_url), &outgoing).await;
    if let Err(error) = &sent {
        for private in [SECRET, DIGITS, WORDS, PHONE_NUMBER_ID] {
            assert!(!format!("{error} {error:?}").contains(private), "{error:?}");
        }
    }
    sent
}

/// Sends to a server that answers; returns what the client made of it and the request.
async fn answered(answer: &str) -> (Result<Accepted, SendError>, String) {
    stand_in::answered(answer, async |_, line| send(line.graph_url).await).await
}

fn is_unconfirmed(sent: &Result<Accepted, SendError>) -> bool {
    matches!(sent, Err(SendError::Unconfirmed { .. }))
}

#[tokio::test]
async fn what_meta_takes_has_a_wamid_and_a_wa_id() {
    let body = r#"{"messaging_product":"whatsapp",
        "contacts":[{"input":"+5541996910256","wa_id":"554196910256"}],
        "messages":[{"id":"wamid.HBgM"}]}"#;
    let (sent, request) = answered(&http("200 OK", body)).await;
    let accepted = Accepted {
        wamid: "wamid.HBgM".into(),
        wa_id: Some("554196910256".into()),
    };
    assert_eq!(sent, Ok(accepted));
    assert!(
        request.starts_with("POST /v25.0/106540352242922/messages HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("authorization: Bearer EAAsecret\r\n"),
        "{request}"
    );
    assert!(
        request.contains("content-type: application/json\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn what_meta_refuses_comes_in_metas_words() {
    let body = r#"{"error":{"message":"(#131030) Recipient phone number not in allowed list",
        "type":"OAuthException","code":131030,"error_subcode":2655007,"is_transient":true,
        "error_data":{"messaging_product":"whatsapp","details":"Add it and try again."},
        "fbtrace_id":"AI5Ob2z72R0JAUB5zOF-nao"}}"#;
    let (sent, _) = answered(&http("400 Bad Request", body)).await;
    let Err(SendError::Refused(error)) = sent else {
        panic!("{sent:?}")
    };
    assert_eq!(error.http_status, 400);
    assert_eq!(error.code, 131_030);
    assert_eq!(error.title, "Recipient phone number not in allowed list");
    assert_eq!(
        error.message,
        "(#131030) Recipient phone number not in allowed list"
    );
    assert_eq!(error.details.as_deref(), Some("Add it and try again."));
    assert!(error.is_transient);
    assert_eq!(error.fbtrace_id.as_deref(), Some("AI5Ob2z72R0JAUB5zOF-nao"));
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let sent = send(url).await;
    let Err(SendError::NotSent { reason }) = sent else {
        panic!("{sent:?}")
    };
    assert!(reason.contains("refused"), "{reason}");
}

#[tokio::test]
async fn without_an_address_nothing_was_sent() {
    for graph_url in ["", "graph.facebook.com", "ftp://127.0.0.1"] {
        let sent = send(graph_url.into()).await;
        assert!(matches!(sent, Err(SendError::NotSent { .. })), "{sent:?}");
    }
}

#[tokio::test]
async fn a_silent_server_leaves_it_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream
    };
    let (sent, _stream) = tokio::join!(send(url), server);
    assert!(is_unconfirmed(&sent), "{sent:?}");
}

#[tokio::test]
async fn a_connection_that_is_lost_leaves_it_open() {
    let (sent, _) = answered("").await;
    assert!(is_unconfirmed(&sent), "{sent:?}");
    let (sent, _) = answered("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"messag").await;
    assert!(is_unconfirmed(&sent), "{sent:?}");
}

#[tokio::test]
async fn an_answer_that_is_not_metas_leaves_it_open() {
    for (status, body) in [
        ("200 OK", "it works!"),
        ("200 OK", "{}"),
        ("200 OK", r#"{"messages":[]}"#),
        ("200 OK", r#"{"messages":[{"id":""}]}"#),
        ("502 Bad Gateway", "<html><body>Bad Gateway</body></html>"),
        ("403 Forbidden", "a proxy's words"),
        ("302 Found", ""),
        ("200 OK", &"x".repeat(300 * 1024)),
    ] {
        let (sent, _) = answered(&http(status, body)).await;
        assert!(is_unconfirmed(&sent), "{status}: {sent:?}");
    }
}

#[tokio::test]
async fn what_only_comes_in_is_not_sent() {
    let name = "poll".into();
    let content = Content::Unsupported(Unsupported { name });
    let outgoing = Outgoing {
        to: Recipient::Phone(DIGITS),
        content: &content,
        context_wamid: None,
        opaque: None,
    };
    let sent = client().send(&line("http://127.0.0.1:9"), &outgoing).await;
    let Err(SendError::NotSent { reason }) = sent else {
        panic!("{sent:?}")
    };
    assert!(reason.contains("comes in"), "{reason}");
}
