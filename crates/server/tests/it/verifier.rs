//! A verifier that somebody else runs: how it is chosen, and what is heard of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::place::Place;
use crate::program::Program;
use crate::server::Server;
use crate::shop::Shop;

on_sqlite![
    a_number_is_asked_about_once_and_failures_tell_the_operator_what_to_do,
    a_setting_that_is_missing_or_means_nothing_stops_the_start,
];

const KEY: &str = "hush-key";

/// Stands in for a WAHA that knows everybody, by an id of their own.
struct Waha {
    address: String,
    key: Arc<Mutex<&'static str>>,
    asked: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

impl Waha {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (key, asked) = (Arc::new(Mutex::new("another")), Arc::default());
        let (wanted, count) = (Arc::clone(&key), Arc::clone(&asked));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                AtomicUsize::fetch_add(&count, 1, Ordering::SeqCst);
                let head = head(&mut stream).await;
                let wanted = format!("x-api-key: {}\r\n", wanted.lock().unwrap());
                let answer = answer(&head, &wanted);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self {
            address,
            key,
            asked,
            _serving: serving,
        }
    }
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = String::new();
    while !head.contains("\r\n\r\n") {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.unwrap();
        assert!(count > 0, "the request ended early: {head}");
        head.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    head
}

fn answer(head: &str, wanted: &str) -> String {
    let is_asked = head.starts_with("GET /api/contacts/check-exists?phone=5541996910256&session=");
    let (status, body) = match (head.to_lowercase().contains(wanted), is_asked) {
        (false, _) => (401, r#"{"message":"Unauthorized"}"#),
        (true, true) => (200, r#"{"numberExists":true,"chatId":"554196910256@c.us"}"#),
        (true, false) => (404, "{}"),
    };
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn asking(place: &Place, waha: &Waha) -> Program {
    let url = format!("http://user-hush:word-hush@{}", waha.address);
    std::fs::write(place.folder().join("waha.key"), format!("{KEY}\n")).unwrap();
    place
        .program(&["serve"])
        .env("SWITCHBOARD_LOG", "trace")
        .env("SWITCHBOARD_VERIFIER", "waha")
        .env("SWITCHBOARD_VERIFIER_URL", &url)
        .env("SWITCHBOARD_VERIFIER_KEY_FILE", "waha.key")
}

async fn a_number_is_asked_about_once_and_failures_tell_the_operator_what_to_do(place: Place) {
    let waha = Waha::start().await;
    let server = Server::start(asking(&place, &waha)).await;
    let shop = Shop::open(&place, "acme");

    let failed = shop.create(&server, "+5541996910256").await;
    assert_eq!(failed.status, 500);
    assert_eq!(failed.body["error"], "Internal server error");
    assert_eq!(failed.body["message"], "Failed to create contact");
    let told = server.log.wait_for("could not be verified").unwrap();
    assert!(
        told.contains("WAHA answered 401: check verifier_key"),
        "{told}"
    );
    assert_eq!(shop.find(&server, "+5541996910256").await.status, 404);

    // The operator lets the key in.
    *waha.key.lock().unwrap() = KEY;
    let made = shop.create(&server, "+5541996910256").await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["contact"]["whatsapp_id"], "554196910256");
    assert_eq!(shop.create(&server, "+554196910256").await.status, 409);
    assert_eq!(waha.asked.load(Ordering::SeqCst), 2);

    let log = server.log.text();
    for private in ["hush", "996910256", "554196910256"] {
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private}");
    }
    server.kill();

    // What was answered outlives the server.
    let server = Server::start(asking(&place, &waha)).await;
    assert_eq!(shop.create(&server, "+5541996910256").await.status, 409);
    assert_eq!(waha.asked.load(Ordering::SeqCst), 2);
    server.stop();
}

async fn a_setting_that_is_missing_or_means_nothing_stops_the_start(place: Place) {
    for (file, said) in [
        (
            "verifier = 'hush'",
            "verifier: write evidence, simulator, evolution, ",
        ),
        ("verifier = 'waha'", "verifier = waha needs verifier_url"),
        (
            "verifier = 'simulator'",
            "verifier = simulator needs --sandbox",
        ),
        (
            "verifier_key = 'hush'",
            "verifier_key means nothing with verifier = evidence",
        ),
        ("verifier_kee = 'hush'", "`verifier_kee` is no setting"),
        ("verifier = true", "verifier: write it in quotes"),
    ] {
        std::fs::write(place.folder().join("switchboard.toml"), file).unwrap();
        let failed = place.run(&["serve", "--listen", "127.0.0.1:0"]);
        let complaint = failed.complaint();
        assert!(complaint.contains(said), "{file}: {complaint}");
        assert!(!complaint.contains("hush"), "{complaint}");
    }
    assert!(!place.data_dir().exists());
}
