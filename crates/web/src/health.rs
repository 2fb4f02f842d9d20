//! Is the server there, and is it ready? For those who run it.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use operations::Operations;
use serde::Serialize;

use crate::dialect::reply;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// Returns the routes that need no key.
pub(crate) fn router(operations: Operations) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(async || reply::json(StatusCode::OK, &Health { status: "ok" })),
        )
        .route("/readyz", get(readyz))
        .with_state(operations)
}

async fn readyz(State(operations): State<Operations>) -> Response {
    if operations.is_ready().await {
        reply::json(StatusCode::OK, &Health { status: "ready" })
    } else {
        let waiting = Health {
            status: "the database does not answer",
        };
        reply::json(StatusCode::SERVICE_UNAVAILABLE, &waiting)
    }
}
