//! A property-based tester of the Python Package Index reads each document and tries whatever it
//! allows, and much that it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use domain::key::Api;
use serde_json::{Value, json};
use test_support::meta::text;
use test_support::{TestServer, TestTenant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Names a Python with `tests/third_party/requirements.txt`; `cargo xtask test` makes one.
const PYTHON: &str = "SWITCHBOARD_TEST_PYTHON";

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/third_party");

/// The numbers in the documents' examples that are somebody's.
const NUMBERS: [&str; 3] = ["+27821112233", "+34600111222", "+919876543210"];

/// A tenant that has what the documents' examples speak of, and the ids of it.
async fn shop(server: &TestServer, picture: &str) -> (TestTenant, Value) {
    let tenant = server.tenant("acme").await;
    let contacts = tenant.tireless(Api::Flowella).await;
    let meta = tenant.meta("1001").await;
    let people: Vec<String> = (0..40).map(|it| format!("+2782444{it:04}")).collect();
    let known = ["+27821112244"].into_iter().chain(NUMBERS);
    for phone in people.iter().map(String::as_str).chain(known) {
        let made = contacts.post("/api/v1/contacts", json!({"phone": phone}));
        assert_eq!(made.await.status, 200);
    }
    // Who wrote may be answered.
    let wrote = people.iter().map(String::as_str).chain(NUMBERS).map(|it| {
        let digits = it.trim_start_matches('+');
        text(digits, &format!("wamid.in.{digits}"), "Hola")
    });
    let wrote: Vec<Value> = wrote.collect();
    meta.say(&meta.payload(&json!({"messages": wrote}))).await;
    // A code to be verified.
    let code = json!({
        "phone": "+919876543210", "template_name": "verification_code", "language": "en_US",
        "code": "123456", "purpose": "login",
    });
    let sent = tenant
        .wacr()
        .await
        .post("/api/v2/auth/send-otp", code)
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    let hello = server
        .operations
        .find_template(&tenant.operator(), "hello_world", None)
        .await
        .unwrap();
    let message = tenant.messages("+34600111222").await.remove(0).id;
    let (mut paths, kept) = ids(&tenant).await;
    paths.push(json!(["/api/v2/messages/", [message.to_string()]]));
    paths.push(json!(["/api/v2/comments/", ["919876543210"]]));
    paths.push(json!(["/api/v2/templates/", [hello.meta_id]]));
    let known = json!({
        "paths": paths,
        "people": people,
        "numbers": NUMBERS,
        "fields": {
            "contact_ids": [kept],
            "ids": [900_000_001],
            "source_id": tenant.source_id(),
            "status_id": tenant.status_id(),
            "media_url": picture,
            "templateId": hello.id.to_cuid(),
            "whatsappChannelId": meta.channel.id.to_cuid(),
        },
    });
    (tenant, known)
}

/// Returns ids by the beginning of a path, of each one to keep and one to be deleted, and the contact
/// that is kept.
async fn ids(tenant: &TestTenant) -> (Vec<Value>, i64) {
    let labels = tenant.wacr().await;
    let made = async |noun: &str, name: &str| {
        let made = labels
            .post(&format!("/api/v2/{noun}"), json!({"name": name}))
            .await;
        made.json()["data"]["id"].to_string()
    };
    let mut paths = vec![];
    for noun in ["groups", "sources", "statuses"] {
        let ids = [made(noun, "Kept").await, made(noun, "Gone").await];
        paths.push(json!([format!("/api/v2/{noun}/{{id}}"), ids]));
    }
    let contact = async |phone: &str| tenant.contact(phone).await.id;
    let (kept, gone) = (contact("+27821112233").await, contact("+27821112244").await);
    paths.push(json!([
        "/api/v2/contacts/{id}",
        [kept.to_string(), gone.to_string()]
    ]));
    (paths, kept.get())
}

/// One pixel.
const PICTURE: [u8; 69] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53,
    0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0x00,
    0x00, 0x03, 0x01, 0x01, 0x00, 0xc9, 0xfe, 0x92, 0xef, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

/// Answers whoever asks with a picture.
async fn show(pictures: &TcpListener) {
    loop {
        let (mut stream, _) = pictures.accept().await.unwrap();
        // Who asks waits for the answer to what fits in one piece.
        let length = stream.read(&mut [0; 4096]).await.unwrap();
        assert!(length > 0, "nobody asks without asking");
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            PICTURE.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&PICTURE).await.unwrap();
    }
}

/// Tries the API, and checks that each operation succeeded at least once.
async fn assert_as_documented(api: Api) {
    let Some(python) = std::env::var_os(PYTHON) else {
        panic!("{PYTHON} is not set: run `cargo xtask test -p web clients`");
    };
    let server = TestServer::start().await;
    let pictures = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let picture = format!("http://{}/picture.png", pictures.local_addr().unwrap());
    let (tenant, known) = shop(&server, &picture).await;
    let key = tenant.tireless(api).await;
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let trying = super::beside(&server, |url| {
        let mut command = Command::new(python);
        // It leaves things behind where it runs.
        command.current_dir(folder.path());
        command.env("SCHEMATHESIS_HOOKS", format!("{FOLDER}/hooks.py"));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
            .env("KNOWN", known.to_string())
            .env("REPORT", &report);
        command.arg("-m").arg("schemathesis.cli");
        command.arg(format!("--config-file={FOLDER}/schemathesis.toml"));
        command.arg("run");
        command.arg(format!("{url}/docs/{}/openapi.json", api.as_str()));
        command.arg(format!("--header=Authorization: {}", key.header()));
        command
    });
    let output = tokio::select! {
        output = trying => output,
        () = show(&pictures) => unreachable!("pictures are shown for good"),
    };
    let said = super::said(&output);
    let report = std::fs::read_to_string(report).unwrap();
    let mut answers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in report.lines() {
        let (operation, status) = line.rsplit_once(' ').unwrap();
        answers.entry(operation).or_default().insert(status);
    }
    let document = key
        .get(&format!("/docs/{}/openapi.json", api.as_str()))
        .await;
    for (path, item) in document.json()["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let operation = format!("{} {path}", method.to_uppercase());
            let statuses = answers.get(operation.as_str());
            let succeeded = statuses.is_some_and(|all| all.iter().any(|it| it.starts_with('2')));
            assert!(succeeded, "{operation} answered {statuses:?}\n{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flowiq_is_as_documented() {
    assert_as_documented(Api::FlowIq).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flowella_is_as_documented() {
    assert_as_documented(Api::Flowella).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wacr_is_as_documented() {
    assert_as_documented(Api::WaCr).await;
}
