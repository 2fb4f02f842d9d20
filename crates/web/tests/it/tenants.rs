//! Nobody sees or changes what another tenant has.

use serde_json::json;
use test_support::TestServer;

use crate::wacr;

async fn one_number_is_another_person_in_another_tenant(server: TestServer) {
    let (acme, globex) = (server.tenant("acme").await, server.tenant("globex").await);
    let body = json!({"phone_number": "+27821112233", "name": "Thandi", "tags": "vip"});
    let ours = acme.flowiq().await.post("/contact", body).await.json();
    // Every API of the other tenant finds the number free.
    let theirs = globex.flowiq().await;
    let path = "/contact?tenantId=globex&phone_number=27821112233";
    assert_eq!(theirs.get(path).await.status, 404);
    let body = json!({"phone_number": "+27821112233", "message_type": "text", "text": "Hello"});
    assert_eq!(theirs.post("/send-whatsapp", body).await.status, 404);
    let made = globex.flowella().await;
    let made = made
        .post("/api/v1/contacts", json!({"phone": "27821112233"}))
        .await
        .json();
    assert_eq!(made["name"], json!(null));
    let found = theirs.get(path).await.json();
    assert_ne!(found["contact"]["id"], ours["contact"]["id"]);
    assert_ne!(
        found["contact"]["organization_id"],
        ours["contact"]["organization_id"]
    );
    // And ours is as it was.
    let path = "/contact?tenantId=acme&phone_number=27821112233";
    let found = acme.flowiq().await.get(path).await.json();
    assert_eq!(found["contact"]["full_name"], "Thandi");
    assert_eq!(
        (acme.contact_count().await, globex.contact_count().await),
        (1, 1)
    );
}

on_both_engines!(one_number_is_another_person_in_another_tenant);

#[tokio::test]
async fn a_message_goes_to_the_tenants_own_contact_from_its_own_number() {
    let server = TestServer::start().await;
    let mut lines = Vec::new();
    for slug in ["acme", "globex"] {
        let tenant = server.tenant(slug).await;
        let actor = tenant.flowiq().await;
        let body = json!({"phone_number": "+27821112233", "name": slug});
        assert_eq!(actor.post("/contact", body).await.status, 201);
        let body = json!({"phone_number": "+27821112233", "message_type": "text", "text": slug});
        assert_eq!(actor.post("/send-whatsapp", body).await.status, 200);
        assert_eq!(tenant.messages("+27821112233").await.len(), 1);
        let sent = server.simulator().sent().pop().unwrap();
        assert_eq!(sent.body["text"]["body"], slug);
        lines.push(sent.phone_number_id);
    }
    assert_ne!(lines[0], lines[1]);
}

#[tokio::test]
async fn one_tenants_opt_out_and_block_bind_nobody_else() {
    let server = TestServer::start().await;
    let (acme, globex) = (server.tenant("acme").await, server.tenant("globex").await);
    for tenant in [&acme, &globex] {
        let body = json!({"phone": "+27821112233"});
        tenant.flowella().await.post("/api/v1/contacts", body).await;
    }
    acme.opt_out("+27821112233").await;
    acme.block("+27821112233").await;
    let body = json!({"phone_number": "+27821112233", "message_type": "text", "text": "Hello"});
    let (ours, theirs) = (acme.flowiq().await, globex.flowiq().await);
    assert_eq!(ours.post("/send-whatsapp", body.clone()).await.status, 403);
    assert_eq!(theirs.post("/send-whatsapp", body).await.status, 200);
    let seen = globex.flowella().await;
    let seen = seen
        .post("/api/v1/contacts", json!({"phone": "+27821112233"}))
        .await
        .json();
    assert_eq!(seen["isOptedOut"], false);
}

#[tokio::test]
async fn a_whatsapp_id_claimed_in_one_tenant_is_free_in_another() {
    let server = TestServer::start().await;
    for slug in ["acme", "globex"] {
        let body = json!({"phone": "+34600111222", "waId": "34600999888"});
        let actor = server.tenant(slug).await.flowella().await;
        assert_eq!(
            actor.post("/api/v1/contacts", body).await.status,
            200,
            "{slug}"
        );
    }
}

#[tokio::test]
async fn sources_statuses_groups_and_addresses_of_others_do_not_exist() {
    let server = TestServer::start().await;
    let (acme, globex) = (server.tenant("acme").await, server.tenant("globex").await);
    let mut body = wacr::person(&globex, "+919876543210");
    body["email"] = json!("mara@x.test");
    let made = globex
        .wacr()
        .await
        .post("/api/v2/contacts", body.clone())
        .await;
    assert_eq!(made.status, 201);
    // Their number and address are free here; their source and status are not ours.
    let ours = acme.wacr().await;
    ours.post("/api/v2/contacts", body).await.assert(
        422,
        &wacr::refused(
            r#""source_id":["The selected source does not exist or does not belong to your account"],
            "status_id":["The selected status does not exist or does not belong to your account"]"#,
        ),
    );
    let mut body = wacr::person(&acme, "+919876543210");
    body["email"] = json!("mara@x.test");
    body["groups"] = json!([globex.group("Theirs").await]);
    let made = ours.post("/api/v2/contacts", body).await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["data"]["groups"]),
        (201, &json!([]))
    );
}

#[tokio::test]
async fn a_plan_that_is_full_is_full_for_one_tenant() {
    let server = TestServer::start().await;
    let acme = server.tenant_with_limit("acme", Some(0)).await;
    let globex = server.tenant("globex").await;
    let body = json!({"phone": "+34600111222"});
    let (ours, theirs) = (acme.flowella().await, globex.flowella().await);
    assert_eq!(
        ours.post("/api/v1/contacts", body.clone()).await.status,
        402
    );
    assert_eq!(theirs.post("/api/v1/contacts", body).await.status, 200);
}
