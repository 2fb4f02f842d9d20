//! Every failure in WA.cr's words.

use jiff::Timestamp;

use super::Error;
use super::contacts;
use crate::dialect::told;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

#[tokio::test]
async fn every_failure_before_a_handler_has_its_words() {
    let failures = told::failures().into_iter();
    let rows = failures.map(|(name, it)| (name, Error::from(it).into_response(NOW)));
    insta::assert_snapshot!(told::table(rows.collect()).await, @r#"
    missing key: 401 {"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or missing API token","details":null}
    malformed key: 401 {"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or missing API token","details":null}
    unknown key: 401 {"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or missing API token","details":null}
    revoked key: 401 {"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or missing API token","details":null}
    expired key: 401 {"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or missing API token","details":null}
    tenant inactive: 403 {"success":false,"error":{"code":"TENANT_INACTIVE","message":"Tenant account is not active","details":null}
    missing scope: 403 {"success":false,"error":{"code":"INSUFFICIENT_SCOPE","message":"Token missing contacts:read scope","details":{"required_scope":"contacts:read"}}
    rate limited: 429 retry-after: 37 {"success":false,"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Too many requests","details":{"retry_after":37}}
    unknown route: 404 {"success":false,"error":{"code":"NOT_FOUND","message":"Endpoint not found","details":null}
    wrong method: 405 allow: GET, HEAD {"success":false,"error":{"code":"METHOD_NOT_ALLOWED","message":"Method not allowed","details":null}
    too large: 413 {"success":false,"error":{"code":"PAYLOAD_TOO_LARGE","message":"The request body may have 1000 bytes at most","details":null}
    slow body: 408 {"success":false,"error":{"code":"REQUEST_TIMEOUT","message":"The request body did not arrive in time","details":null}
    broken body: 400 {"success":false,"error":{"code":"BAD_REQUEST","message":"The request body broke off","details":null}
    bad form: 400 {"success":false,"error":{"code":"BAD_REQUEST","message":"The request body is no form that can be read","details":null}
    wrong content type: 415 {"success":false,"error":{"code":"UNSUPPORTED_MEDIA_TYPE","message":"Content-Type must be application/json","details":null}
    bad request key: 400 {"success":false,"error":{"code":"BAD_REQUEST","message":"Idempotency-Key must have 1 to 255 printable ASCII characters","details":null}
    request under way: 409 retry-after: 1 {"success":false,"error":{"code":"REQUEST_IN_PROGRESS","message":"A request with this Idempotency-Key is under way; ask again in a moment","details":null}
    request key reused: 422 {"success":false,"error":{"code":"IDEMPOTENCY_KEY_REUSED","message":"This Idempotency-Key was given to a request that said something else","details":null}
    outcome unknown: 500 {"success":false,"error":{"code":"INTERNAL_ERROR","message":"The request with this Idempotency-Key was interrupted. It is unknown how far it got, and it is not done again","details":null}
    busy: 503 retry-after: 1 {"success":false,"error":{"code":"SERVICE_UNAVAILABLE","message":"Too many requests are under way; try again in a moment","details":null}
    internal: 500 {"success":false,"error":{"code":"INTERNAL_ERROR","message":"Unexpected server error","details":null}
    "#);
}

#[tokio::test]
async fn every_error_of_the_operations_has_its_words() {
    let said = |error| Error::of(error, contacts::CREATING).into_response(NOW);
    let errors = told::errors().into_iter();
    let rows = errors.map(|(name, it)| (name, said(it)));
    insta::assert_snapshot!(told::table(rows.collect()).await, @r#"
    no contact: 404 {"success":false,"error":{"code":"NOT_FOUND","message":"Contact not found","details":null}
    contact exists: 422 {"success":false,"error":{"code":"VALIDATION_ERROR","message":"Validation failed","details":{"phone":["This phone number already exists"]}}
    contact refused: 422 {"success":false,"error":{"code":"VALIDATION_ERROR","message":"Validation failed","details":{"phone":["This phone number already exists"],"email":["This email address already exists"]}}
    WhatsApp id taken: 422 {"success":false,"error":{"code":"VALIDATION_ERROR","message":"Validation failed","details":{"phone":["This phone number already exists"]}}
    not on WhatsApp: 422 {"success":false,"error":{"code":"VALIDATION_ERROR","message":"Validation failed","details":{"phone":["The phone number is not registered on WhatsApp."]}}
    verifier unavailable: 500 {"success":false,"error":{"code":"INTERNAL_ERROR","message":"Failed to create contact","details":{"reason":"It could not be checked whether the number is on WhatsApp"}}
    limit reached: 403 {"success":false,"error":{"code":"FEATURE_LIMIT_EXCEEDED","message":"Tenant contact limit reached","details":{"feature":"contacts","current":5,"maximum":5}}
    channel missing: 422 {"success":false,"error":{"code":"WHATSAPP_NOT_CONFIGURED","message":"WhatsApp not configured for this account","details":null}
    no channel: 404 {"success":false,"error":{"code":"NOT_FOUND","message":"Channel not found","details":null}
    subscription due: 403 {"success":false,"error":{"code":"SUBSCRIPTION_REQUIRED","message":"Tenant subscription is past due","details":null}
    feature missing: 403 {"success":false,"error":{"code":"FEATURE_NOT_AVAILABLE","message":"WhatsApp templates not available in plan","details":{"feature":"whatsapp_templates"}}
    opted out: 403 {"success":false,"error":{"code":"CONTACT_OPTED_OUT","message":"Contact has opted out of receiving messages","details":{"contact_id":12}}
    blocked: 403 {"success":false,"error":{"code":"CONTACT_BLOCKED","message":"Contact is blocked","details":null}
    window closed: 500 {"success":false,"error":{"code":"MESSAGE_SEND_FAILED","message":"Failed to send via WhatsApp API","details":{"reason":"The 24-hour service window is closed"}}
    no template: 404 {"success":false,"error":{"code":"NOT_FOUND","message":"Template not found","details":null}
    template unfilled: 422 {"success":false,"error":{"code":"VALIDATION_ERROR","message":"Validation failed","details":{"header_image_url":["The header image url field is required when header image file is not present."],"field_2":["The field 2 field is required."]}}
    templates unavailable: 500 {"success":false,"error":{"code":"INTERNAL_ERROR","message":"Failed to create contact","details":{"reason":"the answer did not come in time"}}
    send refused: 500 {"success":false,"error":{"code":"MESSAGE_SEND_FAILED","message":"Failed to send via WhatsApp API","details":{"reason":"Message undeliverable"}}
    media unusable: 500 {"success":false,"error":{"code":"MESSAGE_SEND_FAILED","message":"Failed to send via WhatsApp API","details":{"reason":"the file is empty"}}
    media not kept: 500 {"success":false,"error":{"code":"MESSAGE_SEND_FAILED","message":"Failed to send via WhatsApp API","details":{"reason":"the file is empty"}}
    media not given: 500 {"success":false,"error":{"code":"MESSAGE_SEND_FAILED","message":"Failed to send via WhatsApp API","details":{"reason":"the file is empty"}}
    not sent: 500 {"success":false,"error":{"code":"MESSAGE_SEND_FAILED","message":"Failed to send via WhatsApp API","details":{"reason":"WhatsApp could not be reached; try again"}}
    unconfirmed: 500 {"success":false,"error":{"code":"MESSAGE_SEND_FAILED","message":"Failed to send via WhatsApp API","details":{"reason":"It is unknown whether WhatsApp took message 7. Do not send it again: its status will tell"}}
    no label: 404 {"success":false,"error":{"code":"NOT_FOUND","message":"Source not found","details":null}
    name taken: 422 {"success":false,"error":{"code":"VALIDATION_ERROR","message":"Validation failed","details":{"name":["A status with this name already exists"]}}
    label is default: 409 {"success":false,"error":{"code":"CONFLICT","message":"Cannot delete source because new contacts get it by default","details":null}
    label in use: 409 {"success":false,"error":{"code":"CONFLICT","message":"Cannot delete status because it is assigned to contacts","details":{"contacts_count":3}}
    no such contacts: 404 {"success":false,"error":{"code":"NOT_FOUND","message":"Contact not found","details":null}
    busy: 503 retry-after: 2 {"success":false,"error":{"code":"SERVICE_UNAVAILABLE","message":"Too many requests are under way; try again in a moment","details":null}
    internal: 500 {"success":false,"error":{"code":"INTERNAL_ERROR","message":"Failed to create contact","details":null}
    "#);
}
