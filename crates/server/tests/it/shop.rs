//! A tenant with a key for each API, made on the command line beside whatever runs.

use serde_json::{Value, json};

use crate::place::Place;
use crate::server::{Answer, Server};

/// A tenant, its keys and what its contacts get by default.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) slug: String,
    pub(crate) tenant_id: i64,
    pub(crate) source_id: i64,
    pub(crate) status_id: i64,
    pub(crate) flowiq: String,
    pub(crate) flowella: String,
    pub(crate) wacr: String,
}

/// A key as `key create --json` tells it.
pub(crate) struct MadeKey {
    pub(crate) secret: String,
    pub(crate) id: i64,
}

impl Shop {
    /// Makes a tenant with keys that have no rate limit.
    pub(crate) fn open(place: &Place, slug: &str) -> Self {
        let made = place.run(&[
            "tenant", "create", "--slug", slug, "--name", "A Shop", "--json",
        ]);
        let made = made.json();
        let key = |api| make_key(place, slug, api, &["--rate-per-minute", "0"]).secret;
        Self {
            slug: slug.to_owned(),
            tenant_id: made["tenant"]["id"].as_i64().unwrap(),
            source_id: made["source_id"].as_i64().unwrap(),
            status_id: made["status_id"].as_i64().unwrap(),
            flowiq: key("flowiq"),
            flowella: key("flowella"),
            wacr: key("wacr"),
        }
    }

    pub(crate) async fn create(&self, server: &Server, phone: &str) -> Answer {
        let body = json!({"phone_number": phone, "name": "Sipho Dlamini", "tags": "lead"});
        server.post("/contact", &self.flowiq, body).await
    }

    pub(crate) async fn find(&self, server: &Server, phone: &str) -> Answer {
        let (slug, digits) = (&self.slug, phone.trim_start_matches('+'));
        let path = format!("/contact?tenantId={slug}&phone_number={digits}");
        server.get(&path, &self.flowiq).await
    }

    pub(crate) async fn send(&self, server: &Server, phone: &str) -> Answer {
        let body = text_to(phone);
        server.post("/send-whatsapp", &self.flowiq, body).await
    }

    pub(crate) async fn upsert(&self, server: &Server, phone: &str) -> Answer {
        let body = json!({"phone": phone, "name": "Ada Lovelace"});
        server.post("/api/v1/contacts", &self.flowella, body).await
    }

    pub(crate) fn new_row(&self, phone: &str) -> Value {
        json!({
            "firstname": "Mara", "lastname": "Lind", "phone": phone, "type": "lead",
            "source_id": self.source_id, "status_id": self.status_id,
        })
    }

    pub(crate) async fn add(&self, server: &Server, phone: &str) -> Answer {
        let body = self.new_row(phone);
        server.post("/api/v2/contacts", &self.wacr, body).await
    }
}

/// Returns a text to a number, as FlowIQ sends one.
pub(crate) fn text_to(phone: &str) -> Value {
    json!({"phone_number": phone, "message_type": "text", "text": "Hello"})
}

/// Makes a key with some more words.
pub(crate) fn make_key(place: &Place, slug: &str, api: &str, more: &[&str]) -> MadeKey {
    let mut words = vec!["key", "create", "--tenant", slug, "--api", api, "--json"];
    words.extend(more);
    let made = place.run(&words).json();
    assert_eq!(made["api"], api);
    assert_eq!(made.as_object().unwrap().len(), 3, "{made}");
    MadeKey {
        secret: made["key"].as_str().unwrap().to_owned(),
        id: made["id"].as_i64().unwrap(),
    }
}
