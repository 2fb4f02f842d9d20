//! Three APIs, one set of contacts: what one of them makes, the others find.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_support::{Actor, Reply, TestServer, TestTenant};

use crate::wacr;

const FIND: &str = "/contact?tenantId=acme&phone_number=27821112233";

/// A tenant and somebody who speaks each API for it.
struct Trio {
    tenant: TestTenant,
    flowiq: Actor,
    flowella: Actor,
    wacr: Actor,
}

impl Trio {
    async fn start(server: &TestServer) -> Self {
        let tenant = server.tenant("acme").await;
        Self {
            flowiq: tenant.flowiq().await,
            flowella: tenant.flowella().await,
            wacr: tenant.wacr().await,
            tenant,
        }
    }

    async fn create_by_flowiq(&self, phone: &str) -> Reply {
        let body = json!({"phone_number": phone, "name": "Ana Maria Souza", "tags": "a,b"});
        self.flowiq.post("/contact", body).await
    }

    async fn upsert_by_flowella(&self, body: Value) -> Reply {
        self.flowella.post("/api/v1/contacts", body).await
    }

    async fn create_by_wacr(&self, phone: &str) -> Reply {
        let body = wacr::person(&self.tenant, phone);
        self.wacr.post("/api/v2/contacts", body).await
    }

    async fn found(&self) -> Value {
        let found = self.flowiq.get(FIND).await;
        assert_eq!(found.status, 200, "{}", found.text());
        found.json()["contact"].clone()
    }
}

async fn a_contact_made_through_any_api_is_found_and_met(server: TestServer) {
    let trio = Trio::start(&server).await;
    // Made by FlowIQ, by a number in the country's own spelling met by Flowella, known to WA.cr.
    let made = trio.create_by_flowiq("+27821112233").await;
    assert_eq!(made.status, 201);
    assert_eq!(trio.found().await["id"], made.json()["contact"]["id"]);
    let body = json!({"phone": "082 111 2233", "email": "ana@acme.test"});
    let met = trio.upsert_by_flowella(body).await.json();
    assert_eq!(met["name"], "Ana Maria Souza");
    assert_eq!(trio.found().await["email"], "ana@acme.test");
    assert_eq!(trio.create_by_wacr("27 82 111 2233").await.status, 422);
    assert_eq!(trio.tenant.contact_count().await, 1);
    let id = trio.tenant.contact("+27821112233").await.id;
    assert_eq!(trio.found().await["id"], id.to_uuid().to_string());
    assert_eq!(met["id"], id.to_cuid());
}

async fn everybody_who_asks_for_one_number_at_once_gets_one_contact(server: TestServer) {
    let trio = Trio::start(&server).await;
    let ask = async |turn: usize| match turn % 3 {
        0 => trio.create_by_flowiq("+27821112233").await,
        1 => {
            trio.upsert_by_flowella(json!({"phone": "0821112233"}))
                .await
        }
        _ => trio.create_by_wacr("27 82 111 2233").await,
    };
    let replies = join_all((0..24).map(ask)).await;
    let mut made = 0;
    for (turn, reply) in replies.iter().enumerate() {
        let expected: &[u16] = [&[201, 409][..], &[200], &[201, 422]][turn % 3];
        let status = reply.status.as_u16();
        assert!(expected.contains(&status), "{status} {}", reply.text());
        made += i32::from(status == 201);
    }
    assert!(made <= 1, "{made} say that they made it");
    assert_eq!(trio.tenant.contact_count().await, 1);
}

async fn a_plan_is_exact_however_many_ask_at_once(server: TestServer) {
    let tenant = server.tenant_with_limit("acme", Some(5)).await;
    let (flowiq, flowella) = (tenant.flowiq().await, tenant.flowella().await);
    let ask = async |turn: usize| {
        let phone = format!("+278211122{turn:02}");
        if turn.is_multiple_of(2) {
            let body = json!({"phone_number": phone, "name": "Ana"});
            flowiq.post("/contact", body).await
        } else {
            flowella
                .post("/api/v1/contacts", json!({"phone": phone}))
                .await
        }
    };
    let replies = join_all((0..20).map(ask)).await;
    let made = replies.iter().filter(|reply| reply.status.is_success());
    assert_eq!((made.count(), tenant.contact_count().await), (5, 5));
    let refused = |reply: &&Reply| [402, 403].contains(&reply.status.as_u16());
    assert_eq!(replies.iter().filter(refused).count(), 15);
}

on_both_engines!(
    a_contact_made_through_any_api_is_found_and_met,
    a_plan_is_exact_however_many_ask_at_once,
    everybody_who_asks_for_one_number_at_once_gets_one_contact,
);

#[tokio::test]
async fn what_flowella_makes_flowiq_and_wacr_know() {
    let server = TestServer::start().await;
    let trio = Trio::start(&server).await;
    let body = json!({"phone": "+27 82 111 2233", "name": "Ana Maria Souza"});
    let made = trio.upsert_by_flowella(body).await.json();
    let contact = trio.tenant.contact("+27821112233").await;
    assert_eq!(made["id"], contact.id.to_cuid());
    let found = trio.found().await;
    assert_eq!(found["id"], contact.id.to_uuid().to_string());
    assert_eq!(found["full_name"], "Ana Maria Souza");
    assert_eq!(
        (&found["source"]["type"], &found["tags"]),
        (&json!("api"), &json!([]))
    );
    let conflict = trio.create_by_flowiq("27821112233").await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.json()["existing_contact"]["id"], found["id"]);
    trio.create_by_wacr("+27821112233").await.assert(
        422,
        &wacr::refused(r#""phone":["This phone number already exists"]"#),
    );
}

#[tokio::test]
async fn what_wacr_makes_flowiq_and_flowella_know() {
    let server = TestServer::start().await;
    let trio = Trio::start(&server).await;
    let made = trio.create_by_wacr("+27 (82) 111-2233").await.json();
    let contact = trio.tenant.contact("+27821112233").await;
    assert_eq!(made["data"]["id"], contact.id.get());
    let found = trio.found().await;
    assert_eq!(found["id"], contact.id.to_uuid().to_string());
    // WA.cr keeps what was written; the others show plus and digits.
    assert_eq!(made["data"]["phone"], "+27 (82) 111-2233");
    assert_eq!(found["phone_number"], "+27821112233");
    assert_eq!(found["whatsapp_id"], "27821112233");
    assert_eq!(trio.create_by_flowiq("27821112233").await.status, 409);
    let met = trio
        .upsert_by_flowella(json!({"phone": "27821112233"}))
        .await
        .json();
    assert_eq!(met["id"], contact.id.to_cuid());
    assert_eq!(met["phone"], "+27821112233");
}

#[tokio::test]
async fn names_split_and_join() {
    let server = TestServer::start().await;
    let trio = Trio::start(&server).await;
    let name = async || {
        let name = trio.tenant.contact("+27821112233").await.name;
        (name.full, name.first, name.last)
    };
    let parts = |full: &str, first: &str, last: &str| {
        (
            Some(full.to_owned()),
            Some(first.to_owned()),
            Some(last.to_owned()),
        )
    };
    // First and last join to the full name.
    trio.create_by_wacr("+27821112233").await;
    assert_eq!(trio.found().await["full_name"], "Mara Lind");
    assert_eq!(name().await, parts("Mara Lind", "Mara", "Lind"));
    // A full name splits at the first space, also when it is changed.
    let body = json!({"phone": "+27821112233", "name": "Ana Maria Souza"});
    trio.upsert_by_flowella(body).await;
    assert_eq!(name().await, parts("Ana Maria Souza", "Ana", "Maria Souza"));
    let body = json!({"phone": "+27821112233", "name": "Pelé"});
    trio.upsert_by_flowella(body).await;
    assert_eq!(name().await, parts("Pelé", "Pelé", ""));
    trio.upsert_by_flowella(json!({"phone": "+27821112233", "name": null}))
        .await;
    assert_eq!(name().await, (None, None, None));
    assert_eq!(trio.found().await["full_name"], json!(null));
}

#[tokio::test]
async fn contacts_of_other_apis_are_filed_under_the_tenants_defaults() {
    let server = TestServer::start().await;
    let trio = Trio::start(&server).await;
    trio.create_by_flowiq("+27821112233").await;
    trio.upsert_by_flowella(json!({"phone": "+27831112233"}))
        .await;
    for phone in ["+27821112233", "+27831112233"] {
        let contact = trio.tenant.contact(phone).await;
        let defaults = trio.tenant.tenant.defaults;
        assert_eq!(contact.kind, defaults.kind);
        assert_eq!(contact.source_id, defaults.source_id);
        assert_eq!(contact.status_id, defaults.status_id);
        assert_eq!(contact.assignee_id, Some(1));
    }
}

#[tokio::test]
async fn what_is_claimed_in_flowella_flowiq_shows_until_whatsapp_says_better() {
    let server = TestServer::start().await;
    let trio = Trio::start(&server).await;
    let body = json!({"phone": "+5541996910256", "waId": "554199999999"});
    trio.upsert_by_flowella(body).await;
    let found = async |number: &str| {
        let path = format!("/contact?tenantId=acme&whatsapp_id={number}");
        trio.flowiq.get(&path).await.json()["contact"]["whatsapp_id"].clone()
    };
    assert_eq!(found("5541996910256").await, "554199999999");
    assert_eq!(found("554199999999").await, "554199999999");
    let body = json!({"phone_number": "+5541996910256", "message_type": "text", "text": "Oi"});
    let sent = trio.flowiq.post("/send-whatsapp", body).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert_eq!(found("5541996910256").await, "554196910256");
    // The claim is still Flowella's to show and to clear.
    let met = trio
        .upsert_by_flowella(json!({"phone": "+5541996910256"}))
        .await
        .json();
    assert_eq!(met["waId"], "554199999999");
    let body = json!({"phone": "+5541996910256", "waId": null});
    assert_eq!(
        trio.upsert_by_flowella(body).await.json()["waId"],
        "554196910256"
    );
}

#[tokio::test]
async fn a_plan_counts_contacts_of_every_api() {
    let server = TestServer::start().await;
    let tenant = server.tenant_with_limit("acme", Some(2)).await;
    let flowiq = tenant.flowiq().await;
    let body = json!({"phone_number": "+27821112233", "name": "Ana"});
    assert_eq!(flowiq.post("/contact", body).await.status, 201);
    let flowella = tenant.flowella().await;
    let body = json!({"phone": "+27831112233"});
    assert_eq!(flowella.post("/api/v1/contacts", body).await.status, 200);
    let body = wacr::person(&tenant, "+27841112233");
    let full = tenant.wacr().await.post("/api/v2/contacts", body).await;
    let details = json!({"feature": "contacts", "current": 2, "maximum": 2});
    assert_eq!(full.json()["error"]["details"], details);
}

#[tokio::test]
async fn a_person_stays_one_contact_however_any_api_writes_the_number() {
    let server = TestServer::start().await;
    let trio = Trio::start(&server).await;
    let people = [
        // Dialled, and the same person as WhatsApp calls the number.
        ("+5541996910256", "+554196910256"),
        ("+526693280415", "+5216693280415"),
        ("+541123456789", "+5491123456789"),
    ];
    for (dialled, answered) in people {
        assert_eq!(trio.create_by_flowiq(dialled).await.status, 201);
        let id = trio.tenant.contact(answered).await.id;
        for spelling in [answered, dialled] {
            assert_eq!(trio.create_by_flowiq(spelling).await.status, 409);
            let met = trio.upsert_by_flowella(json!({"phone": spelling})).await;
            assert_eq!(met.json()["id"], id.to_cuid(), "{spelling}");
            assert_eq!(trio.create_by_wacr(spelling).await.status, 422);
            let digits = spelling.trim_start_matches('+');
            let path = format!("/contact?tenantId=acme&phone_number={digits}");
            let found = trio.flowiq.get(&path).await.json();
            assert_eq!(found["contact"]["id"], id.to_uuid().to_string());
            assert_eq!(found["contact"]["phone_number"], dialled);
        }
    }
    assert_eq!(trio.tenant.contact_count().await, 3);
    // Landlines never had the digit that mobiles gained.
    for landline in ["+551133334444", "+5511933334444"] {
        assert_eq!(trio.create_by_wacr(landline).await.status, 201);
    }
    assert_eq!(trio.tenant.contact_count().await, 5);
}
