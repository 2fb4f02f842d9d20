//! Every failure in Flowella's words.

use axum::response::Response;

use super::Error;
use crate::dialect::told;

#[tokio::test]
async fn every_failure_before_a_handler_has_its_words() {
    let failures = told::failures().into_iter();
    let rows = failures.map(|(name, it)| (name, Response::from(Error::from(it))));
    insta::assert_snapshot!(told::table(rows.collect()).await, @r#"
    missing key: 401 {"error":{"code":"UNAUTHORIZED","message":"Invalid API key"}}
    malformed key: 401 {"error":{"code":"UNAUTHORIZED","message":"Invalid API key"}}
    unknown key: 401 {"error":{"code":"UNAUTHORIZED","message":"Invalid API key"}}
    revoked key: 401 {"error":{"code":"UNAUTHORIZED","message":"Invalid API key"}}
    expired key: 401 {"error":{"code":"UNAUTHORIZED","message":"Invalid API key"}}
    tenant inactive: 403 {"error":{"code":"FORBIDDEN","message":"The organization is not active"}}
    missing scope: 403 {"error":{"code":"FORBIDDEN","message":"The API key may not do this"}}
    rate limited: 429 retry-after: 37 {"error":{"code":"RATE_LIMITED","message":"Too many requests"}}
    unknown route: 404 {"error":{"code":"NOT_FOUND","message":"There is no such endpoint"}}
    wrong method: 405 allow: GET, HEAD {"error":{"code":"METHOD_NOT_ALLOWED","message":"This endpoint answers to GET, HEAD"}}
    too large: 413 {"error":{"code":"PAYLOAD_TOO_LARGE","message":"The body may have 1000 bytes at most"}}
    slow body: 408 {"error":{"code":"REQUEST_TIMEOUT","message":"The body did not arrive in time"}}
    broken body: 400 {"error":{"code":"BAD_REQUEST","message":"The body broke off"}}
    bad form: 400 {"error":{"code":"BAD_REQUEST","message":"The body is no form that can be read"}}
    wrong content type: 415 {"error":{"code":"UNSUPPORTED_MEDIA_TYPE","message":"Content-Type must be application/json"}}
    bad request key: 400 {"error":{"code":"VALIDATION_ERROR","message":"Idempotency-Key: must have 1 to 255 printable ASCII characters"}}
    request under way: 409 retry-after: 1 {"error":{"code":"CONFLICT","message":"A request with this Idempotency-Key is under way; ask again in a moment"}}
    request key reused: 422 {"error":{"code":"IDEMPOTENCY_KEY_REUSED","message":"This Idempotency-Key was given to a request that said something else"}}
    outcome unknown: 500 {"error":{"code":"INTERNAL_ERROR","message":"The request with this Idempotency-Key was interrupted. It is unknown how far it got, and it is not done again"}}
    busy: 503 retry-after: 1 {"error":{"code":"SERVICE_UNAVAILABLE","message":"Too many requests are under way; try again in a moment"}}
    internal: 500 {"error":{"code":"INTERNAL_ERROR","message":"Something went wrong on our side"}}
    "#);
}

#[tokio::test]
async fn every_error_of_the_operations_has_its_words() {
    let errors = told::errors().into_iter();
    let rows = errors.map(|(name, it)| (name, Response::from(Error::from(it))));
    insta::assert_snapshot!(told::table(rows.collect()).await, @r#"
    no contact: 404 {"error":{"code":"NOT_FOUND","message":"Contact not found"}}
    contact exists: 400 {"error":{"code":"VALIDATION_ERROR","message":"The contact already exists"}}
    contact refused: 400 {"error":{"code":"VALIDATION_ERROR","message":"The contact already exists"}}
    WhatsApp id taken: 400 {"error":{"code":"VALIDATION_ERROR","message":"waId: belongs to another contact of this organization"}}
    not on WhatsApp: 400 {"error":{"code":"VALIDATION_ERROR","message":"phone: is not on WhatsApp"}}
    verifier unavailable: 500 {"error":{"code":"INTERNAL_ERROR","message":"It could not be checked whether the number is on WhatsApp; nothing was changed"}}
    limit reached: 402 {"error":{"code":"PAYMENT_REQUIRED","message":"Subscription required"}}
    channel missing: 403 {"error":{"code":"FORBIDDEN","message":"Meta is not connected"}}
    no channel: 404 {"error":{"code":"NOT_FOUND","message":"Channel not found"}}
    subscription due: 402 {"error":{"code":"PAYMENT_REQUIRED","message":"Subscription required"}}
    feature missing: 402 {"error":{"code":"PAYMENT_REQUIRED","message":"The plan has no whatsapp_templates"}}
    opted out: 403 {"error":{"code":"FORBIDDEN","message":"Contact opted out"}}
    blocked: 403 {"error":{"code":"FORBIDDEN","message":"Contact is blocked"}}
    window closed: 400 {"error":{"code":"BAD_REQUEST","message":"The 24-hour window is closed; send a template instead"}}
    no template: 404 {"error":{"code":"NOT_FOUND","message":"Template not found"}}
    template unfilled: 400 {"error":{"code":"VALIDATION_ERROR","message":"The header needs an image; The body's parameter {{first_name}} is missing"}}
    templates unavailable: 500 {"error":{"code":"INTERNAL_ERROR","message":"Meta did not say which templates there are; try again"}}
    send refused: 400 {"error":{"code":"BAD_REQUEST","message":"Message undeliverable"}}
    media unusable: 400 {"error":{"code":"BAD_REQUEST","message":"the file is empty"}}
    media not kept: 500 {"error":{"code":"INTERNAL_ERROR","message":"The media could not be given to WhatsApp; nothing was sent"}}
    media not given: 500 {"error":{"code":"INTERNAL_ERROR","message":"The media could not be given to WhatsApp; nothing was sent"}}
    not sent: 500 {"error":{"code":"INTERNAL_ERROR","message":"Something went wrong on our side"}}
    unconfirmed: 500 {"error":{"code":"INTERNAL_ERROR","message":"It is unknown whether WhatsApp took message c029uytrwyysuv4m8zrxo0glj. Do not send it again: its status will tell"}}
    no label: 400 {"error":{"code":"BAD_REQUEST","message":"there is none"}}
    name taken: 400 {"error":{"code":"BAD_REQUEST","message":"another one has its name"}}
    label is default: 400 {"error":{"code":"BAD_REQUEST","message":"new contacts get it"}}
    label in use: 400 {"error":{"code":"BAD_REQUEST","message":"3 contacts have it"}}
    no such contacts: 404 {"error":{"code":"NOT_FOUND","message":"Contact not found"}}
    busy: 503 retry-after: 2 {"error":{"code":"SERVICE_UNAVAILABLE","message":"Too many requests are under way; try again in a moment"}}
    internal: 500 {"error":{"code":"INTERNAL_ERROR","message":"Something went wrong on our side"}}
    "#);
}
