//! The log: to standard error, plain where nobody looks, and silent on what is nobody's business.

use crate::place::Place;
use crate::program::Program;
use crate::server::{Server, Stream, signal};
use crate::shop::{Shop, text_to};

on_both_engines![nothing_private_is_logged_at_any_level];
mod looks {
    on_sqlite![a_log_that_no_terminal_shows_has_no_colours];
    use super::a_log_that_no_terminal_shows_has_no_colours;
}

async fn nothing_private_is_logged_at_any_level(place: Place) {
    let mut words = vec!["serve", "--sandbox"];
    let directory = place.data_dir();
    words.extend(["--data-dir", directory.to_str().unwrap()]);
    let mut program = Program::new(place.folder(), &words).env("SWITCHBOARD_LOG", "trace");
    if let Some(url) = place.url() {
        let url = url.replace("postgres@", "postgres:hush-password@");
        program = program.env("SWITCHBOARD_DATABASE_URL", &url);
    }
    let server = Server::start(program).await;
    let shop = Shop::open(&place, "acme");
    assert_eq!(shop.create(&server, "+27820000501").await.status, 201);
    assert_eq!(shop.find(&server, "+27820000501").await.status, 200);
    let mut text = text_to("+27820000501");
    text["text"] = "a text of hush-hush".into();
    let sent = server.post("/send-whatsapp", &shop.flowiq, text).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    assert_eq!(shop.upsert(&server, "+27820000502").await.status, 200);
    assert_eq!(shop.add(&server, "+27820000503").await.status, 201);
    server.get("/contact", "fiq_nobodyhasthiskey").await;
    let log = server.log.clone();
    server.stop();
    let log = log.text();
    assert!(log.contains("TRACE"), "{log}");
    for private in [
        "hush",
        "2782000050",
        "nobodyhasthiskey",
        "Lovelace",
        &shop.flowiq,
        &shop.flowella,
        &shop.wacr,
    ] {
        assert!(!log.contains(private), "{private} in {log}");
    }
}

async fn a_log_that_no_terminal_shows_has_no_colours(place: Place) {
    let mut child = place.program(&["serve", "--listen", "127.0.0.1:0"]).start();
    let log = Stream::read(child.stderr.take().unwrap());
    assert!(log.wait_for("listening").is_some(), "{}", log.text());
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
    assert!(log.wait_for("stopped").is_some(), "{}", log.text());
    assert!(!log.text().contains('\u{1b}'), "{}", log.text());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"");
}
