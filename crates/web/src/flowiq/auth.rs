//! The tenant a request names, and the headers that tell of its rate.

use axum::response::Response;
use domain::tenant::Slug;
use operations::Rate;

use super::Error;
use crate::dialect::{Call, reply};

/// Whether a route demands `tenantId`. Only `GET /contact` does: every current example of the
/// others leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TenantId {
    Required,
    Optional,
}

/// Checks `tenantId` against the key. It chooses nothing: the key's tenant is the only one.
pub(super) async fn check_tenant(call: &Call, demand: TenantId) -> Result<(), Error> {
    check_tenant_or(call, demand, Error::key_of_another_tenant).await
}

/// Checks `tenantId` as [`check_tenant`] does, where the key of another tenant has words of its own.
pub(super) async fn check_tenant_or(
    call: &Call,
    demand: TenantId,
    mismatch: fn() -> Error,
) -> Result<(), Error> {
    let Some(tenant_id) = call.query("tenantId") else {
        return match demand {
            TenantId::Optional => Ok(()),
            TenantId::Required => Err(Error::tenant_id_missing()),
        };
    };
    if tenant_id == call.caller.tenant().slug.as_str() {
        return Ok(());
    }
    // Existence first, else an unknown one could never be told from another's.
    let exists = match Slug::parse(tenant_id) {
        Some(slug) => call.operations.tenant_by_slug(&slug).await,
        None => Ok(None),
    };
    match exists {
        Ok(Some(_)) => Err(mismatch()),
        Ok(None) => Err(Error::no_organization(tenant_id)),
        Err(_) => Err(Error::internal("Failed to look up the organization")),
    }
}

pub(super) fn stamp(response: &mut Response, rate: Option<Rate>) {
    if let Some(rate) = rate {
        reply::set_number(response, reply::RATE_LIMIT, rate.limit);
        reply::set_number(response, reply::RATE_REMAINING, rate.remaining);
        reply::set_number(response, reply::RATE_RESET, rate.resets_at);
    }
}
