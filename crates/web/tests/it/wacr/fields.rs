//! The rules on the fields of `POST /api/v2/contacts`, and how breaking them is told.

use domain::key::Api;
use serde_json::{Value, json};
use test_support::TestServer;

use super::contacts::{PATH, with};
use super::refused;

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_in_the_order_of_the_fields() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.tireless(Api::WaCr).await;
    with(&tenant, &acme, json!({"email": "m@x.test"})).await;
    let body = json!({
        "groups": ["a", 1, null],
        "assigned_id": "x",
        "country_id": 1.5,
        "address": "a".repeat(501),
        "zip": "z".repeat(21),
        "state": ["x"],
        "city": 5,
        "description": false,
        "company": "c".repeat(256),
        "email": "M@X.test",
        "status_id": 1,
        "source_id": "1",
        "type": "Lead",
        "phone": "91 98765 43210",
        "lastname": "l".repeat(256),
    });
    acme.post(PATH, body).await.assert(
        422,
        &refused(
            r#""firstname":["First name is required"],
            "lastname":["The lastname field must not be greater than 255 characters."],
            "phone":["This phone number already exists"],
            "type":["Type must be either lead, customer, or guest"],
            "source_id":["The selected source does not exist or does not belong to your account"],
            "status_id":["The selected status does not exist or does not belong to your account"],
            "email":["This email address already exists"],
            "company":["The company field must not be greater than 255 characters."],
            "description":["The description field must be a string."],
            "city":["The city field must be a string."],
            "state":["The state field must be a string."],
            "zip":["The zip field must not be greater than 20 characters."],
            "address":["The address field must not be greater than 500 characters."],
            "country_id":["The country id field must be an integer."],
            "assigned_id":["The assigned id field must be an integer."],
            "groups.0":["The groups.0 field must be an integer."],
            "groups.2":["The groups.2 field must be an integer."]"#,
        ),
    );
    assert_eq!(tenant.contact_count().await, 1);
}

#[tokio::test]
async fn a_source_or_status_that_is_none_hides_no_other_complaint() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    with(&tenant, &acme, json!({"email": "m@x.test"})).await;
    for none in [0, -1, 999_999, 9_007_199_254_740_992, i64::MAX] {
        let fields = json!({"email": "m@x.test", "source_id": none, "status_id": none});
        with(&tenant, &acme, fields).await.assert(
            422,
            &refused(
                r#""phone":["This phone number already exists"],
                "source_id":["The selected source does not exist or does not belong to your account"],
                "status_id":["The selected status does not exist or does not belong to your account"],
                "email":["This email address already exists"]"#,
            ),
        );
    }
}

#[tokio::test]
async fn each_required_field_says_so_in_its_own_words() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.tireless(Api::WaCr).await;
    for (field, message) in [
        ("firstname", "First name is required"),
        ("lastname", "Last name is required"),
        ("phone", "Phone number is required"),
        ("type", "The type field is required."),
        ("source_id", "The source id field is required."),
        ("status_id", "The status id field is required."),
    ] {
        let expected = refused(&format!(r#""{field}":["{message}"]"#));
        for nothing in [json!(null), json!(""), json!(" \t ")] {
            with(&tenant, &acme, json!({field: nothing}))
                .await
                .assert(422, &expected);
        }
    }
    assert_eq!(tenant.contact_count().await, 0);
}

/// Checks that a field is refused for breaking rules, which are told in the framework's words.
async fn assert_broken<'a>(cases: impl IntoIterator<Item = (&'a str, Value, &'a [&'a str])>) {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.tireless(Api::WaCr).await;
    for (field, value, rules) in cases {
        let name = field.replace('_', " ");
        let told = rules
            .iter()
            .map(|rule| format!(r#""The {name} field {rule}""#));
        let told: Vec<_> = told.collect();
        let expected = refused(&format!(r#""{field}":[{}]"#, told.join(",")));
        with(&tenant, &acme, json!({field: value}))
            .await
            .assert(422, &expected);
    }
    assert_eq!(tenant.contact_count().await, 0);
}

#[tokio::test]
async fn each_text_has_its_form() {
    const TEXT: &[&str] = &["must be a string."];
    const MALFORMED: &[&str] = &["format is invalid."];
    const NO_ADDRESS: &[&str] = &["must be a valid email address."];
    let long = |max| format!("must not be greater than {max} characters.");
    let (long_name, long_phone, long_email) = (long(255), long(20), long(191));
    assert_broken([
        ("firstname", json!(1), TEXT),
        ("lastname", json!([]), TEXT),
        ("firstname", json!("f".repeat(256)), &[&long_name]),
        ("firstname", json!("a\0b"), MALFORMED),
        ("phone", json!(919_876_543_210_i64), TEXT),
        ("phone", json!("call me"), MALFORMED),
        ("phone", json!("+91 98765 43210 00000"), &[&long_phone]),
        (
            "phone",
            json!("call me on my telephone"),
            &[&long_phone, "format is invalid."],
        ),
        ("type", json!(1), TEXT),
        ("email", json!("mara"), NO_ADDRESS),
        (
            "email",
            json!("m".repeat(192)),
            &["must be a valid email address.", &long_email],
        ),
        ("email", json!({}), TEXT),
    ])
    .await;
}

#[tokio::test]
async fn each_number_has_its_form() {
    const INTEGER: &[&str] = &["must be an integer."];
    const ARRAY: &[&str] = &["must be an array."];
    assert_broken([
        ("source_id", json!(1.0), INTEGER),
        ("source_id", json!(true), INTEGER),
        ("source_id", json!("1e3"), INTEGER),
        ("status_id", json!([1]), INTEGER),
        ("country_id", json!(1e30), INTEGER),
        ("country_id", json!(u64::MAX), INTEGER),
        ("assigned_id", json!("99999999999999999999"), INTEGER),
        ("groups", json!(1), ARRAY),
        ("groups", json!({"0": 1}), ARRAY),
        (
            "groups",
            json!(vec![1; 1001]),
            &["must not have more than 1000 items."],
        ),
    ])
    .await;
}
