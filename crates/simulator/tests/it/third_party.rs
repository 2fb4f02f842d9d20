//! A client that nobody here wrote, from the Python Package Index, unchanged but for its base URL.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use simulator::{App, Config, Line, Reports, Rules, Simulator};

use crate::listener::{SECRET, WORD};

/// Names a Python with `tests/third_party/requirements.txt`; `cargo xtask test` makes one.
const VARIABLE: &str = "SWITCHBOARD_TEST_PYTHON";

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/third_party/client.py");

/// Waits until no webhook is on its way, though not for ever.
async fn settle(simulator: &Simulator) {
    let deadline = Instant::now() + Duration::from_secs(10);
    let is_settled = || {
        let counts = simulator.webhook_counts(None);
        counts.delivered == counts.webhooks
    };
    while !is_settled() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_pypi_does_all_it_can_do() {
    let Some(python) = std::env::var_os(VARIABLE) else {
        panic!("{VARIABLE} is not set: run `cargo xtask test -p simulator third_party`");
    };
    let simulator = Simulator::start(Config {
        strict_templates: true,
        user_ids: true,
        rules: Rules {
            statuses: Reports::Delivered,
            ..Rules::default()
        },
        ..Config::default()
    })
    .await
    .unwrap();
    simulator.add_app(App {
        id: "670843887433847".into(),
        secret: SECRET.into(),
        verify_token: WORD.into(),
        callback_url: None,
    });
    let line = Line {
        phone_number_id: "106540352242922".into(),
        display_phone_number: Some("+1 555-078-3881".into()),
        ..Line::default()
    };
    simulator.add_line(line).unwrap();

    let mut client = Command::new(python);
    client
        .args([CLIENT, &simulator.graph_url()])
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || client.output());
    let output = output.await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}{complaint}");
    assert_eq!(said.lines().count(), 5, "{said}");

    let kinds: std::collections::BTreeSet<String> =
        simulator.sent().into_iter().map(|it| it.kind).collect();
    let all = [
        "audio",
        "contacts",
        "document",
        "image",
        "interactive",
        "location",
        "reaction",
        "sticker",
        "template",
        "text",
        "video",
    ];
    assert!(kinds.iter().eq(all), "{kinds:?}");
    settle(&simulator).await;
    let counts = simulator.webhook_counts(None);
    assert_eq!(
        (counts.delivered, counts.dropped_updates),
        (counts.webhooks, 0)
    );
    simulator.stop().await;
}
