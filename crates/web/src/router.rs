//! Which dialect a path speaks.

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use operations::Operations;
use tower::ServiceExt;

use crate::{dialect, flowella, flowiq, health, wacr};

/// Everything the server says over HTTP; a clone is the same one.
#[derive(Clone)]
pub struct Web {
    health: Router,
    flowiq: Router,
    flowella: Router,
    wacr: Router,
}

impl Web {
    /// Puts the dialects over one set of operations.
    #[must_use]
    pub fn new(operations: &Operations) -> Self {
        Self {
            health: health::router(operations.clone()),
            flowiq: dialect::router::<flowiq::FlowIq>(operations.clone()),
            flowella: dialect::router::<flowella::Flowella>(operations.clone()),
            wacr: dialect::router::<wacr::WaCr>(operations.clone()),
        }
    }

    /// Answers one request. Paths outside `/api` that nobody else has speak FlowIQ.
    pub(crate) async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let router = match request.uri().path() {
            "/healthz" | "/readyz" => &self.health,
            path if is_under(path, "/api/v2") => &self.wacr,
            path if is_under(path, "/api") => &self.flowella,
            _ => &self.flowiq,
        };
        let Ok(response) = router.clone().oneshot(request).await;
        response
    }

    /// Answers one request without a socket, for tests.
    pub async fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = self.handle(request.map(Body::from)).await.into_parts();
        let body = body
            .collect()
            .await
            .map(|body| body.to_bytes())
            .unwrap_or_default();
        Response::from_parts(parts, body)
    }
}

fn is_under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
