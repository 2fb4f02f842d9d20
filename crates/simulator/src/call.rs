//! A request, read to its end.

use std::collections::HashMap;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request, request};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// More than the longest message Meta takes, 257 contact cards, could reasonably need.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A request, read to its end.
#[derive(Debug)]
pub(crate) struct Call {
    head: request::Parts,
    pub(crate) body: Bytes,
}

impl Call {
    /// Reads a request; one that is too long, or breaks off, is refused.
    pub(crate) async fn read(request: Request<Incoming>, most: usize) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        match Limited::new(body, most).collect().await {
            Ok(body) => Ok(Self {
                head,
                body: body.to_bytes(),
            }),
            Err(_) => Err(Refusal::invalid("Invalid parameter")),
        }
    }

    /// Returns a request whose body is read elsewhere.
    pub(crate) fn without_body(head: request::Parts) -> Self {
        Self {
            head,
            body: Bytes::new(),
        }
    }

    pub(crate) fn method(&self) -> &Method {
        &self.head.method
    }

    /// Returns the host the client calls this server by.
    pub(crate) fn host(&self) -> Option<&str> {
        self.header(HOST.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).and_then(|it| it.to_str().ok())
    }

    /// Lets in who has a token; any will do.
    pub(crate) fn admit(&self) -> Result<(), Refusal> {
        let query = self.head.uri.query().unwrap_or_default();
        let in_query = query
            .split('&')
            .find_map(|it| it.strip_prefix("access_token="));
        match (self.head.headers.get(AUTHORIZATION), in_query) {
            (Some(header), _) => {
                let header = header.to_str().map_err(|_| Refusal::bad_token())?.trim();
                let (scheme, token) = header.split_once(' ').ok_or_else(Refusal::bad_token)?;
                let is_known = ["bearer", "oauth"].contains(&scheme.to_ascii_lowercase().as_str());
                if !is_known || token.trim().is_empty() {
                    return Err(Refusal::bad_token());
                }
                Ok(())
            }
            (None, Some("")) => Err(Refusal::bad_token()),
            (None, Some(_)) => Ok(()),
            (None, None) => Err(Refusal::no_token()),
        }
    }

    /// Reads the fields of a JSON body. As at Meta, what is not JSON, or does not say so, has
    /// none.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let content_type = self.header(CONTENT_TYPE.as_str());
        if content_type.is_some_and(|it| it.trim_start().starts_with("application/json")) {
            serde_json::from_slice(&self.body).unwrap_or_default()
        } else {
            Map::new()
        }
    }

    /// Returns the parameters in the query, each once.
    pub(crate) fn query(&self) -> HashMap<String, String> {
        let query = self.head.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }

    /// Returns the parameters wherever Graph looks for them: query, form, JSON.
    pub(crate) fn parameters(&self) -> Map<String, Value> {
        let mut parameters: Map<String, Value> = self
            .query()
            .into_iter()
            .map(|(key, value)| (key, Value::String(value)))
            .collect();
        let content_type = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        if content_type.starts_with("application/x-www-form-urlencoded") {
            let form = form_urlencoded::parse(&self.body).into_owned();
            parameters.extend(form.map(|(key, value)| (key, Value::String(value))));
        }
        parameters.extend(self.json());
        parameters
    }
}
