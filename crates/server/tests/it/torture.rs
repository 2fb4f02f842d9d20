//! The crash test, in its short form; `cargo xtask torture` is the long one.

use std::time::Duration;

use torture::{Engine, Plan};

use crate::place::Place;

on_both_engines![a_server_killed_under_load_loses_and_doubles_nothing];

async fn a_server_killed_under_load_loses_and_doubles_nothing(place: Place) {
    let engine = match place.url() {
        Some(url) => Engine::Postgres {
            url: url.to_owned(),
        },
        None => Engine::Sqlite,
    };
    let plan = Plan {
        switchboard: env!("CARGO_BIN_EXE_switchboard").into(),
        engine,
        folder: place.folder().to_owned(),
        seed: 4,
        kills: 3,
        lasting: Duration::from_secs(3),
        patience: Duration::from_secs(60),
    };
    let report = torture::run(&plan).await.unwrap();
    assert_eq!(report.violations(), 0, "{report}");
    assert_eq!(report.kills, 3, "{report}");
    // Else nothing was at stake.
    for row in &report.rows {
        assert!(row.acknowledged > 0, "{report}");
    }
}
