//! Meta, as it posts what happens on a tenant's number.

use bytes::Bytes;
use http::{Method, Request};
use operations::{ConnectChannel, DEFAULT_TIER, Operations};
use serde_json::{Value, json};
use storage::Channel;
use web::Web;

use crate::reply::Reply;
use crate::tenant::TestTenant;

/// Meta and one of a tenant's numbers.
#[derive(Clone)]
pub struct Meta {
    /// The number's channel.
    pub channel: Channel,
    /// Where its app's events are posted.
    pub path: String,
    /// What the app signs with.
    pub secret: String,
    web: Web,
    operations: Operations,
}

/// What Meta shows when it subscribes.
pub const VERIFY_TOKEN: &str = "a word of ours";

impl TestTenant {
    /// Connects a number under an app of the tenant's own.
    pub async fn meta(&self, phone_number_id: &str) -> Meta {
        let secret = format!("secret of {}", self.tenant.slug.as_str());
        self.meta_with(phone_number_id, &secret).await
    }

    /// Connects a number under the app that has a secret.
    ///
    /// # Panics
    /// Where somebody has the number.
    pub async fn meta_with(&self, phone_number_id: &str, secret: &str) -> Meta {
        let connect = ConnectChannel {
            phone_number_id: phone_number_id.to_owned(),
            waba_id: format!("9{phone_number_id}"),
            number: format!("2711{phone_number_id}"),
            token: "a token".to_owned(),
            app_secret: secret.to_owned(),
            verify_token: VERIFY_TOKEN.to_owned(),
            business_id: None,
            graph_url: self.graph_url(),
            tier_per_second: DEFAULT_TIER,
        };
        let operator = self.operator();
        let connected = self.operations().connect_channel(&operator, connect).await;
        let connected = connected.expect("an answer").expect("a new number");
        Meta {
            channel: connected.channel,
            path: connected.webhook_path,
            secret: secret.to_owned(),
            web: self.web().clone(),
            operations: self.operations().clone(),
        }
    }
}

impl Meta {
    /// Posts a body under its signature.
    pub async fn post(&self, body: impl Into<Bytes>) -> Reply {
        let body = body.into();
        let signature = cloud_api::signature::sign(&self.secret, &body);
        self.post_signed(body, Some(&signature)).await
    }

    /// Posts a body under any signature, or none.
    ///
    /// # Panics
    /// Where that makes no request.
    pub async fn post_signed(&self, body: impl Into<Bytes>, signature: Option<&str>) -> Reply {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&self.path)
            .header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        let request = request.body(body.into()).expect("a request");
        let (parts, body) = self.web.respond(request).await.into_parts();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Posts a payload that must be taken, and has it applied.
    ///
    /// # Panics
    /// Where it is not.
    pub async fn say(&self, payload: &Value) {
        let reply = self.post(payload.to_string()).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        self.apply().await;
    }

    /// Applies everything that waits.
    ///
    /// # Panics
    /// Where somebody else does, or it fails.
    pub async fn apply(&self) {
        assert!(self.operations.apply_events().await.expect("an answer"));
    }

    /// Returns a payload with one change of the field `messages`.
    #[must_use]
    pub fn payload(&self, parts: &Value) -> Value {
        json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": self.channel.waba_id, "changes": [self.change(parts)]}],
        })
    }

    /// Returns a change of the field `messages`.
    #[must_use]
    pub fn change(&self, parts: &Value) -> Value {
        let mut value = parts.clone();
        value["messaging_product"] = json!("whatsapp");
        value["metadata"] = json!({
            "display_phone_number": self.channel.number,
            "phone_number_id": self.channel.phone_number_id,
        });
        json!({"field": "messages", "value": value})
    }

    /// Returns a payload of one event of the account.
    #[must_use]
    pub fn account_payload(&self, field: &str, value: &Value) -> Value {
        json!({
            "object": "whatsapp_business_account",
            "entry": [{
                "id": self.channel.waba_id, "time": SECONDS,
                "changes": [{"field": field, "value": value}],
            }],
        })
    }
}

/// When what a test tells happened: a minute before the clock of a [`crate::TestServer`].
pub const SECONDS: i64 = 1_773_130_440;

/// Returns a text that somebody wrote, and who they are.
#[must_use]
pub fn text(from: &str, wamid: &str, body: &str) -> Value {
    message(
        from,
        wamid,
        &json!({"type": "text", "text": {"body": body}}),
    )
}

/// Returns a message that somebody wrote.
#[must_use]
pub fn message(from: &str, wamid: &str, parts: &Value) -> Value {
    let mut message = parts.clone();
    message["from"] = json!(from);
    message["id"] = json!(wamid);
    if message.get("timestamp").is_none() {
        message["timestamp"] = json!(SECONDS.to_string());
    }
    message
}

/// Returns an element of `contacts`.
#[must_use]
pub fn contact(wa_id: &str, name: &str) -> Value {
    json!({"wa_id": wa_id, "profile": {"name": name}})
}

/// Signs a body as an app does.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    cloud_api::signature::sign(secret, body)
}
