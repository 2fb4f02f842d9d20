//! Conversations, closed and opened again from the command line.

use serde_json::{Value, json};

use crate::place::Place;
use crate::shop::Shop;

on_both_engines![a_conversation_is_closed_beside_a_running_server];

async fn a_conversation_is_closed_beside_a_running_server(place: Place) {
    let shop = Shop::open(&place, "acme");
    let told = place.run(&["conversation", "list", "--tenant", "acme"]);
    assert!(
        told.stdout.contains("There are no such conversations."),
        "{}",
        told.stdout
    );
    for verb in ["show", "close", "reopen"] {
        let outcome = place.run(&["conversation", verb, "--tenant", "acme", "42"]);
        assert_eq!(outcome.code, Some(1), "{verb}");
        let said = "acme has no conversation 42";
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    }
    for wrong in [["show", "x"], ["list", "--status=done"]] {
        let outcome = place.run(&["conversation", wrong[0], "--tenant", "acme", wrong[1]]);
        assert_eq!(outcome.code, Some(2), "{wrong:?}");
    }

    let server = place.sandbox().await;
    shop.upsert(&server, "+27821110001").await;
    assert_eq!(shop.send(&server, "+27821110001").await.status, 200);
    let listed = |status: &str| -> Vec<Value> {
        let words = [
            "conversation",
            "list",
            "--tenant",
            "acme",
            "--status",
            status,
            "--json",
        ];
        let listed = place.run(&words).json();
        listed["conversations"].as_array().unwrap().clone()
    };
    let open = listed("open");
    assert_eq!(open.len(), 1);
    assert_eq!(
        (&open[0]["status"], &open[0]["messages"]),
        (&json!("open"), &json!(1))
    );
    let id = open[0]["id"].to_string();
    let closed = place.run(&["conversation", "close", "--tenant", "acme", &id]);
    assert_eq!(closed.stdout, format!("Conversation {id} is closed.\n"));
    assert_eq!((listed("open").len(), listed("closed").len()), (0, 1));
    let shown = place.run(&["conversation", "show", "--tenant", "acme", &id]);
    assert!(shown.stdout.contains("closed"), "{}", shown.stdout);
    let reopen = ["conversation", "reopen", "--tenant", "acme", &id, "--json"];
    assert_eq!(place.run(&reopen).json()["status"], "open");
    assert_eq!((listed("open").len(), listed("closed").len()), (1, 0));
    server.stop();
}
