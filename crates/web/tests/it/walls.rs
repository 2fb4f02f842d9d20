//! Every endpoint of the three APIs, with another tenant's ids: nothing of theirs is seen or changed.

use domain::key::Api;
use http::Method;
use serde_json::{Value, json};
use test_support::{Actor, TestServer, TestTenant};

use crate::wacr;

/// The documents, of which `cargo xtask tidy` knows that they name every route.
const DOCUMENTS: [(Api, &str); 3] = [
    (
        Api::FlowIq,
        include_str!("../../../../docs/dialects/flowiq.md"),
    ),
    (
        Api::Flowella,
        include_str!("../../../../docs/dialects/flowella.md"),
    ),
    (Api::WaCr, include_str!("../../../../docs/dialects/wacr.md")),
];

/// A word that everything of the other tenant's has in it.
const THEIRS: &str = "Xylophone";

/// Returns the endpoints of a document: each line of a table that begins with a method and a path.
fn endpoints(document: &str) -> Vec<(Method, String)> {
    let lines = document.lines().filter_map(|line| {
        let (what, _) = line.strip_prefix("| `")?.split_once('`')?;
        let (method, path) = what.split_once(' ')?;
        let method = method.parse().ok()?;
        path.starts_with('/').then(|| (method, path.to_owned()))
    });
    lines.collect()
}

/// What the other tenant has, by the words of the APIs.
struct Theirs {
    tenant: TestTenant,
    contact: i64,
    cuid: String,
    /// By the beginning of a path.
    ids: Vec<(&'static str, String)>,
}

impl Theirs {
    async fn on(server: &TestServer) -> Self {
        let tenant = server.tenant("globex").await;
        let globex = tenant.wacr().await;
        let mut person = wacr::person(&tenant, "+919876543210");
        person["firstname"] = json!(THEIRS);
        let made = globex.post("/api/v2/contacts", person).await.json();
        let contact = made["data"]["id"].as_i64().unwrap();
        let mut ids = vec![("/api/v2/contacts/{id}", contact.to_string())];
        for noun in ["groups", "sources", "statuses"] {
            let body = json!({"name": format!("{THEIRS} {noun}")});
            let made = globex.post(&format!("/api/v2/{noun}"), body).await.json();
            let path = match noun {
                "groups" => "/api/v2/groups/{id}",
                "sources" => "/api/v2/sources/{id}",
                _ => "/api/v2/statuses/{id}",
            };
            ids.push((path, made["data"]["id"].to_string()));
        }
        let cuid = tenant.contact("+919876543210").await.id.to_cuid();
        Self {
            tenant,
            contact,
            cuid,
            ids,
        }
    }

    /// Returns a path with their ids in it.
    fn path(&self, template: &str) -> String {
        let known = self.ids.iter().find(|(path, _)| template.starts_with(path));
        let id = known.map_or(self.cuid.clone(), |(_, id)| id.clone());
        let mut path = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (_, after) = after.split_once('}').unwrap();
            path = format!("{path}{before}{id}");
            rest = after;
        }
        format!("{path}{rest}")
    }

    /// Returns a body that names whatever of theirs a body can name.
    fn body(&self) -> Value {
        let id = |noun: &str| {
            let found = self.ids.iter().find(|(path, _)| path.contains(noun));
            found.map(|(_, id)| json!(id.parse::<i64>().unwrap()))
        };
        json!({
            "name": "Ours", "firstname": "Ours", "ids": [self.contact],
            "contact_ids": [self.contact], "contact_id": self.contact, "contactId": self.cuid,
            "source_id": id("sources"), "status_id": id("statuses"), "groups": [id("groups")],
            "contacts": [{"phone": "+919876543210", "source_id": id("sources")}],
            "message": "Ours", "phone": "+27821119999",
        })
    }

    /// Returns all that they see of what is theirs.
    async fn seen(&self) -> Vec<String> {
        let globex = self.tenant.tireless(Api::WaCr).await;
        let mut seen = Vec::new();
        for (path, id) in &self.ids {
            let own = globex.get(&path.replace("{id}", id)).await;
            seen.push(own.json()["data"].to_string());
        }
        for list in ["contacts", "groups", "sources", "statuses"] {
            let list = globex.get(&format!("/api/v2/{list}?include=groups")).await;
            seen.push(list.json()["data"].to_string());
        }
        seen
    }
}

async fn assert_apart(ours: &Actor, theirs: &Theirs, (method, template): (Method, String)) {
    let path = theirs.path(&template);
    for body in [json!({}), theirs.body()] {
        let body = if method == Method::GET {
            String::new()
        } else {
            body.to_string()
        };
        let reply = ours.request(method.clone(), &path, body).await;
        assert!(
            !reply.text().contains(THEIRS),
            "{method} {path}: {}",
            reply.text()
        );
        let names_theirs = template.contains('{');
        assert!(
            !names_theirs || !reply.status.is_success(),
            "{method} {path}: {}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn no_endpoint_shows_or_changes_what_is_another_tenants() {
    let server = TestServer::start().await;
    let theirs = Theirs::on(&server).await;
    let before = theirs.seen().await;
    assert!(before.iter().all(|it| it.contains(THEIRS)), "{before:?}");
    let tenant = server.tenant("acme").await;
    for (api, document) in DOCUMENTS {
        let ours = tenant.tireless(api).await;
        let endpoints = endpoints(document);
        assert!(endpoints.len() > 2, "{api:?}");
        for endpoint in endpoints {
            assert_apart(&ours, &theirs, endpoint).await;
        }
    }
    assert_eq!(theirs.seen().await, before);
}
