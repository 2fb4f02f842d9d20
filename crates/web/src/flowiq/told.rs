//! Every failure in FlowIQ's words.

use axum::response::Response;

use super::Error;
use super::error::Doing;
use crate::dialect::told;

#[tokio::test]
async fn every_failure_before_a_handler_has_its_words() {
    let failures = told::failures().into_iter();
    let rows = failures.map(|(name, it)| (name, Response::from(Error::from(it))));
    insta::assert_snapshot!(told::table(rows.collect()).await, @r#"
    missing key: 401 {"error":"Authorization required","message":"Please provide Authorization bearer token"}
    malformed key: 401 {"error":"Invalid token format","message":"Bearer token must be an API key (fiq_...)"}
    unknown key: 401 {"error":"Invalid API key","message":"API key not found"}
    revoked key: 401 {"error":"Invalid API key","message":"API key has been revoked"}
    expired key: 401 {"error":"Invalid API key","message":"API key has expired"}
    tenant inactive: 401 {"error":"Invalid API key","message":"The organization is not active"}
    missing scope: 403 {"error":"Forbidden","message":"The API key may not do this"}
    rate limited: 429 retry-after: 37 {"success":false,"error":"Rate limit exceeded","message":"Too many requests"}
    unknown route: 404 {"error":"Not found","message":"There is no such endpoint"}
    wrong method: 405 allow: GET, HEAD {"error":"Method not allowed","message":"This endpoint answers to GET, HEAD"}
    too large: 413 {"error":"Request body too large","message":"Request body may have 1000 bytes at most"}
    slow body: 408 {"error":"Request timeout","message":"Request body did not arrive in time"}
    broken body: 400 {"error":"Invalid request body","message":"Request body broke off"}
    bad form: 400 {"error":"Invalid request body","message":"Request body is no form that can be read"}
    wrong content type: 415 {"error":"Unsupported media type","message":"Content-Type must be application/json"}
    bad request key: 400 {"error":"Invalid idempotency key","message":"Idempotency-Key must have 1 to 255 printable ASCII characters"}
    request under way: 409 retry-after: 1 {"error":"Request in progress","message":"A request with this Idempotency-Key is under way; ask again in a moment"}
    request key reused: 422 {"error":"Idempotency key reused","message":"This Idempotency-Key was given to a request that said something else"}
    outcome unknown: 500 {"error":"Outcome unknown","message":"The request with this Idempotency-Key was interrupted. It is unknown how far it got, and it is not done again"}
    busy: 503 retry-after: 1 {"error":"Server busy","message":"Too many requests are under way; try again in a moment"}
    internal: 500 {"error":"Internal server error","message":"Something went wrong on our side"}
    "#);
}

#[tokio::test]
async fn every_error_of_the_operations_has_its_words() {
    let sending = Doing::Sending {
        digits: "27821112233".to_owned(),
    };
    let errors = told::errors().into_iter();
    let rows = errors.map(|(name, it)| (name, Response::from(Error::of(it, &sending))));
    insta::assert_snapshot!(told::table(rows.collect()).await, @r#"
    no contact: 404 {"error":"Contact not found","message":"No contact exists with WhatsApp number 27821112233. Please create the contact first using the /api/contact endpoint.","whatsapp_id":"27821112233"}
    contact exists: 409 {"error":"Contact already exists","message":"A contact with this phone number already exists","existing_contact":{"id":"d4ed100a-6141-8002-8000-00000000000c","full_name":"Thandi Nkosi","whatsapp_id":"27821112233"}}
    contact refused: 500 {"error":"Internal server error","message":"Failed to send message"}
    WhatsApp id taken: 409 {"error":"Contact already exists","message":"A contact with this phone number already exists"}
    not on WhatsApp: 400 {"error":"Invalid WhatsApp number","message":"The provided phone number is not registered on WhatsApp"}
    verifier unavailable: 500 {"error":"Internal server error","message":"Failed to send message"}
    limit reached: 403 {"error":"Contact limit reached","message":"The plan of this organization is full"}
    channel missing: 400 {"error":"Meta not configured","message":"Organization Meta WhatsApp credentials are not configured"}
    no channel: 404 {"error":"Channel not found","message":"There is no such channel"}
    subscription due: 403 {"error":"Subscription required","message":"The subscription of this organization is past due"}
    feature missing: 403 {"error":"Feature not available","message":"The plan of this organization has no whatsapp_templates"}
    opted out: 403 {"error":"Contact opted out","message":"The contact has opted out of messages"}
    blocked: 403 {"error":"Contact blocked","message":"The contact is blocked"}
    window closed: 400 {"error":"Failed to send message","message":"The 24-hour service window is closed"}
    no template: 404 {"error":"Template not found","message":"No approved template has this name"}
    template unfilled: 400 {"error":"Invalid template parameters","message":"The header needs an image; The body's parameter {{first_name}} is missing"}
    templates unavailable: 500 {"error":"Failed to send message","message":"WhatsApp did not say which templates there are; try again"}
    send refused: 500 {"error":"Failed to send message","message":"Message undeliverable"}
    media unusable: 400 {"error":"Invalid media","message":"the file is empty"}
    media not kept: 500 {"error":"Storage upload failed","message":"Failed to upload to storage"}
    media not given: 500 {"error":"Meta upload failed","message":"Failed to upload media to Meta"}
    not sent: 500 {"error":"Failed to send message","message":"WhatsApp could not be reached; try again"}
    unconfirmed: 500 {"error":"Failed to send message","message":"It is unknown whether WhatsApp took message cb206247-3607-8003-8000-000000000007. Do not send it again: its status will tell"}
    no label: 400 {"error":"Bad request","message":"there is none"}
    name taken: 400 {"error":"Bad request","message":"another one has its name"}
    label is default: 400 {"error":"Bad request","message":"new contacts get it"}
    label in use: 400 {"error":"Bad request","message":"3 contacts have it"}
    no such contacts: 404 {"error":"Contact not found","message":"No contact exists with WhatsApp number 27821112233. Please create the contact first using the /api/contact endpoint.","whatsapp_id":"27821112233"}
    busy: 503 retry-after: 2 {"error":"Server busy","message":"Too many requests are under way; try again in a moment"}
    internal: 500 {"error":"Internal server error","message":"Failed to send message"}
    "#);
}

#[tokio::test]
async fn what_broke_is_named_by_what_was_done() {
    let digits = "27821112233".to_owned();
    let mut rows = Vec::new();
    for doing in [Doing::CreatingContact, Doing::FindingContact { digits }] {
        for (name, error) in told::errors() {
            if ["no contact", "internal"].contains(&name) {
                rows.push((name, Response::from(Error::of(error, &doing))));
            }
        }
    }
    insta::assert_snapshot!(told::table(rows).await, @r#"
    no contact: 404 {"error":"Contact not found","message":"No contact found"}
    internal: 500 {"error":"Internal server error","message":"Failed to create contact"}
    no contact: 404 {"error":"Contact not found","message":"No contact found with phone number 27821112233"}
    internal: 500 {"error":"Internal server error","message":"Failed to fetch contact"}
    "#);
}
