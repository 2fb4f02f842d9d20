//! The headers that tell of a key's rate: the vendor documents none, so a 429 carries
//! `Retry-After` (in `error.rs`) and nothing else is added.

use axum::response::Response;
use operations::Rate;

pub(super) fn stamp(_response: &mut Response, _rate: Option<Rate>) {}
