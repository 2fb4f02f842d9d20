//! What each API can do, for people and for programs: `/docs/<dialect>` and its `openapi.json`.
//!
//! Both are made when the server is built, of the files in `openapi/`, and need no key.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, header};

/// A dialect's document and page.
struct Docs {
    dialect: &'static str,
    json: &'static str,
    html: &'static str,
}

macro_rules! docs {
    ($($dialect:literal),*) => {
        [$(Docs {
            dialect: $dialect,
            json: include_str!(concat!(env!("OUT_DIR"), "/", $dialect, ".json")),
            html: include_str!(concat!(env!("OUT_DIR"), "/", $dialect, ".html")),
        }),*]
    };
}

const DOCS: [Docs; 3] = docs!["flowiq", "flowella", "wacr"];

/// Styles are in the page; nothing else is let in.
const ONLY_STYLES: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Returns whether there is a document or a page at a path.
pub(crate) fn has(path: &str) -> bool {
    let dialect = path.strip_prefix("/docs/").unwrap_or_default();
    let dialect = dialect.strip_suffix("/openapi.json").unwrap_or(dialect);
    DOCS.iter().any(|docs| docs.dialect == dialect)
}

/// Returns the routes that need no key.
pub(crate) fn router() -> Router {
    let mut router = Router::new();
    for docs in &DOCS {
        let page = format!("/docs/{}", docs.dialect);
        let document = format!("{page}/openapi.json");
        router = router
            .route(
                &page,
                get(async || file("text/html; charset=utf-8", docs.html)),
            )
            .route(&document, get(async || file("application/json", docs.json)));
    }
    router
}

fn file(content_type: &'static str, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(ONLY_STYLES),
    );
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::key::Api;
    use serde_json::Value;

    use super::DOCS;
    use crate::dialect::{Dialect, Verb, told};
    use crate::flowella::{self, Flowella};
    use crate::flowiq::{self, FlowIq};
    use crate::wacr::{self, WaCr};

    fn document<D: Dialect>() -> Value {
        let docs = DOCS.iter().find(|docs| docs.dialect == D::API.as_str());
        serde_json::from_str(docs.unwrap().json).unwrap()
    }

    /// The operations of a document: path, method, and what is said of it.
    fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
        let paths = document["paths"].as_object().unwrap().iter();
        paths.flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter();
            operations.map(move |(method, it)| (format!("{} {path}", method.to_uppercase()), it))
        })
    }

    fn assert_complete<D: Dialect>() {
        let document = document::<D>();
        let documented: BTreeSet<_> = operations(&document).map(|(name, _)| name).collect();
        let served = D::ROUTES.iter();
        let served = served.map(|route| format!("{} {}", route.verb.methods()[0], route.path));
        assert_eq!(served.collect::<BTreeSet<_>>(), documented);
        let tags = document["tags"].as_array().unwrap();
        let tags: Vec<_> = tags.iter().map(|tag| &tag["name"]).collect();
        let mut ids = BTreeSet::new();
        for (name, operation) in operations(&document) {
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap()),
                "{name}"
            );
            assert!(tags.contains(&&operation["tags"][0]), "{name}");
            assert!(operation["summary"].is_string(), "{name}");
        }
    }

    #[test]
    fn every_route_is_in_its_document_and_no_other() {
        assert_complete::<FlowIq>();
        assert_complete::<Flowella>();
        assert_complete::<WaCr>();
    }

    /// Checks that operations document how everything ends that comes before a handler.
    fn assert_failures<D: Dialect>(statuses: &[(&str, u16)]) {
        let document = document::<D>();
        for route in D::ROUTES {
            let method = route.verb.methods()[0].to_lowercase();
            let responses = &document["paths"][route.path][method]["responses"];
            for (name, status) in statuses {
                let can_happen = match *name {
                    // Another operation, or none, answers those.
                    "unknown route" | "wrong method" => false,
                    "too large" | "slow body" | "broken body" | "bad form"
                    | "wrong content type" => route.verb.has_body(),
                    "bad request key" | "request under way" | "request key reused" => {
                        route.verb == Verb::Post
                    }
                    // Other keys have no scopes.
                    "missing scope" => D::API == Api::WaCr,
                    _ => true,
                };
                let is_documented = responses.get(status.to_string()).is_some();
                assert!(
                    is_documented || !can_happen,
                    "{} {name}: {status}",
                    route.path
                );
            }
        }
    }

    #[test]
    fn every_failure_before_a_handler_is_documented() {
        let failures = || told::failures().into_iter();
        let now = jiff::Timestamp::UNIX_EPOCH;
        macro_rules! statuses {
            ($dialect:ty, $error:ty) => {
                failures()
                    .map(|(name, it)| {
                        let said = <$dialect>::say(<$error>::from(it), now);
                        (name, said.status().as_u16())
                    })
                    .collect::<Vec<_>>()
            };
        }
        assert_failures::<FlowIq>(&statuses!(FlowIq, flowiq::Error));
        assert_failures::<Flowella>(&statuses!(Flowella, flowella::Error));
        assert_failures::<WaCr>(&statuses!(WaCr, wacr::Error));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        for docs in &DOCS {
            let document: Value = serde_json::from_str(docs.json).unwrap();
            let mut looked_at = vec![&document];
            while let Some(value) = looked_at.pop() {
                if let Some(name) = value.get("$ref") {
                    let pointer = name.as_str().unwrap().trim_start_matches('#');
                    assert!(
                        document.pointer(pointer).is_some(),
                        "{}: {name}",
                        docs.dialect
                    );
                }
                match value {
                    Value::Object(fields) => looked_at.extend(fields.values()),
                    Value::Array(items) => looked_at.extend(items),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn a_page_names_every_operation_and_fetches_nothing() {
        for docs in &DOCS {
            let document: Value = serde_json::from_str(docs.json).unwrap();
            for (name, operation) in operations(&document) {
                assert!(docs.html.contains(&format!(">{name}</a>")), "{name}");
                let summary = operation["summary"].as_str().unwrap().replace('&', "&amp;");
                assert!(
                    docs.html.contains(summary.split('`').next().unwrap()),
                    "{name}"
                );
            }
            for fetched in ["<script", "<link", "<img", "@import", "url("] {
                assert!(!docs.html.contains(fetched), "{}: {fetched}", docs.dialect);
            }
        }
    }
}
