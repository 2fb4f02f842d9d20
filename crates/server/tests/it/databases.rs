//! Databases that cannot be used: said at once, clearly, and without their password.

use std::time::{Duration, Instant};

use crate::place::Place;
use crate::program::{Outcome, Program};

on_postgres![a_postgres_that_cannot_be_used_is_told_quickly];
on_sqlite![
    a_url_of_something_else_is_told,
    a_taken_port_is_told,
    a_file_that_is_no_database_is_told,
];

fn serve(place: &Place, url: &str) -> Outcome {
    let words = ["serve", "--listen", "127.0.0.1:0", "--database-url", url];
    let started = Instant::now();
    let outcome = Program::new(place.folder(), &words).run();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(!outcome.stderr.contains("hush"), "{}", outcome.stderr);
    outcome
}

async fn a_postgres_that_cannot_be_used_is_told_quickly(place: Place) {
    let (server, _) = place.url().unwrap().rsplit_once('/').unwrap();
    let nobody_there = "postgres://u:hush@127.0.0.1:1/switchboard";
    let no_database = format!("{server}/nobody_made_this?password=hush");
    let nobody = server.replace("postgres@", "nobody:hush@");
    for (url, words) in [
        (nobody_there, ["127.0.0.1:1", "Connection refused"]),
        (&no_database, ["nobody_made_this", "CREATE DATABASE"]),
        (&format!("{nobody}/postgres"), ["nobody", "does not exist"]),
        (
            &format!("{server}/postgres?sslmode=require&password=hush"),
            ["TLS", "sslmode=disable"],
        ),
    ] {
        let failed = serve(&place, url);
        let complaint = failed.complaint();
        for word in words {
            assert!(complaint.contains(word), "{word} in {complaint}");
        }
    }
}

async fn a_url_of_something_else_is_told(place: Place) {
    let failed = serve(&place, "mysql://u:hush@127.0.0.1/x");
    assert!(failed.complaint().contains("must begin with postgres://"));
    let failed = serve(&place, "postgres://u:hush hush@[127.0.0.1/x");
    assert!(failed.complaint().contains("cannot be read"));
}

async fn a_taken_port_is_told(place: Place) {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let failed = place.run(&["serve", "--sandbox", "--listen", &address]);
    let complaint = failed.stderr;
    assert_eq!(failed.code, Some(1));
    assert!(
        complaint.contains(&format!("cannot listen on {address}")),
        "{complaint}"
    );
    assert!(complaint.contains("--listen"), "{complaint}");
    assert!(complaint.contains("in use"), "{complaint}");
}

async fn a_file_that_is_no_database_is_told(place: Place) {
    std::fs::create_dir(place.data_dir()).unwrap();
    std::fs::write(
        place.data_dir().join("switchboard.db"),
        "no database ".repeat(500),
    )
    .unwrap();
    let failed = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    let complaint = failed.complaint();
    assert!(complaint.contains("not a database"), "{complaint}");
}
