//! Ctrl-C and SIGTERM, at every moment.

use std::time::Duration;

use tokio::net::TcpListener;

use crate::place::Place;
use crate::program::Program;
use crate::raw::{Line, head};
use crate::server::{Server, Stream, signal};
use crate::shop::{Shop, text_to};

const NUMBER: &str = "+27820000701";

on_both_engines![a_send_under_way_finishes_and_nobody_else_is_waited_for];
mod moments {
    on_sqlite![
        a_second_signal_stops_at_once,
        a_signal_before_it_is_ready_stops_it,
    ];
    use super::{a_second_signal_stops_at_once, a_signal_before_it_is_ready_stops_it};
}

async fn a_send_under_way_finishes_and_nobody_else_is_waited_for(place: Place) {
    let mut server = place.sandbox().await;
    let shop = Shop::open(&place, "acme");
    shop.upsert(&server, NUMBER).await;

    let mut silent = vec![];
    let mut idle = vec![];
    for _ in 0..10 {
        silent.push(Line::open(&server).await);
        let mut line = Line::open(&server).await;
        line.say("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n").await;
        assert_eq!(line.answer().await.status, 200);
        idle.push(line);
    }
    let (mut sending, rest) = begin_send(&server, &shop).await;

    server.signal("TERM");
    for line in silent.iter_mut().chain(&mut idle) {
        assert!(line.is_hung_up().await);
    }
    sending.say(rest).await;
    let sent = sending.answer().await;
    assert_eq!(sent.status, 200, "{sent:?}");
    assert!(sent.json()["data"]["message_id"].is_string());
    let (code, took) = server.wait();
    assert_eq!(code, Some(0), "{}", server.log.text());
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert!(server.log.wait_for(r#""message":"stopped""#).is_some());
}

/// Begins a send and returns the rest of it, once the server is waiting for that.
async fn begin_send(server: &Server, shop: &Shop) -> (Line, String) {
    let mut body = text_to(NUMBER).to_string();
    let rest = body.split_off(body.len() - 5);
    let (head, length) = (
        head("/send-whatsapp", &shop.flowiq),
        body.len() + rest.len(),
    );
    let mut line = Line::open(server).await;
    line.say(format!(
        "{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
    ))
    .await;
    assert_eq!(line.answer().await.status, 100);
    line.say(body).await;
    (line, rest)
}

async fn a_second_signal_stops_at_once(place: Place) {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let mut server = place.sandbox().await;
        let shop = Shop::open(&place, &name.to_lowercase());
        let (_sending, _) = begin_send(&server, &shop).await;
        server.signal(name);
        assert!(server.log.wait_for("a second signal").is_some());
        server.signal(name);
        let (ended, took) = server.wait();
        assert_eq!(ended, Some(code), "{}", server.log.text());
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
}

/// A Postgres that takes connections and says nothing keeps a server from being ready.
async fn a_signal_before_it_is_ready_stops_it(place: Place) {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://u:hush@{}/d", mute.local_addr().unwrap());
    let words = ["serve", "--listen", "127.0.0.1:0", "--database-url", &url];
    let mut child = Program::new(place.folder(), &words).start();
    let log = Stream::read(child.stderr.take().unwrap());
    let (_kept, _) = mute.accept().await.unwrap();
    signal(&child, "TERM");
    assert!(
        log.wait_for("before it was ready").is_some(),
        "{}",
        log.text()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0), "{}", log.text());
    assert!(!log.text().contains("hush"));
}
