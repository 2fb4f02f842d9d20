//! `GET`, `PATCH` and `DELETE /api/v2/contacts/{id}`.

use serde_json::{Value, json};
use test_support::{Actor, TestServer, TestTenant};

use super::{person, refused, said, scoped, success};

pub(super) const PATH: &str = "/api/v2/contacts";

/// Makes a contact and returns its id and path.
pub(super) async fn make(tenant: &TestTenant, actor: &Actor, phone: &str) -> (i64, String) {
    make_with(tenant, actor, phone, json!({})).await
}

pub(super) async fn make_with(
    tenant: &TestTenant,
    actor: &Actor,
    phone: &str,
    fields: Value,
) -> (i64, String) {
    let mut body = person(tenant, phone);
    if let Value::Object(fields) = fields {
        body.as_object_mut().unwrap().extend(fields);
    }
    let made = actor.post(PATH, body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["data"]["id"].as_i64().unwrap();
    (id, format!("{PATH}/{id}"))
}

async fn a_contact_is_shown_with_what_is_asked_for(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let group = tenant.group("Wholesale").await;
    let fields = json!({"groups": [group], "city": "Pune"});
    let (id, path) = make_with(&tenant, &acme, "+919876543210", fields).await;
    let at = "2026-03-10T08:15:00+00:00";
    let (source, status) = (tenant.source_id(), tenant.status_id());
    let own = format!(
        r#""id":{id},"firstname":"Mara","lastname":"Lind","company":null,"type":"lead",
        "email":null,"phone":"+919876543210","status_id":{status},"source_id":{source},
        "description":null,"city":"Pune","state":null,"zip":null,"address":null,
        "country_id":null,"assigned_id":null,"group_id":[{group}],"is_opted_out":false,
        "created_at":"{at}","updated_at":"{at}""#
    );
    let times = format!(r#""created_at":"{at}","updated_at":"{at}""#);
    let groups = format!(r#""groups":[{{"id":{group},"name":"Wholesale",{times}}}]"#);
    let message = "Contact retrieved successfully";
    let plain = acme.get(&path).await;
    plain.assert(200, &success(&format!("{{{own}}}"), message));
    let some = acme.get(&format!("{path}?include=groups,nothing")).await;
    some.assert(200, &success(&format!("{{{own},{groups}}}"), message));
    let all = format!("{path}?include=status,%20source,groups");
    let all = acme.get(&all).await.json();
    let keys: Vec<_> = all["data"]["source"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["created_at", "id", "name", "updated_at"]);
    assert_eq!(all["data"]["source"]["id"], source);
    assert_eq!(all["data"]["status"]["id"], status);
    assert_eq!(all["data"]["status"]["color"], json!(null));
    assert_eq!(all["data"]["groups"][0]["id"], group);
}

async fn what_is_absent_stays_and_what_is_null_goes(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let (one, two) = (tenant.group("One").await, tenant.group("Two").await);
    let all = json!({
        "email": "m@x.test", "company": "Lind AB", "description": "Calls on Mondays",
        "city": "Pune", "state": "MH", "zip": "411001", "address": "Road 1",
        "country_id": 101, "assigned_id": 15, "groups": [one],
    });
    let (_, path) = make_with(&tenant, &acme, "+919876543210", all.clone()).await;
    server.clock.advance_seconds(60);
    let change = async |body: Value| {
        let changed = acme.patch(&path, body).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert_eq!(changed.json()["message"], "Contact updated successfully");
        changed.json()["data"].clone()
    };
    let same = change(json!({})).await;
    for (field, value) in all.as_object().unwrap() {
        let field = if field == "groups" { "group_id" } else { field };
        assert_eq!(&same[field], value, "{field}");
    }
    assert_eq!(same["updated_at"], same["created_at"]);
    let changed = change(json!({"firstname": "Maria", "type": "customer", "groups": [two, 7]}));
    let changed = changed.await;
    assert_eq!(changed["updated_at"], "2026-03-10T08:16:00+00:00");
    assert_eq!(
        (&changed["firstname"], &changed["lastname"]),
        (&json!("Maria"), &json!("Lind"))
    );
    assert_eq!(changed["type"], "customer");
    assert_eq!(changed["group_id"], json!([two]));
    assert_eq!(changed["groups"][0]["name"], "Two");
    let cleared = change(json!({
        "email": null, "company": "", "description": null, "city": "  ", "state": null,
        "zip": null, "address": null, "country_id": "", "assigned_id": null, "groups": [],
    }));
    let cleared = cleared.await;
    for field in all.as_object().unwrap().keys() {
        let (field, none) = if field == "groups" {
            ("group_id", json!([]))
        } else {
            (field.as_str(), json!(null))
        };
        assert_eq!(cleared[field], none, "{field}");
    }
    // Other APIs see the joined name.
    let seen = tenant.contact("+919876543210").await;
    assert_eq!(seen.name.full.as_deref(), Some("Maria Lind"));
}

async fn a_number_may_change_but_is_nobody_elses(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let (id, path) = make(&tenant, &acme, "+919876543210").await;
    make_with(
        &tenant,
        &acme,
        "+919876543211",
        json!({"email": "o@x.test"}),
    )
    .await;
    let taken = refused(
        r#""phone":["This phone number already exists"],
        "email":["This email address already exists"]"#,
    );
    let body = json!({"phone": "91 98765 43211", "email": "O@X.test"});
    acme.patch(&path, body.clone()).await.assert(422, &taken);
    // Uniqueness comes before the look at the id.
    acme.patch(&format!("{PATH}/1"), body)
        .await
        .assert(422, &taken);
    // Its own are free for itself, in another spelling too.
    let body = json!({"phone": "(91) 98765-43210", "email": "m@x.test"});
    let respelled = acme.patch(&path, body).await.json();
    assert_eq!(respelled["data"]["phone"], "(91) 98765-43210");
    let own = acme.patch(&path, json!({"email": "M@x.test"})).await;
    assert_eq!(own.json()["data"]["email"], "M@x.test");
    let moved = acme.patch(&path, json!({"phone": "+27 82 111 2233"})).await;
    assert_eq!(moved.json()["data"]["phone"], "+27 82 111 2233");
    // Whoever writes to the new number reaches the contact, and the old one is free.
    assert_eq!(tenant.contact("0821112233").await.id.get(), id);
    make(&tenant, &acme, "+919876543210").await;
    let former = tenant.contact("0821112233").await.id;
    let former = tenant.store.former_identities_of_contact(former).await;
    assert_eq!(former.unwrap().len(), 1);
}

async fn a_contact_is_deleted_with_what_is_its_own(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let group = tenant.group("One").await;
    let fields = json!({"groups": [group]});
    let (_, path) = make_with(&tenant, &acme, "+919876543210", fields).await;
    let body = json!({"phone_number": "+919876543210", "message_type": "text", "text": "Hi"});
    let sent = tenant.flowiq().await.post("/send-whatsapp", body).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    tenant.opt_out("+919876543210").await;
    let deleted = acme.delete(&path, Value::Null).await;
    deleted.assert(200, &success("null", "Contact deleted successfully"));
    let absent = said("NOT_FOUND", "Contact not found", "null");
    acme.get(&path).await.assert(404, &absent);
    acme.delete(&path, Value::Null).await.assert(404, &absent);
    acme.patch(&path, json!({"city": "Pune"}))
        .await
        .assert(404, &absent);
    assert_eq!(tenant.contact_count().await, 0);
    // The number is free, and nothing of what was clings to it.
    make(&tenant, &acme, "+919876543210").await;
    assert!(tenant.messages("+919876543210").await.is_empty());
    assert!(!tenant.contact("+919876543210").await.is_opted_out);
}

on_both_engines!(
    a_contact_is_shown_with_what_is_asked_for,
    what_is_absent_stays_and_what_is_null_goes,
    a_number_may_change_but_is_nobody_elses,
    a_contact_is_deleted_with_what_is_its_own,
);

#[tokio::test]
async fn everything_wrong_with_a_change_is_said_at_once() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let (_, path) = make(&tenant, &acme, "+919876543210").await;
    let source = "The selected source does not exist or does not belong to your account";
    let status = "The selected status does not exist or does not belong to your account";
    for (body, told) in [
        (
            json!({"firstname": null, "lastname": " ", "phone": "", "type": null,
                "source_id": null, "status_id": ""}),
            r#""firstname":["First name is required"],"lastname":["Last name is required"],
            "phone":["Phone number is required"],"type":["The type field is required."],
            "source_id":["The source id field is required."],
            "status_id":["The status id field is required."]"#
                .to_owned(),
        ),
        (
            json!({"source_id": 1, "status_id": tenant.source_id(), "type": "friend"}),
            format!(
                r#""type":["Type must be either lead, customer, or guest"],
                "source_id":["{source}"],"status_id":["{status}"]"#
            ),
        ),
        (
            json!({"source_id": 1, "status_id": 1}),
            format!(r#""source_id":["{source}"],"status_id":["{status}"]"#),
        ),
        (
            json!({"email": "x", "zip": "1".repeat(21), "groups": "x", "country_id": "x"}),
            r#""email":["The email field must be a valid email address."],
            "zip":["The zip field must not be greater than 20 characters."],
            "country_id":["The country id field must be an integer."],
            "groups":["The groups field must be an array."]"#
                .to_owned(),
        ),
    ] {
        acme.patch(&path, body).await.assert(422, &refused(&told));
    }
    assert_eq!(acme.get(&path).await.json()["data"]["firstname"], "Mara");
}

#[tokio::test]
async fn a_contact_without_a_name_may_get_half_of_one() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let body = json!({"phone": "+27821112233"});
    tenant.flowella().await.post("/api/v1/contacts", body).await;
    let id = tenant.contact("+27821112233").await.id;
    let path = format!("{PATH}/{id}");
    assert_eq!(
        acme.get(&path).await.json()["data"]["firstname"],
        "27821112233"
    );
    let changed = acme.patch(&path, json!({"lastname": "Nkosi"})).await.json();
    assert_eq!(changed["data"]["firstname"], "27821112233");
    assert_eq!(changed["data"]["lastname"], "Nkosi");
}

#[tokio::test]
async fn who_is_no_contact_or_anothers_is_not_found() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.wacr().await;
    let globex = server.tenant("globex").await;
    let theirs = make(&globex, &globex.wacr().await, "+919876543210").await.0;
    let absent = said("NOT_FOUND", "Contact not found", "null");
    for id in [
        &theirs.to_string(),
        "abc",
        "0",
        "-7",
        "1e3",
        "9007199254740992",
    ] {
        let path = format!("{PATH}/{id}");
        acme.get(&path).await.assert(404, &absent);
        acme.delete(&path, Value::Null).await.assert(404, &absent);
        acme.patch(&path, json!({"city": "Pune"}))
            .await
            .assert(404, &absent);
    }
    assert_eq!(globex.contact_count().await, 1);
}

#[tokio::test]
async fn each_needs_its_scope() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for (scope, allowed) in [
        ("contacts:read", [200, 403, 403, 403, 403]),
        ("contacts:write", [403, 200, 201, 403, 403]),
        ("contacts:delete", [403, 403, 403, 200, 200]),
    ] {
        let everybody = tenant.wacr().await;
        let (id, path) = make(&tenant, &everybody, "+919876543210").await;
        let actor = scoped(&tenant, scope).await;
        let batch = format!("{PATH}/batch");
        let statuses = [
            actor.get(&path).await.status.as_u16(),
            actor
                .patch(&path, json!({"city": "Pune"}))
                .await
                .status
                .as_u16(),
            actor
                .post(&batch, json!({"contacts": [{}]}))
                .await
                .status
                .as_u16(),
            actor.delete(&path, Value::Null).await.status.as_u16(),
            actor
                .delete(&batch, json!({"ids": [id]}))
                .await
                .status
                .as_u16(),
        ];
        assert_eq!(statuses, allowed, "{scope}");
        everybody.delete(&path, Value::Null).await;
    }
}
