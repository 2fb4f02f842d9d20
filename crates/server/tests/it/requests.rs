//! What no well-kept client sends.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::place::Place;
use crate::raw::{Line, head, post};
use crate::server::Server;
use crate::shop::Shop;

on_sqlite![
    garbage_and_huge_headers_are_refused_and_others_are_served,
    slow_clients_do_not_keep_others_waiting,
    requests_in_a_row_are_answered_in_order,
    a_client_that_asks_first_is_told_to_go_on,
    a_body_without_a_length_is_measured_as_it_comes,
];

const MEBIBYTE: usize = 1 << 20;

async fn is_served(server: &Server) {
    let started = Instant::now();
    assert_eq!(server.get("/readyz", "").await.status, 200);
    assert!(started.elapsed() < Duration::from_secs(3));
}

async fn garbage_and_huge_headers_are_refused_and_others_are_served(place: Place) {
    let server = place.serve().await;
    let noise: Vec<u8> = (0..4096_u32)
        .map(|it| (it.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec();
    for garbage in [
        noise,
        tls,
        b"\0\0\0\0\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET /contact HTTP/1.1\r\nContent-Length: minus one\r\n\r\n".to_vec(),
        b"POST /contact HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
    ] {
        let mut line = Line::open(&server).await;
        line.say(&garbage).await;
        // What is not HTTP at all deserves no answer, either.
        if let Some(answer) = line.answer_or_end().await {
            let is_refused = (400..500).contains(&answer.status);
            assert!(is_refused, "{garbage:?} {answer:?}");
            assert!(line.is_hung_up().await);
        }
        is_served(&server).await;
    }
    let mut line = Line::open(&server).await;
    line.say("GET /contact HTTP/1.1\r\n").await;
    line.say(format!("X-Much: {}\r\n\r\n", "x".repeat(2 * MEBIBYTE)))
        .await;
    assert_eq!(line.answer().await.status, 431);
    let mut line = Line::open(&server).await;
    line.say("GET /contact HTTP/1.1\r\n").await;
    line.say("X-Many: x\r\n".repeat(5000)).await;
    line.say("\r\n").await;
    assert_eq!(line.answer().await.status, 431);
    is_served(&server).await;
    server.stop();
}

async fn slow_clients_do_not_keep_others_waiting(place: Place) {
    let server = place.serve().await;
    let shop = Shop::open(&place, "acme");
    let whole = post(
        "/contact",
        &shop.flowiq,
        r#"{"phone_number":"+27820000801","name":"Slow"}"#,
    );
    let mut lines = vec![];
    for turn in 0..200 {
        let mut line = Line::open(&server).await;
        // Some stop within the head, some within the body.
        line.say(&whole[..whole.len() - 1 - turn]).await;
        lines.push(line);
    }
    is_served(&server).await;
    assert_eq!(shop.create(&server, "+27820000802").await.status, 201);
    // One that was slow is served when it is done.
    let done = lines[0].say("}").await.answer().await;
    assert_eq!(done.status, 201, "{done:?}");
}

async fn requests_in_a_row_are_answered_in_order(place: Place) {
    let server = place.serve().await;
    let shop = Shop::open(&place, "acme");
    let mut line = Line::open(&server).await;
    let mut words = String::new();
    for number in 0..20 {
        let body =
            json!({"phone_number": format!("+278200008{}", 10 + number), "name": "N"}).to_string();
        words += &post("/contact", &shop.flowiq, &body);
        words += "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
    }
    line.say(words).await;
    for number in 0..20 {
        let made = line.answer().await;
        assert_eq!(made.status, 201, "{made:?}");
        let phone = made.json()["contact"]["phone_number"].clone();
        assert_eq!(phone, format!("+278200008{}", 10 + number));
        assert_eq!(line.answer().await.json(), json!({"status": "ok"}));
    }
}

async fn a_client_that_asks_first_is_told_to_go_on(place: Place) {
    let server = place.serve().await;
    let shop = Shop::open(&place, "acme");
    let body = r#"{"phone_number":"+27820000841","name":"Asking"}"#;
    let asking = |length: usize| {
        let head = head("/contact", &shop.flowiq);
        format!("{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n")
    };
    let mut line = Line::open(&server).await;
    line.say(asking(body.len())).await;
    assert_eq!(line.answer().await.status, 100);
    let made = line.say(body).await.answer().await;
    assert_eq!(made.status, 201, "{made:?}");
    // Whose body is too long need not send it, and without a key nobody need.
    let mut line = Line::open(&server).await;
    let refused = line.say(asking(MEBIBYTE + 1)).await.answer().await;
    assert_eq!(refused.status, 413, "{refused:?}");
    let mut line = Line::open(&server).await;
    let nobody = asking(body.len()).replace(&shop.flowiq, "fiq_nobody");
    let refused = line.say(nobody).await.answer().await;
    assert_eq!(refused.status, 401, "{refused:?}");
}

async fn a_body_without_a_length_is_measured_as_it_comes(place: Place) {
    let server = place.serve().await;
    let shop = Shop::open(&place, "acme");
    let chunked =
        |path: &str, key: &str| format!("{}Transfer-Encoding: chunked\r\n\r\n", head(path, key));
    let mut line = Line::open(&server).await;
    line.say(chunked("/contact", &shop.flowiq)).await;
    for piece in [r#"{"phone_number""#, r#":"+27820000851","name":"Ada"}"#] {
        line.say(format!("{:x}\r\n{piece}\r\n", piece.len())).await;
    }
    let made = line.say("0\r\n\r\n").await.answer().await;
    assert_eq!(made.status, 201, "{made:?}");

    let chunk = format!("{:x}\r\n{}\r\n", MEBIBYTE / 4, " ".repeat(MEBIBYTE / 4));
    for (path, key, shape) in [
        ("/contact", &shop.flowiq, ["/error", "/message"]),
        (
            "/api/v1/contacts",
            &shop.flowella,
            ["/error/code", "/error/message"],
        ),
        (
            "/api/v2/contacts",
            &shop.wacr,
            ["/error/code", "/meta/request_id"],
        ),
    ] {
        let mut line = Line::open(&server).await;
        line.say(chunked(path, key)).await;
        for _ in 0..4 {
            line.say(&chunk).await;
        }
        let refused = line.say("1\r\n \r\n").await.answer().await;
        assert_eq!(refused.status, 413, "{refused:?}");
        let told = refused.json();
        for pointer in shape {
            let text = told.pointer(pointer).and_then(|it| it.as_str());
            assert!(text.is_some_and(|text| !text.is_empty()), "{told}");
        }
        assert!(refused.head.contains("content-type: application/json"));
        is_served(&server).await;
    }
}
