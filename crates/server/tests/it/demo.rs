//! `switchboard demo`: what it prints can be pasted, on every start.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::place::Place;
use crate::server::Server;

on_both_engines![
    every_call_that_is_shown_works_on_every_start,
    keys_that_were_revoked_or_deleted_are_replaced,
];

async fn every_call_that_is_shown_works_on_every_start(place: Place) {
    let first = Demo::start(&place).await;
    let kept = std::fs::read(first.keys_file()).unwrap();
    assert_eq!(mode(&first.keys_file()), 0o600);
    let first_numbers = first.paste_all();
    first.server.stop();

    std::fs::set_permissions(keys_file(&place), PermissionsExt::from_mode(0o644)).unwrap();
    let second = Demo::start(&place).await;
    assert_eq!(std::fs::read(second.keys_file()).unwrap(), kept);
    assert_eq!(mode(&second.keys_file()), 0o600);
    let second_numbers = second.paste_all();
    assert!(first_numbers.is_disjoint(&second_numbers));
    for number in first_numbers {
        let digits = number.trim_start_matches('+');
        let path = format!("/contact?tenantId=demo&phone_number={digits}");
        let found = second.server.get(&path, &second.key("flowiq")).await;
        assert_eq!(found.status, 200, "{found:?}");
    }
    second.server.stop();
}

async fn keys_that_were_revoked_or_deleted_are_replaced(place: Place) {
    let first = Demo::start(&place).await;
    let keys = place
        .run(&["key", "list", "--tenant", "demo", "--json"])
        .json();
    let keys = keys["keys"].as_array().unwrap();
    let wacr = keys.iter().find(|key| key["api"] == "wacr").unwrap();
    let id = wacr["id"].to_string();
    place
        .run(&["key", "revoke", "--tenant", "demo", "--id", &id, "--json"])
        .json();
    let before = ["flowiq", "flowella", "wacr"].map(|api| first.key(api));
    first.server.stop();

    let second = Demo::start(&place).await;
    let after = ["flowiq", "flowella", "wacr"].map(|api| second.key(api));
    assert_eq!(before[..2], after[..2]);
    assert_ne!(before[2], after[2]);
    assert_eq!(mode(&second.keys_file()), 0o600);
    second.paste_all();
    second.server.stop();

    std::fs::remove_file(keys_file(&place)).unwrap();
    let third = Demo::start(&place).await;
    third.paste_all();
    third.server.stop();
}

struct Demo {
    server: Server,
    file: PathBuf,
}

fn keys_file(place: &Place) -> PathBuf {
    place.data_dir().join("demo.json")
}

fn mode(file: &std::path::Path) -> u32 {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

impl Demo {
    async fn start(place: &Place) -> Self {
        let server = Server::start(place.program(&["demo"])).await;
        // The last line of the last call.
        let shown = server.output.wait_for("\"status_id\"");
        assert!(shown.is_some(), "{}", server.output.text());
        let file = keys_file(place);
        Self { server, file }
    }

    fn keys_file(&self) -> PathBuf {
        self.file.clone()
    }

    fn key(&self, api: &str) -> String {
        let keys = std::fs::read_to_string(&self.file).unwrap();
        let keys: Value = serde_json::from_str(&keys).unwrap();
        keys[api].as_str().unwrap().to_owned()
    }

    /// Pastes every call into a shell, and returns the numbers of the contacts that were made.
    fn paste_all(&self) -> BTreeSet<String> {
        let calls = self.calls();
        let answers: Vec<Value> = calls.iter().map(|call| paste(call)).collect();
        let [created, found, sent, upserted, added] = answers.try_into().unwrap();
        assert_eq!(created["success"], true, "{created}");
        assert_eq!(created["contact"]["full_name"], "Sipho Dlamini");
        assert_eq!(created["contact"]["tags"][1], "web");
        assert_eq!(found["contact"]["full_name"], "Thandi Nkosi", "{found}");
        assert_eq!(found["contact"]["has_unread_messages"], true);
        let wamid = sent["data"]["message_id"].as_str().unwrap();
        assert!(wamid.starts_with("wamid."), "{sent}");
        assert_eq!(upserted["email"], "ada@example.com", "{upserted}");
        assert_eq!(added["data"]["firstname"], "Mara", "{added}");
        let numbers = [
            &created["contact"]["phone_number"],
            &upserted["phone"],
            &added["data"]["phone"],
        ];
        let numbers: BTreeSet<_> = numbers.map(|it| it.as_str().unwrap().to_owned()).into();
        assert_eq!(numbers.len(), 3);
        numbers
    }

    /// Returns the calls that are shown, each as a shell takes it.
    fn calls(&self) -> Vec<String> {
        let mut calls: Vec<String> = vec![];
        for line in self.server.output.text().lines() {
            match calls.last_mut() {
                _ if line.starts_with("curl ") => calls.push(line.to_owned()),
                Some(call) if call.ends_with('\\') => {
                    call.push('\n');
                    call.push_str(line);
                }
                _ => {}
            }
        }
        assert_eq!(calls.len(), 5, "{}", self.server.output.text());
        calls
    }
}

/// Runs a call just as it is shown; that it fails on an error comes from curl's own settings.
fn paste(call: &str) -> Value {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(
        home.path().join(".curlrc"),
        "silent\nshow-error\nfail-with-body\n",
    )
    .unwrap();
    let pasted = Command::new("sh")
        .args(["-c", call])
        .env("CURL_HOME", home.path())
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&pasted.stderr);
    let answer = String::from_utf8_lossy(&pasted.stdout);
    assert!(
        pasted.status.success(),
        "is curl installed? {said}{answer}\n{call}"
    );
    serde_json::from_str(&answer).unwrap()
}
