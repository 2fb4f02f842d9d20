//! Which dialect a path speaks.

use axum::Router;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::BodyExt;
use operations::{MEDIA_PATH, Operations};
use tower::ServiceExt;

use crate::unread::Unread;
use crate::{dialect, docs, flowella, flowiq, health, media, meta, wacr};

/// Everything the server says over HTTP; a clone is the same one.
#[derive(Clone)]
pub struct Web {
    health: Router,
    docs: Router,
    media: Router,
    meta: Router,
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
            docs: docs::router(),
            media: media::router(operations.clone()),
            meta: meta::router(operations.clone()),
            flowiq: dialect::router::<flowiq::FlowIq>(operations.clone()),
            flowella: dialect::router::<flowella::Flowella>(operations.clone()),
            wacr: dialect::router::<wacr::WaCr>(operations.clone()),
        }
    }

    /// Answers one request. Paths outside `/api` that nobody else has speak FlowIQ.
    pub(crate) async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let router = match request.uri().path() {
            "/healthz" | "/readyz" => &self.health,
            path if docs::has(path) => &self.docs,
            path if is_under(path, "/webhooks/meta") => &self.meta,
            path if path.starts_with(MEDIA_PATH) => &self.media,
            path if is_under(path, "/api/v2") => &self.wacr,
            path if is_under(path, "/api") => &self.flowella,
            _ => &self.flowiq,
        };
        if HttpBody::is_end_stream(request.body()) {
            let Ok(response) = router.clone().oneshot(request).await;
            return response;
        }
        // Who waits to be asked for the body has not sent it, and after a refusal will not.
        let is_waiting = request.headers().contains_key(header::EXPECT);
        let (head, body) = request.into_parts();
        let (unread, body) = Unread::lend(body);
        let request = Request::from_parts(head, body);
        let Ok(response) = router.clone().oneshot(request).await;
        if !is_waiting {
            unread.discard().await;
        }
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
