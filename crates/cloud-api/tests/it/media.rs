//! Files, up, down and away.

use std::io;

use bytes::Bytes;
use cloud_api::media::{Details, DownloadError, Upload};
use cloud_api::{ReadError, SendError};
use futures_util::stream::{self, StreamExt as _};

use crate::stand_in::{answered, asked, body, client, header, http, line};

#[tokio::test]
async fn a_file_goes_up_in_parts() {
    let answer = http("200 OK", r#"{"id":"1037543291543636"}"#);
    let (uploaded, request) = answered(&answer, async |client, line| {
        let upload = Upload::of_bytes("the bytes", "image/jpeg", "my \"cat\".jpg");
        client.upload(&line, upload).await
    })
    .await;
    assert_eq!(uploaded.as_deref(), Ok("1037543291543636"));
    assert_eq!(asked(&request), "POST /v25.0/106540352242922/media");
    let kind = header(&request, "content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = [
        "Content-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp",
        "Content-Disposition: form-data; name=\"type\"\r\n\r\nimage/jpeg",
        "Content-Disposition: form-data; name=\"file\"; filename=\"my__cat_.jpg\"\r\n\
         Content-Type: image/jpeg\r\n\r\nthe bytes",
    ];
    let parts = expected.map(|part| format!("--{boundary}\r\n{part}\r\n"));
    assert_eq!(
        body(&request),
        format!("{}--{boundary}--\r\n", parts.concat())
    );
}

#[tokio::test]
async fn a_file_goes_up_as_it_comes_and_says_how_long_it_is() {
    let answer = http("200 OK", r#"{"id":"1"}"#);
    let (uploaded, request) = answered(&answer, async |client, line| {
        let pieces = ["the ", "by", "tes"].map(|it| Ok(Bytes::from(it)));
        let pieces = stream::iter(pieces).boxed();
        client
            .upload(&line, Upload::of_stream(pieces, 9, "image/jpeg"))
            .await
    })
    .await;
    assert_eq!(uploaded.as_deref(), Ok("1"));
    let part = "filename=\"file\"\r\nContent-Type: image/jpeg\r\n\r\nthe bytes\r\n";
    assert!(body(&request).contains(part), "{request}");
    assert!(header(&request, "content-length").is_some());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_to_its_end_is_not_there() {
    let pieces = [Ok(Bytes::from("the ")), Err(io::Error::other("the disk"))];
    let upload = Upload::of_stream(stream::iter(pieces).boxed(), 9, "image/jpeg");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let uploaded = client().upload(&line(&url), upload).await;
    let unconfirmed = matches!(uploaded, Err(SendError::Unconfirmed { .. }));
    assert!(unconfirmed, "{uploaded:?}");
}

#[tokio::test]
async fn a_file_that_meta_refuses_is_not_there() {
    let error = r#"{"error":{"message":"(#100) Param file must be a file with one of the following types: image/jpeg","code":100}}"#;
    let (uploaded, _) = answered(&http("400 Bad Request", error), async |client, line| {
        client
            .upload(&line, Upload::of_bytes("x", "image/gif", ""))
            .await
    })
    .await;
    assert!(matches!(uploaded, Err(SendError::Refused(it)) if it.code == 100));
    let upload = Upload::of_bytes("x", "nonsense", "x");
    let uploaded = client().upload(&line("http://127.0.0.1:9"), upload).await;
    assert!(
        matches!(uploaded, Err(SendError::NotSent { .. })),
        "{uploaded:?}"
    );
}

#[tokio::test]
async fn meta_says_where_a_file_is() {
    for size in [r#""303833""#, "303833"] {
        let answer = format!(
            r#"{{"messaging_product":"whatsapp","url":"https://lookaside.fbsbx.com/x?mid=1",
                "mime_type":"image/jpeg","sha256":"ab","file_size":{size},"id":"1037"}}"#
        );
        let (details, request) = answered(&http("200 OK", &answer), async |client, line| {
            client.media(&line, "1037").await
        })
        .await;
        let expected = Details {
            id: "1037".into(),
            url: "https://lookaside.fbsbx.com/x?mid=1".into(),
            mime_type: Some("image/jpeg".into()),
            sha256: Some("ab".into()),
            length_bytes: Some(303_833),
        };
        assert_eq!(details, Ok(expected));
        assert_eq!(
            asked(&request),
            "GET /v25.0/1037?phone_number_id=106540352242922"
        );
    }
}

#[tokio::test]
async fn an_answer_without_an_address_is_none() {
    for answer in [
        http("200 OK", r#"{"id":"1"}"#),
        http("200 OK", "it works!"),
        String::new(),
    ] {
        let (details, _) =
            answered(&answer, async |client, line| client.media(&line, "1").await).await;
        assert!(
            matches!(details, Err(ReadError::Unavailable { .. })),
            "{details:?}"
        );
    }
    let error = http("400 Bad Request", r#"{"error":{"message":"m","code":100}}"#);
    let (details, _) = answered(&error, async |client, line| client.media(&line, "1").await).await;
    assert!(matches!(details, Err(ReadError::Refused(_))), "{details:?}");
    let details = client().media(&line("http://127.0.0.1:9"), "..").await;
    assert!(
        matches!(details, Err(ReadError::Unavailable { .. })),
        "{details:?}"
    );
}

/// Fetches a file of at most ten bytes from the Graph API's own server.
async fn download(answer: &str) -> (Result<(Option<String>, Vec<u8>), DownloadError>, String) {
    answered(answer, async |client, line| {
        let url = format!("{}/files/1?hash=a", line.graph_url);
        let download = client.download(&line, &url, 10).await?;
        let mime_type = download.mime_type().map(str::to_owned);
        Ok((mime_type, download.bytes().await?))
    })
    .await
}

#[tokio::test]
async fn a_file_comes_with_its_type() {
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 10\r\n\r\n0123456789";
    let (file, request) = download(answer).await;
    assert_eq!(file, Ok((Some("image/png".into()), b"0123456789".to_vec())));
    assert_eq!(asked(&request), "GET /files/1?hash=a");
}

#[tokio::test]
async fn a_file_that_is_too_long_does_not_come() {
    let told = http("200 OK", "0123456789x");
    let untold = "HTTP/1.1 200 OK\r\n\r\n0123456789x";
    for answer in [told.as_str(), untold] {
        let (file, _) = download(answer).await;
        assert_eq!(file, Err(DownloadError::TooLong { max_bytes: 10 }));
    }
}

#[tokio::test]
async fn why_a_file_does_not_come_is_said() {
    let (file, _) = download(&http("404 Not Found", "")).await;
    assert_eq!(file, Err(DownloadError::Gone));
    let error = r#"{"error":{"message":"m","code":190}}"#;
    let (file, _) = download(&http("401 Unauthorized", error)).await;
    assert!(matches!(file, Err(DownloadError::Refused(it)) if it.code == 190));
    for answer in [
        http("500 Internal Server Error", "oops"),
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n".into(),
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234".into(),
    ] {
        let (file, _) = download(&answer).await;
        assert!(
            matches!(file, Err(DownloadError::Unavailable { .. })),
            "{file:?}"
        );
    }
}

#[tokio::test]
async fn the_token_goes_to_nobody_else() {
    for url in [
        "https://example.com/x",
        "http://127.0.0.1:9/x",
        "nonsense",
        "",
    ] {
        let line = line("http://127.0.0.1:8");
        let file = client().download(&line, url, 10).await;
        assert!(matches!(file, Err(DownloadError::Elsewhere)), "{url}");
    }
}

#[tokio::test]
async fn a_file_is_taken_back() {
    let answer = http("200 OK", r#"{"success":true}"#);
    let (deleted, request) = answered(&answer, async |client, line| {
        client.delete_media(&line, "1037").await
    })
    .await;
    assert_eq!(deleted, Ok(()));
    assert_eq!(
        asked(&request),
        "DELETE /v25.0/1037?phone_number_id=106540352242922"
    );
}
