//! `POST /api/v1/contacts`.

use serde_json::{Value, json};
use test_support::{Actor, Reply, TestServer};

const PATH: &str = "/api/v1/contacts";

async fn upsert(actor: &Actor, body: Value) -> Reply {
    actor.post(PATH, body).await
}

fn invalid(message: &str) -> String {
    format!(r#"{{"error":{{"code":"VALIDATION_ERROR","message":"{message}"}}}}"#)
}

async fn two_spellings_meet_one_contact(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    let first = upsert(&acme, json!({"phone": "+27 82 111 2233", "name": "Thandi"})).await;
    let second = upsert(
        &acme,
        json!({"phone": "27821112233", "email": "t@acme.test"}),
    )
    .await;
    let expected = r#"{"id":"<cuid>","phone":"+27821112233","waId":null,"name":"Thandi",
        "email":"t@acme.test","isOptedOut":false,"createdAt":"2026-03-10T08:15:00.000Z",
        "updatedAt":"2026-03-10T08:15:00.000Z"}"#;
    second.assert(200, expected);
    assert_eq!(first.json()["id"], second.json()["id"]);
    assert_eq!(tenant.contact_count().await, 1);
}

on_both_engines!(two_spellings_meet_one_contact);

#[tokio::test]
async fn what_is_absent_stays_and_what_is_null_goes() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    let all = json!({
        "phone": "+34600111222", "name": "Lucia", "email": "l@x.test", "waId": "34600111222",
    });
    upsert(&acme, all.clone()).await;
    for field in ["name", "email", "waId"] {
        server.clock.advance_seconds(1);
        let cleared = upsert(&acme, json!({"phone": "+34600111222", field: null}))
            .await
            .json();
        let kept = upsert(&acme, json!({"phone": "+34600111222"})).await.json();
        assert_eq!(cleared, kept);
        for other in ["name", "email", "waId"] {
            let expected = if other == field {
                &json!(null)
            } else {
                &all[other]
            };
            assert_eq!(&kept[other], expected, "{field} {other}");
        }
        let set = upsert(&acme, json!({"phone": "+34600111222", field: all[field]}))
            .await
            .json();
        assert_eq!(set[field], all[field]);
    }
}

#[tokio::test]
async fn whatever_is_mentioned_moves_updated_at() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    upsert(&acme, json!({"phone": "+34600111222", "name": "L"})).await;
    server.clock.advance_seconds(90);
    let same = upsert(&acme, json!({"phone": "+34600111222"})).await.json();
    assert_eq!(same["updatedAt"], "2026-03-10T08:15:00.000Z");
    // Also where it is the same as before.
    let changed = upsert(&acme, json!({"phone": "+34600111222", "name": "L"}))
        .await
        .json();
    assert_eq!(changed["createdAt"], "2026-03-10T08:15:00.000Z");
    assert_eq!(changed["updatedAt"], "2026-03-10T08:16:30.000Z");
}

#[tokio::test]
async fn a_blank_text_clears_and_others_are_trimmed() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    let body = json!({"phone": " +34600111222 ", "name": " Lucia ", "email": " l@x.test "});
    let made = upsert(&acme, body).await.json();
    assert_eq!(
        (&made["name"], &made["email"]),
        (&json!("Lucia"), &json!("l@x.test"))
    );
    let body = json!({"phone": "+34600111222", "name": "", "email": " ", "waId": ""});
    let cleared = upsert(&acme, body).await.json();
    assert_eq!(
        (&cleared["name"], &cleared["email"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(cleared["waId"], json!(null));
}

#[tokio::test]
async fn what_is_unknown_is_ignored() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowella().await;
    let body = json!({"phone": "+34600111222", "id": "x", "isOptedOut": true, "tags": ["a"]});
    let made = upsert(&acme, body).await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["isOptedOut"]),
        (200, &json!(false))
    );
}

#[tokio::test]
async fn a_phone_has_3_to_32_characters_and_no_letters() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    let strange = "phone: may hold only digits, +, -, ., /, spaces and parentheses";
    for (phone, message) in [
        (json!(null), "phone: is required"),
        (json!(34_600_111_222_i64), "phone: must be a string"),
        (json!(["+34600111222"]), "phone: must be a string"),
        (json!(""), "phone: must have 3 to 32 characters"),
        (json!("12"), "phone: must have 3 to 32 characters"),
        (json!("1".repeat(33)), "phone: must have 3 to 32 characters"),
        (json!("abc"), strange),
        (json!("+34600CALLME"), strange),
        (json!("٣٤٦٠٠١١١٢٢٢"), strange),
        (json!("+()- "), "phone: has no digits"),
    ] {
        upsert(&acme, json!({"phone": phone}))
            .await
            .assert(400, &invalid(message));
    }
    upsert(&acme, json!({}))
        .await
        .assert(400, &invalid("phone: is required"));
    assert_eq!(tenant.contact_count().await, 0);
    for (given, kept) in [
        ("112", "+112"),
        (&*"1".repeat(32), &*format!("+{}", "1".repeat(32))),
        // A number of the tenant's country.
        ("082 111 2233", "+27821112233"),
        ("+15551234567", "+15551234567"),
    ] {
        let made = upsert(&acme, json!({"phone": given})).await;
        assert_eq!(
            (made.status.as_u16(), &made.json()["phone"]),
            (200, &json!(kept))
        );
    }
}

#[tokio::test]
async fn each_field_has_its_form() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    for (field, value, message) in [
        (
            "name",
            json!("n".repeat(201)),
            "name: may have 200 characters at most",
        ),
        ("name", json!(1), "name: must be a string or null"),
        (
            "email",
            json!("lucia"),
            "email: must be a valid email address",
        ),
        (
            "email",
            json!("a@b"),
            "email: must be a valid email address",
        ),
        ("email", json!(false), "email: must be a string or null"),
        (
            "waId",
            json!("1".repeat(65)),
            "waId: may have 64 characters at most",
        ),
        ("waId", json!({}), "waId: must be a string or null"),
        (
            "name",
            json!("a\0"),
            "The body must not contain the NUL character",
        ),
    ] {
        let reply = upsert(&acme, json!({"phone": "+34600111222", field: value})).await;
        reply.assert(400, &invalid(message));
    }
    assert_eq!(tenant.contact_count().await, 0);
    let body = json!({"phone": "+34600111222", "name": "ñ".repeat(200), "waId": "1".repeat(64)});
    assert_eq!(upsert(&acme, body).await.status, 200);
}

#[tokio::test]
async fn somebody_elses_whatsapp_id_cannot_be_claimed() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    upsert(
        &acme,
        json!({"phone": "+34600111222", "waId": "34600999888"}),
    )
    .await;
    let taken = invalid("waId: belongs to another contact of this organization");
    // By a new contact, by one that is there, by another spelling, and by a number itself.
    upsert(&acme, json!({"phone": "+34600333444"})).await;
    for (phone, claim) in [
        ("+34600555666", "34600999888"),
        ("+34600333444", "34600999888"),
        ("+34600333444", "+34600999888"),
        ("+34600333444", "34600111222"),
    ] {
        upsert(&acme, json!({"phone": phone, "waId": claim}))
            .await
            .assert(400, &taken);
    }
    assert_eq!(tenant.contact_count().await, 2);
    // Whoever has the id is met by it, and lets go of it with null.
    let met = upsert(&acme, json!({"phone": "+34600999888"})).await.json();
    assert_eq!(met["phone"], "+34600111222");
    upsert(&acme, json!({"phone": "+34600111222", "waId": null})).await;
    let claimed = upsert(
        &acme,
        json!({"phone": "+34600333444", "waId": "34600999888"}),
    )
    .await;
    assert_eq!(claimed.json()["waId"], "34600999888");
}

#[tokio::test]
async fn a_full_plan_takes_no_new_contact_but_changes_the_known() {
    let server = TestServer::start().await;
    let tenant = server.tenant_with_limit("acme", Some(1)).await;
    let acme = tenant.flowella().await;
    upsert(&acme, json!({"phone": "+34600111222"})).await;
    let full = r#"{"error":{"code":"PAYMENT_REQUIRED","message":"Subscription required"}}"#;
    upsert(&acme, json!({"phone": "+34600333444"}))
        .await
        .assert(402, full);
    upsert(
        &acme,
        json!({"phone": "+34600333444", "waId": "34600555666"}),
    )
    .await
    .assert(402, full);
    let changed = upsert(&acme, json!({"phone": "34600111222", "name": "Lucia"})).await;
    assert_eq!(
        (changed.status.as_u16(), &changed.json()["name"]),
        (200, &json!("Lucia"))
    );
    assert_eq!(tenant.contact_count().await, 1);
}

#[tokio::test]
async fn whoever_opted_out_is_shown_so() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowella().await;
    upsert(&acme, json!({"phone": "+34600111222"})).await;
    tenant.opt_out("+34600111222").await;
    let seen = upsert(&acme, json!({"phone": "+34600111222"})).await.json();
    assert_eq!(seen["isOptedOut"], true);
}
