//! `GET /api/v2/contacts`.

use domain::key::Api;
use serde_json::{Value, json};
use test_support::{TestServer, TestTenant};

use super::changes::{PATH, make, make_with};
use super::{List, scoped};

/// Some people: a second apart, the last one newest.
struct People {
    tenant: TestTenant,
    list: List,
    group: i64,
    source: i64,
}

impl People {
    async fn on(server: &TestServer) -> Self {
        let tenant = server.tenant("acme").await;
        let acme = tenant.tireless(Api::WaCr).await;
        let group = tenant.group("VIP").await;
        let source = acme.post("/api/v2/sources", json!({"name": "Web"})).await;
        let source = source.json()["data"]["id"].as_i64().unwrap();
        let mut ids = Vec::new();
        for (index, fields) in [
            json!({"firstname": "Mara", "lastname": "Lind", "company": "Lind AB"}),
            json!({"firstname": "ola", "lastname": "Berg", "type": "customer", "groups": [group]}),
            json!({"firstname": "Pia", "lastname": "Aas", "source_id": source, "assigned_id": 7}),
            json!({"firstname": "Émile", "lastname": "Zola", "email": "e@zola.test",
                "groups": [group], "assigned_id": 8}),
        ]
        .into_iter()
        .enumerate()
        {
            let phone = format!("+9198765432{index:02}");
            ids.push(make_with(&tenant, &acme, &phone, fields).await.0);
            server.clock.advance_seconds(1);
        }
        Self {
            tenant,
            list: List {
                actor: acme,
                path: PATH,
                ids,
            },
            group,
            source,
        }
    }
}

/// What is asked for, and who is listed.
type Case = (String, Vec<usize>);

fn sorted_and_filed(people: &People) -> Vec<Case> {
    let source = people.source;
    let own = people.tenant.source_id();
    vec![
        (String::new(), vec![3, 2, 1, 0]),
        ("sort=created_at".into(), vec![0, 1, 2, 3]),
        ("sort=id".into(), vec![0, 1, 2, 3]),
        ("sort=-id".into(), vec![3, 2, 1, 0]),
        ("sort=-updated_at".into(), vec![3, 2, 1, 0]),
        ("sort=firstname".into(), vec![0, 1, 2, 3]),
        ("sort=-firstname".into(), vec![3, 2, 1, 0]),
        ("sort=lastname".into(), vec![2, 1, 0, 3]),
        ("sort=unknown".into(), vec![3, 2, 1, 0]),
        ("sort=lastname&per_page=2&page=2".into(), vec![0, 3]),
        ("page=9".into(), vec![]),
        ("filter[type]=customer".into(), vec![1]),
        ("filter[type][ne]=customer&sort=id".into(), vec![0, 2, 3]),
        ("filter[type][like]=EA&sort=id".into(), vec![0, 2, 3]),
        ("filter[type][in]=customer,guest".into(), vec![1]),
        (format!("filter[source_id]={source}"), vec![2]),
        (
            format!("filter[source_id][not_in]={source},9"),
            vec![3, 1, 0],
        ),
        (
            format!("filter[source_id][in]={source},{own}&sort=id"),
            vec![0, 1, 2, 3],
        ),
        (
            format!("filter[status_id]={}", people.tenant.status_id()),
            vec![3, 2, 1, 0],
        ),
        ("filter[status_id]=x".into(), vec![]),
    ]
}

fn compared(people: &People) -> Vec<Case> {
    let group = people.group;
    vec![
        ("filter[assigned_id]=7".into(), vec![2]),
        ("filter[assigned_id][gte]=7".into(), vec![3, 2]),
        ("filter[assigned_id][between]=8,9".into(), vec![3]),
        ("filter[assigned_id][null]=true".into(), vec![1, 0]),
        ("filter[assigned_id][null]=false".into(), vec![3, 2]),
        ("filter[assigned_id][ne]=7".into(), vec![3]),
        (format!("filter[group_id]={group}"), vec![3, 1]),
        (format!("filter[group_id][ne]={group}"), vec![2, 0]),
        (
            format!("filter[group_id]={group}&sort=lastname"),
            vec![1, 3],
        ),
        (
            format!("filter[group_id]={group}&filter[type]=customer"),
            vec![1],
        ),
        ("filter[created_at]=2026-03-10".into(), vec![3, 2, 1, 0]),
        ("filter[created_at][lt]=2026-03-10".into(), vec![]),
        (
            "filter[created_at][gt]=2026-03-10T08:15:01%2B00:00".into(),
            vec![3, 2],
        ),
        (
            "filter[created_at][lte]=2026-03-10T08:15:01Z".into(),
            vec![1, 0],
        ),
        ("q=9198765432".into(), vec![3, 2, 1, 0]),
        ("search=lind".into(), vec![0]),
        ("search=ZOLA.test".into(), vec![3]),
        ("search=ind+ab".into(), vec![0]),
        (
            format!("search=9198765432&filter[group_id]={group}&sort=lastname"),
            vec![1, 3],
        ),
        (
            "search=9198765432&sort=firstname&per_page=3".into(),
            vec![0, 1, 2],
        ),
        ("search=nobody".into(), vec![]),
        (
            "filter[phone]=1&filter[]=2&filter[type][bad]=3&filter=4".into(),
            vec![3, 2, 1, 0],
        ),
    ]
}

async fn contacts_are_sorted_filtered_and_searched(server: TestServer) {
    let people = People::on(&server).await;
    for (query, expected) in sorted_and_filed(&people)
        .into_iter()
        .chain(compared(&people))
    {
        people.list.assert(&query, &expected).await;
    }
}

async fn a_list_is_never_behind(server: TestServer) {
    let people = People::on(&server).await;
    let path = |index: usize| format!("{PATH}/{}", people.list.ids[index]);
    server.clock.advance_seconds(60);
    let change = json!({"firstname": "Aase", "type": "guest"});
    people.list.actor.patch(&path(2), change).await;
    people.list.actor.delete(&path(0), Value::Null).await;
    people.list.assert("sort=firstname", &[2, 1, 3]).await;
    people.list.assert("sort=-updated_at", &[2, 3, 1]).await;
    people.list.assert("filter[type]=guest", &[2]).await;
    let list = people.list.read("filter[type]=lead").await;
    assert_eq!(list["meta"]["pagination"]["total"], 1);
    let list = people.list.read("").await;
    assert_eq!(list["meta"]["pagination"]["total"], 3);
}

on_both_engines!(
    contacts_are_sorted_filtered_and_searched,
    a_list_is_never_behind,
);

#[tokio::test]
async fn a_row_has_the_fields_and_relations_that_are_asked_for() {
    let server = TestServer::start().await;
    let people = People::on(&server).await;
    let all = people.list.read("").await;
    assert_eq!(all["message"], "Contacts retrieved successfully");
    let row = &all["data"][0];
    assert!(row.get("groups").is_none() && row.get("source").is_none());
    assert_eq!(row["group_id"], json!([people.group]));
    let with = people
        .list
        .read("include=source,status,groups&per_page=1")
        .await;
    let row = &with["data"][0];
    assert_eq!(row["groups"][0]["name"], "VIP");
    assert_eq!(row["source"]["id"], people.tenant.source_id());
    assert_eq!(row["status"]["color"], json!(null));
    let some = people
        .list
        .read("fields=phone,id,source&include=source&sort=id")
        .await;
    let keys: Vec<_> = some["data"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "phone", "source"]);
    assert_eq!(
        all["links"]["first"],
        "http://localhost/api/v2/contacts?page=1"
    );
}

#[tokio::test]
async fn a_list_shows_its_own_tenants_contacts_to_who_may_read_them() {
    let server = TestServer::start().await;
    let people = People::on(&server).await;
    let other = server.tenant("globex").await;
    make(&other, &other.wacr().await, "+919876543210").await;
    let list = people.list.read("search=9198765432").await;
    assert_eq!(list["meta"]["pagination"]["total"], 4);
    let reader = scoped(&people.tenant, "contacts:read").await;
    assert_eq!(reader.get(PATH).await.status, 200);
    let writer = scoped(&people.tenant, "contacts:write,contacts:delete").await;
    assert_eq!(writer.get(PATH).await.status, 403);
}
