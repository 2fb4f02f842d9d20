//! The documented examples: requests, and the answers they must have, in files.
//!
//! A file tells one story on a fresh server. Lines before the first `###` say what is given; each
//! `###` opens an exchange: a request, then `HTTP` and the answer. Places such as `<uuid contact>`
//! stand for one value throughout the file; see `test_support::Bindings`.

use std::path::Path;

use bytes::Bytes;
use domain::key::Api;
use http::{Request, header};
use test_support::{Bindings, FileHost, KeyOptions, Setup, TestServer};

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

/// Tells the head from the body, which an empty line parts.
fn split(text: &str) -> (&str, &str) {
    text.split_once("\n\n").unwrap_or((text.trim_end(), ""))
}
