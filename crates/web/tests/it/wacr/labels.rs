//! `/api/v2/groups`, `/sources` and `/statuses`.

use domain::key::Api;
use http::StatusCode;
use serde_json::{Value, json};
use test_support::{Actor, TestServer};

use super::{ids, person, refused, said, success};

/// Each noun: its path, in one and in many, and what a new one is like besides its name.
const NOUNS: [(&str, &str, &str); 3] = [
    ("/api/v2/groups", "Group", "Groups"),
    ("/api/v2/sources", "Source", "Sources"),
    ("/api/v2/statuses", "Status", "Statuses"),
];

fn shape(noun: &str, name: &str, color: &str) -> String {
    let color = match noun {
        "Status" => format!(r#""color":{color},"#),
        _ => String::new(),
    };
    let at = "2026-03-10T08:15:00+00:00";
    format!(r#"{{"id":<id>,"name":"{name}",{color}"created_at":"{at}","updated_at":"{at}"}}"#)
}

async fn make(actor: &Actor, path: &str, name: &str) -> i64 {
    let made = actor.post(path, json!({"name": name})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["data"]["id"].as_i64().unwrap()
}

async fn each_is_made_read_changed_and_deleted(server: TestServer) {
    let acme = server.tenant("acme").await.wacr().await;
    for (path, noun, _) in NOUNS {
        let made = acme.post(path, json!({"name": " Web "})).await;
        let message = format!("{noun} created successfully");
        made.assert(201, &success(&shape(noun, "Web", "null"), &message));
        let own = format!("{path}/{}", made.json()["data"]["id"]);
        let message = format!("{noun} retrieved successfully");
        let found = acme.get(&own).await;
        found.assert(200, &success(&shape(noun, "Web", "null"), &message));
        let changed = acme.patch(&own, json!({"name": "Shop"})).await;
        let message = format!("{noun} updated successfully");
        changed.assert(200, &success(&shape(noun, "Shop", "null"), &message));
        let message = format!("{noun} deleted successfully");
        let deleted = acme.delete(&own, Value::Null).await;
        deleted.assert(200, &success("null", &message));
        let absent = said("NOT_FOUND", &format!("{noun} not found"), "null");
        acme.get(&own).await.assert(404, &absent);
        acme.delete(&own, Value::Null).await.assert(404, &absent);
        acme.patch(&own, json!({"name": "Shop"}))
            .await
            .assert(404, &absent);
    }
}

async fn a_name_is_taken_once_in_a_tenant(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let other = server.tenant("globex").await.wacr().await;
    for (path, noun, _) in NOUNS {
        let lower = noun.to_lowercase();
        let taken = format!(r#""name":["A {lower} with this name already exists"]"#);
        let web = make(&acme, path, "Web").await;
        let shop = make(&acme, path, "Shop").await;
        make(&other, path, "Web").await;
        acme.post(path, json!({"name": "Web"}))
            .await
            .assert(422, &refused(&taken));
        let (web, shop) = (format!("{path}/{web}"), format!("{path}/{shop}"));
        acme.patch(&shop, json!({"name": "Web"}))
            .await
            .assert(422, &refused(&taken));
        // Its own name is free for itself.
        let same = acme.patch(&web, json!({"name": "Web"})).await;
        assert_eq!(same.status, 200);
        // Names are compared before the id is looked up.
        acme.patch(&format!("{path}/1"), json!({"name": "Web"}))
            .await
            .assert(422, &refused(&taken));
    }
}

on_both_engines!(
    each_is_made_read_changed_and_deleted,
    a_name_is_taken_once_in_a_tenant,
    what_contacts_have_stays,
    lists_are_sorted_searched_and_paged,
);

#[tokio::test]
async fn a_name_is_required_and_short() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.wacr().await;
    for (path, noun, _) in NOUNS {
        let id = make(&acme, path, "Web").await;
        let missing = format!(r#""name":["{noun} name is required"]"#);
        let long = r#""name":["The name field must not be greater than 255 characters."]"#;
        let wrong = r#""name":["The name field must be a string."]"#;
        let own = format!("{path}/{id}");
        for (body, told) in [
            (json!({}), missing.as_str()),
            (json!({"name": null}), &missing),
            (json!({"name": "  "}), &missing),
            (json!([]), &missing),
            (json!({"name": "é".repeat(256)}), long),
            (json!({"name": 7}), wrong),
        ] {
            let reply = acme.post(path, body.clone()).await;
            reply.assert(422, &refused(told));
            acme.patch(&own, body).await.assert(422, &refused(told));
        }
        let longest = acme.post(path, json!({"name": "é".repeat(255)})).await;
        assert_eq!(longest.status, 201);
    }
}

#[tokio::test]
async fn a_status_has_a_colour_as_it_was_given() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.wacr().await;
    let path = "/api/v2/statuses";
    let made = acme.post(path, json!({"name": "Won", "color": "#fF5733"}));
    let made = made.await.json();
    assert_eq!(made["data"]["color"], "#fF5733");
    let own = format!("{path}/{}", made["data"]["id"]);
    for (body, color) in [
        (json!({"name": "Won"}), json!("#fF5733")),
        (json!({"name": "Won", "color": "#000000"}), json!("#000000")),
        (json!({"name": "Won", "color": null}), json!(null)),
        (json!({"name": "Won", "color": "#000001"}), json!("#000001")),
        (json!({"name": "Won", "color": ""}), json!(null)),
    ] {
        let changed = acme.patch(&own, body).await.json();
        assert_eq!(changed["data"]["color"], color);
    }
    let rule = r##""Color must be a valid hex color code (e.g., #FF5733)""##;
    let long = r#""The color field must not be greater than 7 characters.""#;
    for (color, told) in [
        (json!("red"), rule.to_owned()),
        (json!("#12345"), rule.to_owned()),
        (json!("#12345g"), rule.to_owned()),
        (json!("#1234567"), format!("{long},{rule}")),
        (json!(7), r#""The color field must be a string.""#.into()),
    ] {
        let body = json!({"name": "Lost", "color": color});
        let told = refused(&format!(r#""color":[{told}]"#));
        acme.post(path, body.clone()).await.assert(422, &told);
        acme.patch(&own, body).await.assert(422, &told);
    }
    // The others have none.
    let body = json!({"name": "Web", "color": "red"});
    let made = acme.post("/api/v2/sources", body).await;
    made.assert(
        201,
        &success(
            &shape("Source", "Web", "null"),
            "Source created successfully",
        ),
    );
}

async fn what_contacts_have_stays(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    for (noun, path, field, default) in [
        ("source", "/api/v2/sources", "source_id", tenant.source_id()),
        (
            "status",
            "/api/v2/statuses",
            "status_id",
            tenant.status_id(),
        ),
    ] {
        let id = make(&acme, path, "Fair").await;
        for last in 0..3 {
            let mut body = person(&tenant, &format!("+91987654{id:03}{last}"));
            body[field] = json!(id);
            assert_eq!(acme.post("/api/v2/contacts", body).await.status, 201);
        }
        let told = format!("Cannot delete {noun} because it is assigned to contacts");
        acme.delete(&format!("{path}/{id}"), Value::Null)
            .await
            .assert(409, &said("CONFLICT", &told, r#"{"contacts_count":3}"#));
        let told = format!("Cannot delete {noun} because new contacts get it by default");
        acme.delete(&format!("{path}/{default}"), Value::Null)
            .await
            .assert(409, &said("CONFLICT", &told, "null"));
        assert_eq!(acme.get(&format!("{path}/{id}")).await.status, 200);
    }
}

async fn lists_are_sorted_searched_and_paged(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    for (path, _, nouns) in NOUNS {
        let before = acme.get(path).await.json()["meta"]["pagination"]["total"].clone();
        let mut made = Vec::new();
        for name in ["Berlin fair", "Web", "Cape Town fair"] {
            made.push(make(&acme, path, name).await);
        }
        let list = async |query: &str| acme.get(&format!("{path}?{query}")).await;
        let all = list("").await.json();
        assert_eq!(all["message"], format!("{nouns} retrieved successfully"));
        let total = before.as_i64().unwrap() + 3;
        assert_eq!(all["meta"]["pagination"]["total"], total);
        // Newest first; ties by the id.
        assert_eq!(ids(&all)[..3], [made[2], made[1], made[0]]);
        for (query, expected) in [
            ("q=FAIR", vec![2, 0]),
            ("search=fair&q=web", vec![2, 0]),
            ("search=fair&sort=name", vec![0, 2]),
            ("search=fair&sort=-name,id", vec![2, 0]),
            ("filter[name]=Web", vec![1]),
            ("filter[name][like]=eb", vec![1]),
            ("filter[name][in]=Web,Berlin+fair", vec![1, 0]),
            ("filter[name][like]=%25fair&page=2&per_page=1", vec![0]),
            (
                "filter[name][ne]=Web&filter[name][like]=e&filter[created_at]=2026-03-10&\
                 filter[unknown]=9&q=fair",
                vec![2, 0],
            ),
            ("filter[created_at][lt]=2026-03-10", vec![]),
            ("q=fair&page=9", vec![]),
        ] {
            let found = list(query).await.json();
            let expected: Vec<i64> = expected.into_iter().map(|it| made[it]).collect();
            assert_eq!(ids(&found), expected, "{path}?{query}");
        }
        let picked = list("q=web&fields=name,nothing").await.json();
        assert_eq!(picked["data"], json!([{"name": "Web"}]));
    }
}

#[tokio::test]
async fn a_page_tells_where_it_is() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.wacr().await;
    for name in ["a", "b", "c"] {
        make(&acme, "/api/v2/groups", name).await;
    }
    let page = acme.get("/api/v2/groups?per_page=2&page=2&sort=name").await;
    let at = "2026-03-10T08:15:00+00:00";
    page.assert(
        200,
        &format!(
            r#"{{"success":true,"data":[{}],"message":"Groups retrieved successfully",
            "meta":{{"request_id":"<uuid>","timestamp":"{at}",
            "pagination":{{"current_page":2,"per_page":2,"total":3,"last_page":2,"from":3,"to":3}}}},
            "links":{{"first":"http://localhost/api/v2/groups?per_page=2&sort=name&page=1",
            "last":"http://localhost/api/v2/groups?per_page=2&sort=name&page=2",
            "prev":"http://localhost/api/v2/groups?per_page=2&sort=name&page=1","next":null}}}}"#,
            shape("Group", "c", "null")
        ),
    );
    let empty = acme.get("/api/v2/groups?per_page=x&page=-3&q=nobody");
    let empty = empty.await.json();
    let expected = json!({"current_page": 1, "per_page": 15, "total": 0, "last_page": 1,
        "from": null, "to": null});
    assert_eq!(empty["meta"]["pagination"], expected);
    for (asked, most) in [("0", 1), ("-1", 1), ("100", 100), ("101", 100)] {
        let page = format!("/api/v2/groups?per_page={asked}");
        let page = acme.get(&page).await.json();
        assert_eq!(page["meta"]["pagination"]["per_page"], most, "{asked}");
    }
}

#[tokio::test]
async fn what_is_no_id_or_anothers_is_not_found() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.tireless(Api::WaCr).await;
    let globex = server.tenant("globex").await.wacr().await;
    for (path, noun, _) in NOUNS {
        let absent = said("NOT_FOUND", &format!("{noun} not found"), "null");
        let theirs = make(&globex, path, "Web").await.to_string();
        for id in [
            theirs.as_str(),
            "abc",
            "0",
            "-1",
            "1.0",
            "9007199254740992",
            "99999999999999999999",
            "%ff",
        ] {
            let own = format!("{path}/{id}");
            let absent = if id == "%ff" {
                said("NOT_FOUND", "Endpoint not found", "null")
            } else {
                absent.clone()
            };
            acme.get(&own).await.assert(404, &absent);
            acme.delete(&own, Value::Null).await.assert(404, &absent);
            acme.patch(&own, json!({"name": "Mine"}))
                .await
                .assert(404, &absent);
        }
        let kept = globex.get(&format!("{path}/{theirs}")).await;
        assert_eq!(kept.json()["data"]["name"], "Web");
    }
}

#[tokio::test]
async fn each_needs_its_scope() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for (path, _, nouns) in NOUNS {
        let nouns = nouns.to_lowercase();
        for (right, allowed) in [
            ("read", [200, 403, 200, 403, 403]),
            ("write", [403, 201, 403, 200, 403]),
            ("delete", [403, 403, 403, 403, 200]),
        ] {
            let everybody = tenant.wacr().await;
            let own = make(&everybody, path, right).await;
            let own = format!("{path}/{own}");
            let scoped = super::scoped(&tenant, &format!("{nouns}:{right}")).await;
            let statuses: [StatusCode; 5] = [
                scoped.get(path).await.status,
                scoped
                    .post(path, json!({"name": format!("new {right}")}))
                    .await
                    .status,
                scoped.get(&own).await.status,
                scoped.patch(&own, json!({"name": right})).await.status,
                scoped.delete(&own, Value::Null).await.status,
            ];
            assert_eq!(
                statuses.map(|it| it.as_u16()),
                allowed,
                "{path} with {right}"
            );
        }
    }
}
