//! `POST /api/v2/contacts`.

use serde_json::{Value, json};
use test_support::{Actor, Reply, TestServer, TestTenant};

use super::{person, refused};

pub(super) const PATH: &str = "/api/v2/contacts";

/// Asks for a contact that is good but for some fields.
pub(super) async fn with(tenant: &TestTenant, actor: &Actor, fields: Value) -> Reply {
    let mut body = person(tenant, "+919876543210");
    for (field, value) in fields.as_object().unwrap() {
        body[field] = value.clone();
    }
    actor.post(PATH, body).await
}

async fn a_contact_is_created_once(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let group = tenant.group("Wholesale").await;
    let email = json!({"email": "m@x.test", "groups": [group]});
    let made = with(&tenant, &acme, email.clone()).await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["data"]["group_id"]),
        (201, &json!([group]))
    );
    with(&tenant, &acme, email).await.assert(
        422,
        &refused(
            r#""phone":["This phone number already exists"],
            "email":["This email address already exists"]"#,
        ),
    );
    assert_eq!(tenant.contact_count().await, 1);
}

on_both_engines!(a_contact_is_created_once);

#[tokio::test]
async fn texts_are_trimmed_and_integers_may_come_as_texts() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let group = tenant.group("Wholesale").await;
    let made = with(
        &tenant,
        &acme,
        json!({
            "firstname": " Mara ", "lastname": "\tLind\n", "phone": " +91 98765-43210 ",
            "type": " customer ", "source_id": format!(" {} ", tenant.source_id()),
            "status_id": tenant.status_id().to_string(), "country_id": "101",
            "assigned_id": "", "groups": [group.to_string()], "company": "  ", "zip": "",
            "unknown": {"is": "ignored"},
        }),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    for (field, value) in [
        ("firstname", json!("Mara")),
        ("lastname", json!("Lind")),
        // As it was written.
        ("phone", json!("+91 98765-43210")),
        ("type", json!("customer")),
        ("source_id", json!(tenant.source_id())),
        ("country_id", json!(101)),
        ("assigned_id", json!(null)),
        ("group_id", json!([group])),
        ("company", json!(null)),
        ("zip", json!(null)),
    ] {
        assert_eq!(made["data"][field], value, "{field}");
    }
}

#[tokio::test]
async fn lengths_are_counted_in_characters_and_the_longest_fit() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let email = format!("{}@{}.test", "m".repeat(64), "x".repeat(121));
    assert_eq!(email.len(), 191);
    let fields = json!({
        "firstname": "é".repeat(255), "lastname": "é".repeat(255), "phone": "+9198765432101234567",
        "company": "é".repeat(255), "city": "é".repeat(255), "state": "é".repeat(255),
        "zip": "é".repeat(20), "address": "é".repeat(500), "description": "é".repeat(100_000),
        "email": email,
    });
    let made = with(&tenant, &acme, fields).await;
    assert_eq!(made.status, 201, "{}", made.text());
}

#[tokio::test]
async fn any_integer_is_taken_for_countries_and_users() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let huge = 9_007_199_254_740_993_i64;
    let made = with(
        &tenant,
        &acme,
        json!({"country_id": huge, "assigned_id": -1}),
    )
    .await
    .json();
    assert_eq!(made["data"]["country_id"], huge);
    assert_eq!(made["data"]["assigned_id"], -1);
}

#[tokio::test]
async fn groups_are_loaded_and_those_of_others_dropped() {
    let server = TestServer::start().await;
    let (tenant, other) = (server.tenant("acme").await, server.tenant("globex").await);
    let acme = tenant.wacr().await;
    let (one, two) = (tenant.group("One").await, tenant.group("Two").await);
    let foreign = other.group("Foreign").await;
    let groups = json!([two, one, two, foreign, 0, -5, i64::MAX, tenant.source_id()]);
    let made = with(&tenant, &acme, json!({"groups": groups})).await.json();
    assert_eq!(made["data"]["group_id"], json!([one, two]));
    let names: Vec<_> = made["data"]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| &group["name"])
        .collect();
    assert_eq!(names, ["One", "Two"]);
    let kept = tenant
        .store
        .groups_of_contact(tenant.contact("+919876543210").await.id)
        .await;
    let kept: Vec<_> = kept.unwrap().iter().map(|group| group.get()).collect();
    assert_eq!(kept, [one, two]);
}

#[tokio::test]
async fn a_number_is_taken_in_every_spelling() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let taken = refused(r#""phone":["This phone number already exists"]"#);
    for (first, others) in [
        (
            "+919876543210",
            ["919876543210", "+91 98765 43210", "(91) 98765-43210"],
        ),
        (
            "+5541996910256",
            ["554196910256", "+55 41 9691 0256", "005541996910256"],
        ),
        (
            "0821112233",
            ["+27821112233", "082 111 2233", "27821112233"],
        ),
    ] {
        let made = with(&tenant, &acme, json!({"phone": first})).await;
        assert_eq!(
            (made.status.as_u16(), &made.json()["data"]["phone"]),
            (201, &json!(first))
        );
        for other in others {
            with(&tenant, &acme, json!({"phone": other}))
                .await
                .assert(422, &taken);
        }
    }
}

#[tokio::test]
async fn a_full_plan_says_how_full_it_is() {
    let server = TestServer::start().await;
    let tenant = server.tenant_with_limit("acme", Some(2)).await;
    let acme = tenant.wacr().await;
    for phone in ["+919876543210", "+919876543211"] {
        assert_eq!(
            with(&tenant, &acme, json!({"phone": phone})).await.status,
            201
        );
    }
    with(&tenant, &acme, json!({"phone": "+919876543212"}))
        .await
        .assert(
            403,
            r#"{"success":false,"error":{"code":"FEATURE_LIMIT_EXCEEDED",
        "message":"Tenant contact limit reached",
        "details":{"feature":"contacts","current":2,"maximum":2}},
        "meta":{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}"#,
        );
    assert_eq!(tenant.contact_count().await, 2);
}
