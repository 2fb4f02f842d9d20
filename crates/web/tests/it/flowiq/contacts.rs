//! `POST /contact`.

use serde_json::json;
use test_support::{Actor, Reply, TestServer};

pub(super) const INVALID_PHONE: &str = r#"{"error":"Invalid phone number",
    "message":"Phone number must include country code and be at least 10 digits"}"#;

pub(super) async fn create(actor: &Actor, phone: &str) -> Reply {
    let body = json!({"phone_number": phone, "name": "Thandi Nkosi"});
    actor.post("/contact", body).await
}

pub(super) fn created(phone: &str, whatsapp_id: &str) -> String {
    format!(
        r#"{{"success":true,"message":"Contact created successfully","contact":{{
        "id":"<uuid>","full_name":"Thandi Nkosi","whatsapp_id":"{whatsapp_id}",
        "phone_number":"{phone}","email":null,"tags":[],"organization_id":"<uuid>",
        "created_at":"2026-03-10T08:15:00Z"}}}}"#
    )
}

async fn a_contact_is_created_and_fetched(server: TestServer) {
    let acme = server.tenant("acme").await.flowiq().await;
    create(&acme, "+27821112233")
        .await
        .assert(201, &created("+27821112233", "27821112233"));
    let found = acme
        .get("/contact?tenantId=acme&phone_number=27821112233")
        .await;
    assert_eq!(found.status, 200);
    create(&acme, "27 82 111 2233").await.assert(
        409,
        r#"{"error":"Contact already exists",
        "message":"A contact with this phone number already exists","existing_contact":{
        "id":"<uuid>","full_name":"Thandi Nkosi","whatsapp_id":"27821112233"}}"#,
    );
}

on_both_engines!(a_contact_is_created_and_fetched);

#[tokio::test]
async fn a_number_is_kept_as_plus_and_digits_however_it_is_written() {
    let server = TestServer::start().await;
    for (at, spelling) in [
        "+27821112233",
        "27821112233",
        " 27 82 111 2233 ",
        "(+27) 82-111.2233",
        "tel:+27-82-111-2233",
        "0027821112233",
    ]
    .into_iter()
    .enumerate()
    {
        let tenant = server.tenant(&format!("acme-{at}")).await.flowiq().await;
        create(&tenant, spelling)
            .await
            .assert(201, &created("+27821112233", "27821112233"));
    }
}

#[tokio::test]
async fn a_number_has_ten_to_fifteen_digits_and_a_country_code() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    for bad in [
        "278211122",
        "+27 (82) 111-22",
        "0821112233",
        "+0821112233",
        "1234567890123456",
        "no digits at all",
    ] {
        create(&acme, bad).await.assert(400, INVALID_PHONE);
    }
    assert_eq!(tenant.contact_count().await, 0);
    assert_eq!(create(&acme, "2782111223").await.status, 201);
    assert_eq!(create(&acme, "123456789012345").await.status, 201);
}

#[tokio::test]
async fn a_contact_is_a_duplicate_in_every_spelling() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    for (first, others) in [
        (
            "+27821112233",
            vec!["27821112233", "+27 (82) 111-2233", "0027821112233"],
        ),
        ("+5541996910256", vec!["+554196910256", "55 41 9691-0256"]),
        ("+526693280415", vec!["+5216693280415"]),
        (
            "+5491123456789",
            vec!["+541123456789", "+54 11 15 2345 6789"],
        ),
    ] {
        let made = create(&acme, first).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let made = &made.json()["contact"];
        for other in others {
            let reply = create(&acme, other).await;
            let expected = json!({
                "error": "Contact already exists",
                "message": "A contact with this phone number already exists",
                "existing_contact": {
                    "id": made["id"],
                    "full_name": "Thandi Nkosi",
                    "whatsapp_id": made["whatsapp_id"],
                },
            });
            assert_eq!(
                (reply.status.as_u16(), reply.json()),
                (409, expected),
                "{other}"
            );
        }
    }
    assert_eq!(tenant.contact_count().await, 4);
}

#[tokio::test]
async fn tags_are_split_trimmed_and_rid_of_the_empty() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    for (at, (tags, expected)) in [
        (json!("a, b, "), json!(["a", "b"])),
        (
            json!(" customer,premium ,, vip"),
            json!(["customer", "premium", "vip"]),
        ),
        (json!("two words"), json!(["two words"])),
        (json!(","), json!([])),
        (json!(""), json!([])),
        (json!(null), json!([])),
    ]
    .into_iter()
    .enumerate()
    {
        let phone = format!("+2782111220{at}");
        let body = json!({"phone_number": phone, "name": "Thandi", "tags": tags});
        let made = acme.post("/contact", body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        assert_eq!(made.json()["contact"]["tags"], expected);
        let found = acme
            .get(&format!("/contact?tenantId=acme&phone_number={phone}"))
            .await;
        assert_eq!(found.json()["contact"]["tags"], expected);
    }
}

#[tokio::test]
async fn names_and_addresses_are_trimmed_and_blank_ones_are_missing() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    let body = json!({
        "phone_number": "+27821112233", "name": "  Thandi  Nkosi ", "email": " t@acme.test ",
    });
    let made = acme.post("/contact", body).await;
    assert_eq!(made.json()["contact"]["full_name"], "Thandi  Nkosi");
    assert_eq!(made.json()["contact"]["email"], "t@acme.test");
    for (body, field) in [
        (
            json!({"phone_number": " ", "name": "Thandi"}),
            "phone_number",
        ),
        (
            json!({"phone_number": null, "name": "Thandi"}),
            "phone_number",
        ),
        (json!({"phone_number": "+27831112233", "name": " "}), "name"),
        // Whatever is missing, the number is asked for first.
        (json!({}), "phone_number"),
    ] {
        let message =
            format!(r#"{{"error":"Missing required field","message":"{field} is required"}}"#);
        acme.post("/contact", body).await.assert(400, &message);
    }
    let body = json!({"phone_number": "+27831112233", "name": "Thandi", "email": "  "});
    let made = acme.post("/contact", body).await;
    assert_eq!(made.json()["contact"]["email"], json!(null));
}

#[tokio::test]
async fn two_contacts_may_share_an_address() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    for phone in ["+27821112233", "+27831112233"] {
        let body = json!({"phone_number": phone, "name": "T", "email": "t@acme.test"});
        assert_eq!(acme.post("/contact", body).await.status, 201);
    }
}

#[tokio::test]
async fn a_full_plan_is_said_and_makes_no_contact() {
    let server = TestServer::start().await;
    let tenant = server.tenant_with_limit("acme", Some(1)).await;
    let acme = tenant.flowiq().await;
    assert_eq!(create(&acme, "+27821112233").await.status, 201);
    create(&acme, "+27831112233").await.assert(
        403,
        r#"{"error":"Contact limit reached","message":"The plan of this organization is full"}"#,
    );
    // A duplicate is a duplicate even when the plan is full.
    assert_eq!(create(&acme, "+27821112233").await.status, 409);
    assert_eq!(tenant.contact_count().await, 1);
}
