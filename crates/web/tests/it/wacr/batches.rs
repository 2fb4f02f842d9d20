//! `POST` and `DELETE /api/v2/contacts/batch`.

use serde_json::{Value, json};
use test_support::{TestServer, TestTenant};

use super::{person, refused, said, success};

const PATH: &str = "/api/v2/contacts/batch";

fn with(tenant: &TestTenant, phone: &str, fields: Value) -> Value {
    let mut body = person(tenant, phone);
    if let Value::Object(fields) = fields {
        body.as_object_mut().unwrap().extend(fields);
    }
    body
}

async fn each_item_hears_what_became_of_it(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let group = tenant.group("One").await;
    let known = with(&tenant, "+919876543210", json!({"email": "m@x.test"}));
    assert_eq!(
        acme.post("/api/v2/contacts", known.clone()).await.status,
        201
    );
    let items = [
        with(
            &tenant,
            "+919876543211",
            json!({"groups": [group], "city": "Pune"}),
        ),
        known,
        with(&tenant, "91 98765 43211", json!({"firstname": "Again"})),
        with(
            &tenant,
            "+919876543212",
            json!({"email": "M@X.test", "source_id": 1}),
        ),
        json!({"phone": "+919876543213", "zip": 1}),
        json!("nobody"),
        with(&tenant, "+919876543214", json!({})),
    ];
    let made = acme.post(PATH, json!({"contacts": items})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(made["message"], "Batch operation completed");
    let data = &made["data"];
    assert_eq!(data["success"], true);
    let summary = json!({"total": 7, "created": 2, "skipped": 0, "failed": 5});
    assert_eq!(data["summary"], summary);
    let created = data["created"].as_array().unwrap();
    assert_eq!(created[0]["phone"], "+919876543211");
    assert_eq!(created[0]["city"], "Pune");
    // Groups are for single contacts.
    assert_eq!(created[0]["group_id"], json!([]));
    assert!(created[0].get("groups").is_none());
    assert_eq!(created[1]["phone"], "+919876543214");
    assert_refused(data["errors"].as_array().unwrap(), &items);
    assert_eq!(tenant.contact_count().await, 3);
}

/// The second to the sixth of the items, each for its own reasons.
fn assert_refused(errors: &[Value], items: &[Value]) {
    let phone = json!(["This phone number already exists"]);
    let email = json!(["This email address already exists"]);
    let missing = json!({
        "firstname": ["First name is required"], "lastname": ["Last name is required"],
        "type": ["The type field is required."],
        "source_id": ["The source id field is required."],
        "status_id": ["The status id field is required."],
    });
    let mut of_four = missing.clone();
    of_four["zip"] = json!(["The zip field must be a string."]);
    let mut of_five = missing;
    of_five["phone"] = json!(["Phone number is required"]);
    let source = "The selected source does not exist or does not belong to your account";
    for (error, (index, told)) in errors.iter().zip([
        (1, json!({"phone": phone, "email": email})),
        (2, json!({"phone": phone})),
        (3, json!({"email": email, "source_id": [source]})),
        (4, of_four),
        (5, of_five),
    ]) {
        assert_eq!(error["index"], index);
        assert_eq!(error["errors"], told, "{index}");
        assert_eq!(error["data"], items[index], "{index}");
    }
}

async fn known_numbers_may_be_passed_over(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let known = with(&tenant, "+919876543210", json!({"email": "m@x.test"}));
    acme.post("/api/v2/contacts", known.clone()).await;
    let body = json!({
        "contacts": [
            known, person(&tenant, "+919876543211"), person(&tenant, "919876543211"),
            with(&tenant, "+919876543212", json!({"email": "m@x.test"})),
        ],
        "options": {"skip_duplicates": "1"},
    });
    let made = acme.post(PATH, body.clone()).await.json();
    let data = &made["data"];
    let summary = json!({"total": 4, "created": 1, "skipped": 2, "failed": 1});
    assert_eq!(data["summary"], summary);
    for (skipped, index) in data["skipped"].as_array().unwrap().iter().zip([0, 2]) {
        let expected = json!({"index": index, "reason": "Duplicate phone number",
            "data": body["contacts"][index]});
        assert_eq!(skipped, &expected);
    }
    assert_eq!(data["errors"][0]["index"], 3);
}

async fn all_are_made_or_none_where_that_is_asked(server: TestServer) {
    let tenant = server.tenant_with_limit("acme", Some(2)).await;
    let acme = tenant.wacr().await;
    let (one, two) = (
        person(&tenant, "+919876543210"),
        person(&tenant, "+919876543211"),
    );
    let mut bad = person(&tenant, "+919876543212");
    bad["type"] = json!("friend");
    let all_or_none = json!({"continue_on_error": false});
    let body = json!({"contacts": [one, bad, {}, two], "options": all_or_none});
    let taken_back = acme.post(PATH, body).await;
    let told = format!(
        r#"{{"success":false,"summary":{{"total":4,"created":0,"skipped":0,"failed":1}},
        "created":[],"skipped":[],"errors":[{{"index":1,
        "errors":{{"type":["Type must be either lead, customer, or guest"]}},"data":{bad}}}]}}"#
    );
    taken_back.assert(422, &said("VALIDATION_ERROR", "Validation failed", &told));
    assert_eq!(tenant.contact_count().await, 0);
    // The plan has room for two of three.
    let three = person(&tenant, "+919876543213");
    let body = json!({"contacts": [one, two, three], "options": all_or_none});
    let taken_back = acme.post(PATH, body).await;
    let told = format!(
        r#"{{"success":false,"summary":{{"total":3,"created":0,"skipped":0,"failed":1}},
        "created":[],"skipped":[],"errors":[{{"index":2,
        "errors":{{"contact":["Tenant contact limit reached"]}},"data":{three}}}]}}"#
    );
    taken_back.assert(422, &said("VALIDATION_ERROR", "Validation failed", &told));
    assert_eq!(tenant.contact_count().await, 0);
    let body = json!({"contacts": [one, two], "options": all_or_none});
    assert_eq!(acme.post(PATH, body).await.status, 201);
    assert_eq!(tenant.contact_count().await, 2);
}

async fn a_plan_fills_up_item_by_item(server: TestServer) {
    let tenant = server.tenant_with_limit("acme", Some(2)).await;
    let acme = tenant.wacr().await;
    let people: Vec<Value> = (0..4)
        .map(|last| person(&tenant, &format!("+91987654321{last}")))
        .collect();
    let made = acme
        .post(PATH, json!({"contacts": people[..3]}))
        .await
        .json();
    let summary = json!({"total": 3, "created": 2, "skipped": 0, "failed": 1});
    assert_eq!(made["data"]["summary"], summary);
    let full = json!({"contact": ["Tenant contact limit reached"]});
    assert_eq!(made["data"]["errors"][0]["errors"], full);
    let details = r#"{"feature":"contacts","current":2,"maximum":2}"#;
    let full = said(
        "FEATURE_LIMIT_EXCEEDED",
        "Tenant contact limit reached",
        details,
    );
    acme.post(PATH, json!({"contacts": people[3..]}))
        .await
        .assert(403, &full);
    assert_eq!(tenant.contact_count().await, 2);
}

async fn many_are_made_and_deleted_at_once(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let other = server.tenant("globex").await;
    let acme = tenant.wacr().await;
    let theirs = person(&other, "+919876543210");
    let theirs = other
        .wacr()
        .await
        .post("/api/v2/contacts", theirs)
        .await
        .json();
    let people: Vec<Value> = (0..1000)
        .map(|it| {
            with(
                &tenant,
                &format!("+9198765{it:05}"),
                json!({"email": format!("m{it}@x.test")}),
            )
        })
        .collect();
    let made = acme.post(PATH, json!({"contacts": people})).await.json();
    let created = made["data"]["created"].as_array().unwrap();
    assert_eq!(created.len(), 1000);
    let order: Vec<_> = created.iter().map(|it| it["phone"].clone()).collect();
    let asked: Vec<_> = people.iter().map(|it| it["phone"].clone()).collect();
    assert_eq!(order, asked);
    let mut ids: Vec<Value> = created.iter().map(|it| it["id"].clone()).collect();
    ids.truncate(995);
    ids.extend([
        json!(ids[0]),
        json!(theirs["data"]["id"]),
        json!(-1),
        json!("7"),
    ]);
    let deleted = acme.delete(PATH, json!({"ids": ids})).await;
    let data = r#"{"success":true,"summary":{"total":999,"deleted":995,"failed":4}}"#;
    deleted.assert(200, &success(data, "Batch delete completed"));
    assert_eq!(tenant.contact_count().await, 5);
    assert_eq!(other.contact_count().await, 1);
}

on_both_engines!(
    each_item_hears_what_became_of_it,
    known_numbers_may_be_passed_over,
    all_are_made_or_none_where_that_is_asked,
    a_plan_fills_up_item_by_item,
    many_are_made_and_deleted_at_once,
);

#[tokio::test]
async fn a_batch_is_a_list_of_at_most_a_thousand() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.wacr().await;
    let required = r#""contacts":["The contacts field is required."]"#;
    let no_list = r#""contacts":["The contacts field must be an array."]"#;
    let many = r#""contacts":["The contacts field must not have more than 1000 items."]"#;
    let boolean =
        r#""options.skip_duplicates":["The options.skip duplicates field must be true or false."]"#;
    for (body, told) in [
        (json!({}), required),
        (json!({"contacts": []}), required),
        (json!({"contacts": null}), required),
        (json!({"contacts": {"0": {}}}), no_list),
        (json!({"contacts": vec![json!({}); 1001]}), many),
        (
            json!({"contacts": [{}], "options": {"skip_duplicates": "x"}}),
            boolean,
        ),
    ] {
        acme.post(PATH, body).await.assert(422, &refused(told));
    }
    let options = r#""options":["The options field must be an array."]"#;
    let body = json!({"contacts": [{}], "options": 1});
    acme.post(PATH, body).await.assert(422, &refused(options));
    let required = r#""ids":["The ids field is required."]"#;
    let no_list = r#""ids":["The ids field must be an array."]"#;
    let many = r#""ids":["The ids field must not have more than 1000 items."]"#;
    let integer = r#""ids.1":["The ids.1 field must be an integer."]"#;
    for (body, told) in [
        (json!({}), required),
        (json!(null), required),
        (json!({"ids": []}), required),
        (json!({"ids": "7"}), no_list),
        (json!({"ids": vec![7; 1001]}), many),
        (json!({"ids": [7, 1.5]}), integer),
    ] {
        acme.delete(PATH, body).await.assert(422, &refused(told));
    }
}

#[tokio::test]
async fn a_batch_may_be_ten_mebibytes() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let mut large = person(&tenant, "+919876543210");
    large["description"] = json!("x".repeat(9 << 20));
    let made = acme.post(PATH, json!({"contacts": [large]})).await;
    assert_eq!(made.status, 201);
    large["description"] = json!("x".repeat(10 << 20));
    let refused = acme.post(PATH, json!({"contacts": [large]})).await;
    assert_eq!(refused.status, 413);
}
