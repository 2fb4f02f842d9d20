//! Somebody with a key, who speaks HTTP.

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::Value;
use web::Web;

use crate::reply::Reply;

/// The holder of a key.
#[derive(Clone)]
pub struct Actor {
    web: Web,
    key: String,
}

impl Actor {
    pub(crate) fn new(web: Web, key: String) -> Self {
        Self { web, key }
    }

    /// Returns somebody who holds another key, or holds up anything else as one.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            web: self.web.clone(),
            key: key.to_owned(),
        }
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns what stands in the `Authorization` header.
    #[must_use]
    pub fn header(&self) -> String {
        format!("Bearer {}", self.key)
    }

    /// Sends `GET path`.
    pub async fn get(&self, path: &str) -> Reply {
        self.request(Method::GET, path, Bytes::new()).await
    }

    /// Sends `POST path` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.request(Method::POST, path, body.to_string()).await
    }

    /// Sends `PATCH path` with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.request(Method::PATCH, path, body.to_string()).await
    }

    /// Sends `DELETE path` with a JSON body, or without one where it is null.
    pub async fn delete(&self, path: &str, body: Value) -> Reply {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.request(Method::DELETE, path, body).await
    }

    /// Sends any method with any body that says it is JSON.
    pub async fn request(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, self.header())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into())
            .expect("a request");
        self.send(request).await
    }

    /// Sends a request just as it is, without adding the key.
    pub async fn send(&self, request: Request<Bytes>) -> Reply {
        let (parts, body) = self.web.respond(request).await.into_parts();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}
