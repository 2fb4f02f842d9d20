//! The headers that tell of a token's rate, as the vendor's framework sends them.

use axum::response::Response;
use http::StatusCode;
use operations::Rate;

use crate::dialect::reply;

pub(super) fn stamp(response: &mut Response, rate: Option<Rate>) {
    let Some(rate) = rate else { return };
    reply::set_number(response, reply::RATE_LIMIT, rate.limit);
    reply::set_number(response, reply::RATE_REMAINING, rate.remaining);
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        reply::set_number(response, reply::RATE_RESET, rate.resets_at);
    }
}
