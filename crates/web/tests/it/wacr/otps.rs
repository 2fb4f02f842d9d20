//! `POST /api/v2/auth/…`.

use domain::key::Api;
use domain::message::Status;
use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::Fault;
use test_support::{Actor, Reply, Setup, TestServer, TestTenant};

use super::messages::{complaints, failure};

const PHONE: &str = "+27821112233";

/// A tenant whose token has no rate limit.
async fn shop(server: &TestServer) -> (TestTenant, Actor) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.tireless(Api::WaCr).await;
    (tenant, acme)
}

async fn post(actor: &Actor, what: &str, body: Value) -> Reply {
    actor.post(&format!("/api/v2/auth/{what}"), body).await
}

fn code(code: &str) -> Value {
    json!({
        "phone": PHONE, "template_name": "verification_code", "language": "en_US", "code": code,
    })
}

fn resend() -> Value {
    json!({"phone": PHONE, "template_name": "verification_code", "language": "en_US"})
}

fn guess(code: &str) -> Value {
    json!({"phone": "0821112233", "code": code})
}

fn success(data: &str, message: &str) -> String {
    format!(
        r#"{{"success":true,"data":{data},"message":"{message}",
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}

/// Returns the code that the last message carried, which stands in its body and in its button.
fn carried(server: &TestServer) -> String {
    let sent = server.simulator().sent().pop().unwrap();
    let parts = sent.body["template"]["components"].as_array().unwrap();
    let codes = parts.iter().map(|part| &part["parameters"][0]["text"]);
    let codes: Vec<&str> = codes.map(|code| code.as_str().unwrap()).collect();
    assert_eq!((codes.len(), codes[0]), (2, codes[1]));
    codes[0].to_owned()
}

async fn a_code_is_sent_verified_and_used_up(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let reply = post(&acme, "send-otp", code("123456")).await;
    let contact = tenant.contact(PHONE).await.id;
    let sent = format!(
        r#"{{"message_id":"<wamid>","contact_id":{contact},"phone":"27821112233",
        "template_name":"verification_code","language":"en_US","code_sent":true,
        "expiry_minutes":10,"expires_at":"2026-03-10T08:25:00+00:00","status":"sent",
        "sent_at":"2026-03-10T08:15:00+00:00"}}"#
    );
    reply.assert(200, &success(&sent, "OTP sent successfully"));
    assert_eq!(carried(&server), "123456");
    let wrong = r#"{"error_code":"INVALID_CODE","attempts_remaining":4}"#;
    let wrong = failure("VALIDATION_ERROR", "Wrong code entered", wrong);
    post(&acme, "verify", guess("654321"))
        .await
        .assert(422, &wrong);
    let active = r#"{"has_active_otp":true,"expires_at":"2026-03-10T08:25:00+00:00",
        "expires_in_seconds":600,"is_expired":false,"verification_attempts":1,"max_attempts":5,
        "attempts_remaining":4,"created_at":"2026-03-10T08:15:00+00:00"}"#;
    let asked = json!({"phone": PHONE});
    let words = "OTP status retrieved successfully";
    post(&acme, "status", asked.clone())
        .await
        .assert(200, &success(active, words));
    let verified = r#"{"phone":"27821112233","purpose":"authentication",
        "verified_at":"2026-03-10T08:15:00+00:00"}"#;
    let expected = success(verified, "OTP verified successfully");
    post(&acme, "verify", guess("123456"))
        .await
        .assert(200, &expected);
    let none = r#"{"has_active_otp":false,"message":"No active OTP found"}"#;
    post(&acme, "status", asked)
        .await
        .assert(200, &success(none, words));
    post(&acme, "verify", guess("123456"))
        .await
        .assert(422, &no_code());
}

fn no_code() -> String {
    let message = "No active OTP for this phone number and purpose";
    failure(
        "VALIDATION_ERROR",
        message,
        r#"{"error_code":"OTP_NOT_FOUND"}"#,
    )
}

async fn of_many_guesses_at_once_each_counts_and_the_right_one_once(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    post(&acme, "send-otp", code("123456")).await;
    // Ten guesses a minute, so that not all of them are looked at.
    let right = join_all((0..10).map(|_| post(&acme, "verify", guess("123456")))).await;
    let statuses: Vec<u16> = right.iter().map(|it| it.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|it| **it == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|it| **it == 422).count(), 9);
    server.clock.advance_seconds(61);
    post(&acme, "send-otp", code("123456")).await;
    let wrong = join_all((0..100).map(|_| post(&acme, "verify", guess("000000")))).await;
    let mut said: Vec<String> = wrong
        .iter()
        .map(|reply| {
            let error = &reply.json()["error"];
            let details = &error["details"];
            match (
                details["error_code"].as_str(),
                details["attempts_remaining"].as_i64(),
            ) {
                (Some(code), Some(left)) => format!("{} {code} {left}", reply.status.as_u16()),
                (Some(code), None) => format!("{} {code}", reply.status.as_u16()),
                (None, _) => {
                    assert_eq!(error["message"], "Too many verification attempts");
                    assert_eq!(details["retry_after"], 60);
                    assert_eq!(reply.header("retry-after"), "60");
                    format!(
                        "{} {}",
                        reply.status.as_u16(),
                        error["code"].as_str().unwrap()
                    )
                }
            }
        })
        .collect();
    said.sort_unstable();
    let mut expected = vec!["422 MAX_ATTEMPTS_EXCEEDED".to_owned(); 5];
    expected.extend((0..5).map(|left| format!("422 INVALID_CODE {left}")));
    expected.extend(vec!["429 RATE_LIMIT_EXCEEDED".to_owned(); 90]);
    expected.sort_unstable();
    assert_eq!(said, expected);
    // Not even the right one helps now, nor somebody else's.
    server.clock.advance_seconds(61);
    let reply = post(&acme, "verify", guess("123456")).await;
    assert_eq!(
        reply.json()["error"]["details"]["error_code"],
        "MAX_ATTEMPTS_EXCEEDED"
    );
    let message = "Too many failed verification attempts";
    assert_eq!(reply.json()["error"]["message"], message);
    assert_eq!(tenant.contact_count().await, 1);
}

on_both_engines!(
    a_code_is_sent_verified_and_used_up,
    of_many_guesses_at_once_each_counts_and_the_right_one_once,
);

#[tokio::test]
async fn a_code_expires_and_says_so_while_its_record_lasts() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let mut body = code("123456");
    body["expiry_minutes"] = json!("1");
    let sent = post(&acme, "send-otp", body).await.json();
    assert_eq!(sent["data"]["expires_at"], "2026-03-10T08:16:00+00:00");
    server.clock.advance_seconds(75);
    let reply = post(&acme, "verify", guess("123456")).await;
    assert_eq!(reply.status, 422);
    let error = &reply.json()["error"];
    assert_eq!(error["message"], "OTP has passed its expiry time");
    assert_eq!(error["details"], json!({"error_code": "OTP_EXPIRED"}));
    let status = post(&acme, "status", json!({"phone": PHONE})).await.json();
    assert_eq!(status["data"]["expires_in_seconds"], -15);
    assert_eq!(status["data"]["is_expired"], true);
    server.clock.advance_seconds(24 * 3600);
    server.operations.maintain().await.unwrap();
    let status = post(&acme, "status", json!({"phone": PHONE})).await.json();
    assert_eq!(status["data"]["has_active_otp"], false);
}

#[tokio::test]
async fn each_purpose_and_each_tenant_has_a_code_of_its_own() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let globex = server.tenant("globex").await.wacr().await;
    let mut payment = code("222222");
    payment["purpose"] = json!("payment");
    for body in [code("111111"), payment] {
        assert_eq!(post(&acme, "send-otp", body).await.status, 200);
    }
    post(&globex, "verify", guess("111111"))
        .await
        .assert(422, &no_code());
    let status = post(&globex, "status", json!({"phone": PHONE})).await;
    assert_eq!(status.json()["data"]["has_active_otp"], false);
    let wrong = post(&acme, "verify", guess("222222")).await;
    assert_eq!(
        wrong.json()["error"]["details"]["error_code"],
        "INVALID_CODE"
    );
    let mut right = guess("222222");
    right["purpose"] = json!("payment");
    assert_eq!(post(&acme, "verify", right).await.status, 200);
    assert_eq!(post(&acme, "verify", guess("111111")).await.status, 200);
}

#[tokio::test]
async fn a_code_that_is_sent_anew_is_six_digits_and_replaces_the_old_one() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    post(&acme, "send-otp", code("letters")).await;
    let reply = post(&acme, "resend", resend()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["message"], "OTP resent successfully");
    let fresh = carried(&server);
    assert!(
        fresh.len() == 6 && fresh.bytes().all(|it| it.is_ascii_digit()),
        "{fresh}"
    );
    assert!(!reply.text().contains(&fresh));
    assert_eq!(post(&acme, "verify", guess("letters")).await.status, 422);
    assert_eq!(post(&acme, "verify", guess(&fresh)).await.status, 200);
    // Three in five minutes.
    for _ in 0..2 {
        assert_eq!(post(&acme, "resend", resend()).await.status, 200);
        server.clock.advance_seconds(7);
    }
    let reply = post(&acme, "resend", resend()).await;
    assert_eq!(reply.status, 429);
    reply.assert_header("retry-after", "286");
    let error = &reply.json()["error"];
    assert_eq!(error["message"], "Too many resend attempts");
    assert_eq!(error["details"], json!({"retry_after": 286}));
    server.clock.advance_seconds(286);
    assert_eq!(post(&acme, "resend", resend()).await.status, 200);
}

#[tokio::test]
async fn a_code_that_was_certainly_not_sent_does_not_work() {
    let setup = Setup {
        answer: std::time::Duration::from_secs(1),
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let (tenant, acme) = shop(&server).await;
    server.simulator().fault_next(Fault::refuse(131_026));
    let reply = post(&acme, "send-otp", code("123456")).await;
    assert_eq!(reply.json()["error"]["code"], "MESSAGE_SEND_FAILED");
    post(&acme, "verify", guess("123456"))
        .await
        .assert(422, &no_code());
    // One that may have arrived does.
    server.clock.advance_seconds(1);
    server.simulator().fault_next(Fault::Silent);
    let reply = post(&acme, "send-otp", code("123456")).await;
    assert_eq!(reply.status, 500);
    assert_eq!(tenant.messages(PHONE).await[0].status, Status::Unconfirmed);
    assert_eq!(post(&acme, "verify", guess("123456")).await.status, 200);
}

#[tokio::test]
async fn only_an_approved_template_that_carries_a_code_will_do() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let absent = failure("NOT_FOUND", "Template not found", "null");
    for (field, value) in [("template_name", "nothing"), ("language", "de")] {
        let mut body = code("123456");
        body[field] = json!(value);
        post(&acme, "send-otp", body).await.assert(404, &absent);
    }
    // English, unless it says otherwise.
    let mut body = code("123456");
    body.as_object_mut().unwrap().remove("language");
    post(&acme, "send-otp", body).await.assert(404, &absent);
    let mut body = code("123456");
    body["template_name"] = json!("hello_world");
    let details = r#"{"template_name":["Template must be an AUTHENTICATION category template"]}"#;
    let other = failure("VALIDATION_ERROR", "Validation failed", details);
    post(&acme, "send-otp", body).await.assert(422, &other);
    // What WhatsApp would not take is said before.
    let reply = post(&acme, "send-otp", code("1234567890123456")).await;
    assert!(complaints(&reply).contains_key("code"), "{}", reply.text());
    assert!(tenant.messages(PHONE).await.is_empty());
    post(&acme, "verify", guess("123456"))
        .await
        .assert(422, &no_code());
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let phone = r#""phone":["Phone number is required"]"#;
    let template = r#""template_name":["Template name is required"]"#;
    let code = r#""code":["Verification code is required"]"#;
    for (what, expected) in [
        ("send-otp", format!("{{{phone},{template},{code}}}")),
        ("resend", format!("{{{phone},{template}}}")),
        ("verify", format!("{{{phone},{code}}}")),
        ("status", format!("{{{phone}}}")),
    ] {
        let expected = failure("VALIDATION_ERROR", "Validation failed", &expected);
        post(&acme, what, json!({})).await.assert(422, &expected);
    }
    let body = json!({
        "phone": "+2782", "template_name": "x", "code": "é".repeat(21), "language": "x".repeat(11),
        "expiry_minutes": 61, "purpose": "x".repeat(51), "additional_params": "x",
        "contact_id": "x",
    });
    let reply = post(&acme, "send-otp", body).await;
    let expected = json!({
        "phone": ["The phone field must be at least 10 characters."],
        "contact_id": ["The contact id field must be an integer."],
        "language": ["The language field must not be greater than 10 characters."],
        "expiry_minutes": ["The expiry minutes field must not be greater than 60."],
        "purpose": ["The purpose field must not be greater than 50 characters."],
        "additional_params": ["The additional params field must be an array."],
        "code": ["The code field must not be greater than 20 characters."],
    });
    assert_eq!(Value::from(complaints(&reply)), expected);
    let body = json!({"phone": PHONE, "template_name": "x", "expiry_minutes": 0});
    let reply = post(&acme, "resend", body).await;
    let expected = json!({"expiry_minutes": ["The expiry minutes field must be at least 1."]});
    assert_eq!(Value::from(complaints(&reply)), expected);
}

#[tokio::test]
async fn only_who_may_send_may_send_codes() {
    let server = TestServer::start().await;
    let (tenant, _) = shop(&server).await;
    let options = test_support::KeyOptions {
        scopes: domain::key::Scopes::parse("templates:read,messages:read").ok(),
        ..test_support::KeyOptions::default()
    };
    let reader = tenant.actor(Api::WaCr, options).await;
    for what in ["send-otp", "resend", "verify", "status"] {
        let reply = post(&reader, what, json!({})).await;
        assert_eq!(reply.status, 403);
        assert_eq!(reply.json()["error"]["code"], "INSUFFICIENT_SCOPE");
    }
}

#[tokio::test]
async fn codes_go_to_whom_messages_go_to() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let mut body = code("123456");
    body["contact_id"] = json!(1);
    let absent = failure("NOT_FOUND", "Contact not found", "null");
    post(&acme, "send-otp", body.clone())
        .await
        .assert(404, &absent);
    assert_eq!(tenant.contact_count().await, 0);
    post(&acme, "send-otp", code("123456")).await;
    body["contact_id"] = json!(tenant.contact(PHONE).await.id.get());
    assert_eq!(post(&acme, "send-otp", body).await.status, 200);
    tenant.opt_out(PHONE).await;
    // Whatever is wrong with the template.
    for name in ["verification_code", "hello_world", "nothing_known"] {
        let mut body = code("123456");
        body["template_name"] = json!(name);
        let reply = post(&acme, "send-otp", body).await;
        assert_eq!(reply.json()["error"]["code"], "CONTACT_OPTED_OUT", "{name}");
    }
}

#[tokio::test]
async fn an_account_without_a_number_sends_no_codes() {
    let setup = Setup {
        has_simulator: false,
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let (tenant, acme) = shop(&server).await;
    let reply = post(&acme, "send-otp", code("123456")).await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.json()["error"]["code"], "WHATSAPP_NOT_CONFIGURED");
    tenant.opt_out(PHONE).await;
    let reply = post(&acme, "send-otp", code("123456")).await;
    assert_eq!(reply.json()["error"]["code"], "CONTACT_OPTED_OUT");
}
