//! Settings: who wins, and what becomes of misspelled ones.

use crate::place::Place;
use crate::program::Program;
use crate::server::Server;

on_sqlite![
    flags_win_over_the_environment_and_that_over_the_file,
    a_name_that_nobody_knows_stops_the_start,
    an_address_open_to_the_network_is_warned_of,
];

async fn flags_win_over_the_environment_and_that_over_the_file(place: Place) {
    let file = "listen = '127.0.0.2:0'\ndata_dir = 'from_file'\nsandbox = true\n";
    std::fs::write(place.folder().join("switchboard.toml"), file).unwrap();
    let serve = || Program::new(place.folder(), &["serve"]);

    let server = Server::start_at(serve(), None).await;
    assert_eq!(server.address.ip().to_string(), "127.0.0.2");
    assert!(place.folder().join("from_file").is_dir());
    assert!(
        server
            .log
            .text()
            .contains("sandbox: messages go to a simulator")
    );
    server.stop();

    let with_environment = || {
        serve()
            .env("SWITCHBOARD_LISTEN", "127.0.0.3:0")
            .env("SWITCHBOARD_DATA_DIR", "from_environment")
            .env("SWITCHBOARD_SANDBOX", "0")
    };
    let server = Server::start_at(with_environment(), None).await;
    assert_eq!(server.address.ip().to_string(), "127.0.0.3");
    assert!(place.folder().join("from_environment").is_dir());
    assert!(!server.log.text().contains("simulator"));
    server.stop();

    let flags = ["--data-dir", "from_flags", "--sandbox"];
    let server = Server::start_at(with_environment().args(flags), Some("127.0.0.4:0")).await;
    assert_eq!(server.address.ip().to_string(), "127.0.0.4");
    assert!(place.folder().join("from_flags").is_dir());
    assert!(server.log.text().contains("simulator"));
    server.stop();

    // Another file, named by the environment, then by a flag.
    for (name, address) in [("a.toml", "127.0.0.5:0"), ("b.toml", "127.0.0.6:0")] {
        let file = format!("listen = '{address}'");
        std::fs::write(place.folder().join(name), file).unwrap();
    }
    let by_environment = || serve().env("SWITCHBOARD_CONFIG", "a.toml");
    let server = Server::start_at(by_environment(), None).await;
    assert_eq!(server.address.ip().to_string(), "127.0.0.5");
    server.stop();
    let by_flag = by_environment().args(["--config", "b.toml"]);
    let server = Server::start_at(by_flag, None).await;
    assert_eq!(server.address.ip().to_string(), "127.0.0.6");
    server.stop();
}

async fn a_name_that_nobody_knows_stops_the_start(place: Place) {
    for words in [&["serve"][..], &["key", "list", "--tenant", "acme"]] {
        let failed = place.program(words).env("SWITCHBOARD_LISTN", "hush").run();
        let complaint = failed.complaint();
        assert!(complaint.contains("SWITCHBOARD_LISTN "), "{complaint}");
        assert!(complaint.contains("SWITCHBOARD_LISTEN,"), "{complaint}");
        assert!(!complaint.contains("hush"), "{complaint}");
    }
    let file = place.folder().join("switchboard.toml");
    std::fs::write(&file, "listn = 'hush'").unwrap();
    let failed = place.run(&["serve"]);
    let complaint = failed.complaint();
    assert!(complaint.contains("`listn`"), "{complaint}");
    assert!(complaint.contains("listen, data_dir"), "{complaint}");
    assert!(complaint.contains("switchboard.toml"), "{complaint}");
    std::fs::remove_file(file).unwrap();

    let failed = place.run(&["serve", "--listn", "127.0.0.1:0"]);
    assert_eq!(failed.code, Some(2));
    assert!(failed.stderr.contains("--listn"), "{}", failed.stderr);

    let failed = place.run(&["serve", "--config", "nowhere.toml"]);
    assert!(failed.complaint().contains("nowhere.toml"));
    assert!(!place.data_dir().exists());
}

async fn an_address_open_to_the_network_is_warned_of(place: Place) {
    let server = place.serve().await;
    assert!(!server.log.text().contains("WARN"), "{}", server.log.text());
    server.stop();
    // Open for a moment, on a port that nobody knows, to nobody with a key.
    let server = Server::start_at(place.program(&["serve"]), Some("0.0.0.0:0")).await;
    let warning = server.log.wait_for("open to the network").unwrap();
    assert!(warning.contains("WARN"), "{warning}");
    server.stop();
}
