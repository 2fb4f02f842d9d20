//! Bulk jobs, looked after from the command line.

use serde_json::json;

use crate::place::Place;
use crate::shop::Shop;

on_both_engines![jobs_that_are_not_there_are_said];

async fn jobs_that_are_not_there_are_said(place: Place) {
    Shop::open(&place, "acme");
    let listed = place.run(&["job", "list", "--tenant", "acme", "--json"]);
    assert_eq!(listed.json(), json!({"jobs": []}));
    let listed = place.run(&["job", "list", "--tenant", "acme"]);
    assert!(
        listed.stdout.contains("There are no jobs."),
        "{}",
        listed.stdout
    );
    for verb in ["show", "pause", "resume", "cancel", "retry"] {
        let outcome = place.run(&["job", verb, "--tenant", "acme", "42"]);
        assert_eq!(outcome.code, Some(1), "{verb}");
        assert!(
            outcome.stderr.contains("acme has no job 42"),
            "{}",
            outcome.stderr
        );
    }
    let outcome = place.run(&["job", "show", "--tenant", "acme", "x"]);
    assert_eq!(outcome.code, Some(2));
}
