//! `/api/v2/groups/{id}/contacts`.

use serde_json::{Value, json};
use test_support::{Actor, TestServer, TestTenant};

use super::{person, refused, said, success};

async fn people(tenant: &TestTenant, actor: &Actor, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for index in 0..count {
        let body = person(tenant, &format!("+9198765{index:05}"));
        let made = actor.post("/api/v2/contacts", body).await.json();
        ids.push(made["data"]["id"].as_i64().unwrap());
    }
    ids
}

async fn groups_of(tenant: &TestTenant, contact: i64) -> Vec<i64> {
    let id = domain::ids::ContactId::new(contact).unwrap();
    let groups = tenant.store.groups_of_contact(id).await.unwrap();
    groups.into_iter().map(|group| group.get()).collect()
}

async fn contacts_join_and_leave(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let (one, two) = (tenant.group("One").await, tenant.group("Two").await);
    let people = people(&tenant, &acme, 3).await;
    let path = format!("/api/v2/groups/{one}/contacts");
    let added = "Contacts added to group successfully";
    let removed = "Contacts removed from group successfully";
    let join = async |ids: Value, count: usize| {
        let data = format!(r#"{{"group_id":{one},"contacts_added":{count}}}"#);
        let reply = acme.post(&path, json!({"contact_ids": ids})).await;
        reply.assert(200, &success(&data, added));
    };
    join(json!([people[0], people[1].to_string(), people[0]]), 2).await;
    join(json!(people), 1).await;
    join(json!(people), 0).await;
    assert_eq!(groups_of(&tenant, people[0]).await, [one]);
    // Who is no member, or nobody at all, is not counted.
    let ids = json!([people[1], people[1], 900_000_007, "900000008", -1]);
    let left = acme.delete(&path, json!({"contact_ids": ids})).await;
    let data = format!(r#"{{"group_id":{one},"contacts_removed":1}}"#);
    left.assert(200, &success(&data, removed));
    let path = format!("/api/v2/groups/{two}/contacts");
    let body = json!({"contact_ids": [people[0]]});
    assert_eq!(acme.post(&path, body).await.status, 200);
    // A group that goes takes its members' membership along, and nothing else.
    let own = format!("/api/v2/groups/{one}");
    assert_eq!(acme.delete(&own, Value::Null).await.status, 200);
    assert_eq!(groups_of(&tenant, people[0]).await, [two]);
    assert!(groups_of(&tenant, people[2]).await.is_empty());
    assert_eq!(tenant.contact_count().await, 3);
}

async fn all_join_or_none(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let other = server.tenant("globex").await;
    let theirs = people(&other, &other.wacr().await, 1).await[0];
    let (group, foreign) = (tenant.group("One").await, other.group("One").await);
    let ours = people(&tenant, &acme, 1).await[0];
    let path = format!("/api/v2/groups/{group}/contacts");
    let unknown = r#"["One or more contact IDs do not exist"]"#;
    let told = format!(r#""contact_ids.1":{unknown},"contact_ids.3":{unknown}"#);
    let body = json!({"contact_ids": [ours, theirs, ours, 0]});
    acme.post(&path, body).await.assert(422, &refused(&told));
    assert!(groups_of(&tenant, ours).await.is_empty());
    let absent = said("NOT_FOUND", "Group not found", "null");
    let body = json!({"contact_ids": [ours]});
    for id in [foreign.to_string(), "abc".into(), "0".into()] {
        let path = format!("/api/v2/groups/{id}/contacts");
        let joined = acme.post(&path, body.clone()).await;
        joined.assert(404, &absent);
        acme.delete(&path, body.clone()).await.assert(404, &absent);
    }
}

on_both_engines!(contacts_join_and_leave, all_join_or_none);

#[tokio::test]
async fn the_ids_are_a_list_of_integers() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let path = format!("/api/v2/groups/{}/contacts", tenant.group("One").await);
    let missing = r#""contact_ids":["Contact IDs are required"]"#;
    let no_list = r#""contact_ids":["Contact IDs must be an array"]"#;
    let integer = r#""contact_ids.1":["The contact ids.1 field must be an integer."]"#;
    let many = r#""contact_ids":["The contact ids field must not have more than 10000 items."]"#;
    for (body, told) in [
        (json!({}), missing),
        (json!({"contact_ids": []}), missing),
        (json!({"contact_ids": null}), missing),
        (json!({"contact_ids": "7"}), no_list),
        (json!({"contact_ids": {"0": 7}}), no_list),
        (json!({"contact_ids": [7, "x"]}), integer),
        (json!({"contact_ids": vec![7; 10_001]}), many),
    ] {
        let reply = acme.post(&path, body.clone()).await;
        reply.assert(422, &refused(told));
        acme.delete(&path, body).await.assert(422, &refused(told));
    }
}
