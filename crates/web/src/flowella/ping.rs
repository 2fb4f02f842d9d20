//! `/api/v1/ping`: does the key work, and whose is it?

use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

use super::Error;
use crate::dialect::{Call, reply};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pong {
    ok: bool,
    organization_id: String,
}

/// `GET /api/v1/ping`.
pub(super) async fn ping(call: &Call) -> Result<Response, Error> {
    let pong = Pong {
        ok: true,
        organization_id: call.caller.tenant().id.to_cuid(),
    };
    Ok(reply::json(StatusCode::OK, &pong))
}
