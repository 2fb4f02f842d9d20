//! The documented examples: requests, and the answers they must have, in files.
//!
//! A file tells one story on a fresh server. Lines before the first `###` say what is given; each
//! `###` opens an exchange: a request, then `HTTP` and the answer. Places such as `<uuid contact>`
//! stand for one value throughout the file; see `test_support::Bindings`.

use std::path::Path;

use bytes::Bytes;
use domain::key::Api;
use http::{Request, header};
use serde_json::json;
use test_support::meta::{contact, text};
use test_support::{Bindings, FileHost, KeyOptions, Setup, TestServer, TestTenant};

/// Replays every file of a folder of fixtures.
pub(crate) async fn replay(folder: &str, api: Api) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it")
        .join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no fixtures in {}", folder.display());
    for file in files {
        eprintln!("{}", file.display());
        tell(&std::fs::read_to_string(&file).unwrap(), api).await;
    }
}

/// What a story begins with.
#[derive(Default)]
struct Given {
    setup: Setup,
    contact_limit: Option<i64>,
    key: KeyOptions,
    groups: Vec<String>,
    /// Whether somebody has files at `<files>`.
    has_files: bool,
    /// Templates whose ids are `<cuid NAME>` and, at Meta, `<meta NAME>`.
    templates: Vec<String>,
    /// Whose messages came in: the number, the name and the words.
    written: Vec<[String; 3]>,
}

impl Given {
    fn read(lines: &str) -> Self {
        let mut given = Self::default();
        for line in lines.lines().filter(|line| !line.is_empty()) {
            match line.split_once(": ") {
                Some(("without", "simulator")) => given.setup.has_simulator = false,
                Some(("with", "files")) => given.has_files = true,
                Some(("contact limit", limit)) => given.contact_limit = limit.parse().ok(),
                Some(("requests a minute", rate)) => given.key.rate_per_minute = rate.parse().ok(),
                Some(("template", name)) => given.templates.push(name.to_owned()),
                Some(("wrote", who_and_what)) => {
                    let words: Vec<_> = who_and_what.splitn(3, ", ").map(str::to_owned).collect();
                    given.written.push(words.try_into().unwrap());
                }
                Some(("group", name)) => given.groups.push(name.to_owned()),
                _ => panic!("what is given by `{line}`?"),
            }
        }
        given
    }
}

async fn tell(story: &str, api: Api) {
    let mut parts = story.split("### ");
    let given = Given::read(parts.next().unwrap());
    let server = TestServer::start_with(given.setup).await;
    let acme = server.tenant_with_limit("acme", given.contact_limit).await;
    server.tenant("globex").await;
    let actor = acme.actor(api, given.key).await;
    let mut bindings = Bindings::default()
        .with("uuid organization", acme.tenant.id.to_uuid())
        .with("cuid organization", acme.tenant.id.to_cuid())
        .with("id source", acme.source_id().to_string())
        .with("id status", acme.status_id().to_string());
    for name in given.groups {
        let id = acme.group(&name).await.to_string();
        bindings = bindings.with(&format!("id {}", name.to_lowercase()), id);
    }
    if !(given.templates.is_empty() && given.written.is_empty()) {
        bindings = connect(&server, &acme, (&given.templates, &given.written), bindings).await;
    }
    let host = match given.has_files {
        true => Some(FileHost::start().await),
        false => None,
    };
    if let Some(host) = &host {
        bindings = bindings.with("files", host.url(""));
    }
    for exchange in parts {
        eprintln!("  {}", exchange.lines().next().unwrap());
        let (_, exchange) = exchange.split_once('\n').unwrap();
        let (request, answer) = exchange.split_once("\nHTTP ").unwrap();
        let (head, body) = split(request);
        let mut head = head.lines();
        let (method, path) = head.next().unwrap().split_once(' ').unwrap();
        let body = Bytes::from(bindings.fill(body));
        let mut request = Request::builder().method(method).uri(bindings.fill(path));
        let mut authorization = actor.header();
        for (name, value) in head.map(|line| line.split_once(": ").unwrap()) {
            match name {
                "Authorization" => authorization = value.to_owned(),
                _ => request = request.header(name, value),
            }
        }
        if authorization != "none" {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let reply = actor.send(request.body(body).unwrap()).await;

        let (head, body) = split(answer);
        let mut head = head.lines();
        let status = head.next().unwrap().parse().unwrap();
        let body = bindings.fill(body);
        reply.assert_bound(status, &body, &mut bindings);
        for (name, value) in head.map(|line| line.split_once(": ").unwrap()) {
            let value = if value == "none" { "" } else { value };
            reply.assert_header(name, &bindings.fill(value));
        }
    }
    server.settle().await;
}

/// Connects a number, `<cuid channel>` of the account `<waba>`, on which this came in before.
async fn connect(
    server: &TestServer,
    tenant: &TestTenant,
    (templates, written): (&[String], &[[String; 3]]),
    bindings: Bindings,
) -> Bindings {
    let meta = tenant.meta("1001").await;
    let mut bindings = bindings
        .with("cuid channel", meta.channel.id.to_cuid())
        .with("waba", meta.channel.waba_id.clone());
    for name in templates {
        let operator = tenant.operator();
        let found = server.operations.find_template(&operator, name, None).await;
        let template = found.unwrap();
        bindings = bindings
            .with(&format!("cuid {name}"), template.id.to_cuid())
            .with(&format!("meta {name}"), template.meta_id);
    }
    for (n, [number, name, words]) in written.iter().enumerate() {
        let digits = number.trim_start_matches('+');
        let wamid = format!("wamid.{n}");
        let said = json!({"contacts": [contact(digits, name)],
            "messages": [text(digits, &wamid, words)]});
        meta.say(&meta.payload(&said)).await;
    }
    bindings
}

/// Tells the head from the body, which an empty line parts.
fn split(text: &str) -> (&str, &str) {
    text.split_once("\n\n").unwrap_or((text.trim_end(), ""))
}
