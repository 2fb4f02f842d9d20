//! WA.cr, through the front door.

mod auth;
mod comments;
mod contacts;
mod contract;
mod errors;
mod fields;
mod messages;
mod otps;

use serde_json::{Value, json};
use test_support::TestTenant;

/// The least that can be said of a new contact.
pub(crate) fn person(tenant: &TestTenant, phone: &str) -> Value {
    json!({
        "firstname": "Mara",
        "lastname": "Lind",
        "phone": phone,
        "type": "lead",
        "source_id": tenant.source_id(),
        "status_id": tenant.status_id(),
    })
}

/// Wraps the details of a refused body in what surrounds them.
pub(crate) fn refused(details: &str) -> String {
    format!(
        r#"{{"success":false,"error":{{"code":"VALIDATION_ERROR","message":"Validation failed",
        "details":{{{details}}}}},"meta":{{"request_id":"<uuid>",
        "timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}
