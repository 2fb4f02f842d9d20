//! `/api/v2/templates`.

use domain::key::{Api, Scope, Scopes};
use serde_json::{Value, json};
use test_support::{Actor, KeyOptions, Setup, TestServer, TestTenant};

const SYNC: &str = "/api/v2/templates/sync";

fn failure(code: &str, message: &str, details: &str) -> String {
    format!(
        r#"{{"success":false,"error":{{"code":"{code}","message":"{message}","details":{details}}},
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
    )
}

/// Returns WhatsApp's id of a template.
async fn id_of(server: &TestServer, tenant: &TestTenant, name: &str) -> String {
    let caller = tenant.operator();
    let found = server.operations.find_template(&caller, name, None).await;
    found.unwrap().meta_id
}

async fn show(actor: &Actor, id: &str) -> Value {
    let reply = actor.get(&format!("/api/v2/templates/{id}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let mut data = reply.json()["data"].take();
    assert!(data["id"].is_i64());
    assert_eq!(data["template_id"], id);
    let given = data.as_object_mut().unwrap();
    for key in ["id", "template_id"] {
        given.remove(key);
    }
    data
}

async fn a_sync_says_what_it_changed(server: TestServer) {
    let acme = server.tenant("acme").await.wacr().await;
    let synced = |counts: &str| {
        format!(
            r#"{{"success":true,"data":{{{counts},"synced_at":"2026-03-10T08:15:00+00:00"}},
            "message":"Templates synced successfully",
            "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#
        )
    };
    let first = synced(r#""total":5,"created":5,"updated":0,"deleted":0"#);
    acme.post(SYNC, json!({})).await.assert(200, &first);
    let again = synced(r#""total":5,"created":0,"updated":0,"deleted":0"#);
    acme.post(SYNC, json!(null)).await.assert(200, &again);
}

#[tokio::test]
async fn a_template_is_fetched_by_whatsapps_id() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let id = id_of(&server, &tenant, "order_confirmation").await;
    let template = show(&acme, &id).await;
    assert_eq!(
        template["buttons_data"],
        json!([
            {"type": "URL", "text": "Track it", "url": "https://shop.example/orders/{{1}}",
                "example": ["https://shop.example/orders/860198"]},
            {"type": "QUICK_REPLY", "text": "Ask us"},
        ])
        .to_string()
    );
    let mut rest = template;
    let given = rest.as_object_mut().unwrap();
    given.remove("buttons_data");
    assert_eq!(given.remove("components").unwrap()[0]["type"], "BODY");
    assert_eq!(
        rest,
        json!({
            "template_name": "order_confirmation", "name": "order_confirmation",
            "language": "en_US", "category": "UTILITY", "status": "APPROVED",
            "header_data_format": "NONE", "header_data_text": null, "header_params_count": 0,
            "header_file_url": null, "header_variable_value": null,
            "body_data": "Thank you, {{1}}. Your order {{2}} is confirmed and on its way.",
            "body_params_count": 2, "body_variable_value": r#"["Pablo","860198"]"#,
            "footer_data": null, "footer_params_count": 0, "message_send_ttl_seconds": null,
            "add_security_recommendation": false, "code_expiration_minutes": null,
            "otp_button_config": null,
            "created_at": "2026-03-10T08:15:00+00:00", "updated_at": "2026-03-10T08:15:00+00:00",
        })
    );
}

#[tokio::test]
async fn headers_and_codes_say_what_they_are() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let sale = show(&acme, &id_of(&server, &tenant, "summer_sale").await).await;
    assert_eq!(sale["header_data_format"], "IMAGE");
    assert_eq!(sale["header_file_url"], "https://shop.example/sale.jpg");
    assert_eq!(sale["footer_data"], "Reply STOP to hear no more");
    let id = id_of(&server, &tenant, "appointment_reminder").await;
    let reminder = show(&acme, &id).await;
    assert_eq!(reminder["header_data_format"], "TEXT");
    assert_eq!(reminder["header_data_text"], "See you, {{first_name}}");
    assert_eq!(reminder["header_params_count"], 1);
    assert_eq!(reminder["header_variable_value"], r#"["Pablo"]"#);
    assert_eq!(reminder["body_variable_value"], r#"["Pablo","Monday"]"#);
    let code = show(&acme, &id_of(&server, &tenant, "verification_code").await).await;
    assert_eq!(code["add_security_recommendation"], true);
    assert_eq!(code["code_expiration_minutes"], 10);
}

#[tokio::test]
async fn what_is_nobodys_or_anothers_is_not_found() {
    let server = TestServer::start().await;
    let (acme, globex) = (server.tenant("acme").await, server.tenant("globex").await);
    let theirs = id_of(&server, &globex, "hello_world").await;
    let actor = acme.wacr().await;
    for id in [
        &*theirs,
        "1",
        "hello_world",
        "%00",
        "9999999999999999999999",
    ] {
        let reply = actor.get(&format!("/api/v2/templates/{id}")).await;
        reply.assert(404, &failure("NOT_FOUND", "Template not found", "null"));
    }
}

#[tokio::test]
async fn each_has_its_scope() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let only = async |scope| {
        let options = KeyOptions {
            scopes: Some([scope].into_iter().collect::<Scopes>()),
            ..KeyOptions::default()
        };
        tenant.actor(Api::WaCr, options).await
    };
    let missing = |scope: &str| {
        let message = format!("Token missing {scope} scope");
        let details = format!(r#"{{"required_scope":"{scope}"}}"#);
        failure("INSUFFICIENT_SCOPE", &message, &details)
    };
    let (reader, syncer) = (
        only(Scope::TemplatesRead).await,
        only(Scope::TemplatesSync).await,
    );
    let synced = reader.post(SYNC, json!({})).await;
    synced.assert(403, &missing("templates:sync"));
    let read = syncer.get("/api/v2/templates/1").await;
    read.assert(403, &missing("templates:read"));
    assert_eq!(reader.get("/api/v2/templates/1").await.status, 404);
    assert_eq!(syncer.post(SYNC, json!({})).await.status, 200);
}

#[tokio::test]
async fn without_a_line_nothing_can_be_asked_for() {
    let setup = Setup {
        has_simulator: false,
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let acme = server.tenant("acme").await.wacr().await;
    let message = "WhatsApp not configured for this account";
    let unconnected = failure("WHATSAPP_NOT_CONFIGURED", message, "null");
    acme.post(SYNC, json!({})).await.assert(422, &unconnected);
    let missing = failure("NOT_FOUND", "Template not found", "null");
    acme.get("/api/v2/templates/1").await.assert(404, &missing);
    let mut server = TestServer::start().await;
    let acme = server.tenant("acme").await.wacr().await;
    server.lose_simulator().await;
    let failed = acme.post(SYNC, json!({})).await;
    assert_eq!(failed.status, 500);
    let error = &failed.json()["error"];
    assert_eq!(error["code"], "INTERNAL_ERROR");
    assert_eq!(error["message"], "Failed to sync templates");
}

async fn names(actor: &Actor, query: &str) -> Vec<String> {
    let reply = actor.get(&format!("/api/v2/templates?{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let data = reply.json()["data"].take();
    let rows = data.as_array().unwrap().iter();
    rows.map(|row| row["template_name"].as_str().unwrap().to_owned())
        .collect()
}

async fn templates_are_listed_as_they_are_asked_for(server: TestServer) {
    let acme = server.tenant("acme").await.wacr().await;
    let all = acme.get("/api/v2/templates?sort=template_name").await;
    let pagination = &all.json()["meta"]["pagination"];
    assert_eq!(
        (&pagination["total"], &pagination["to"]),
        (&json!(5), &json!(5))
    );
    assert_eq!(all.json()["message"], "Templates retrieved successfully");
    for row in all.json()["data"].as_array().unwrap() {
        assert!(row.get("components").is_none() && row["body_data"].is_string());
    }
    let every = names(&acme, "sort=template_name").await;
    assert!(every.is_sorted(), "{every:?}");
    let mut backwards = names(&acme, "sort=-template_name").await;
    backwards.reverse();
    assert_eq!(backwards, every);
    assert_eq!(
        names(&acme, "per_page=2&page=2&sort=template_name").await,
        every[2..4]
    );
    assert_eq!(names(&acme, "search=CONFIRM").await, ["order_confirmation"]);
    assert_eq!(
        names(&acme, "filter[template_name]=order_confirmation").await,
        ["order_confirmation"]
    );
    assert_eq!(
        names(&acme, "filter[status]=REJECTED").await,
        Vec::<String>::new()
    );
    let codes = names(&acme, "filter[category]=AUTHENTICATION").await;
    assert_eq!(names(&acme, "q=authentication").await, codes);
    assert!(!codes.is_empty() && codes.len() < 5);
    let one = acme
        .get("/api/v2/templates?fields=language,id,nothing&per_page=1")
        .await;
    let keys = one.json()["data"][0].as_object().unwrap().len();
    assert_eq!(keys, 2);
}

async fn templates_that_carry_codes_have_a_list_of_their_own(server: TestServer) {
    let acme = server.tenant("acme").await.wacr().await;
    let codes = names(&acme, "filter[category]=AUTHENTICATION&sort=template_name").await;
    let listed = acme.get("/api/v2/auth/templates?sort=template_name").await;
    assert_eq!(listed.status, 200, "{}", listed.text());
    let listed = listed.json();
    let message = "Authentication templates retrieved successfully";
    assert_eq!(listed["message"], message);
    let rows = listed["data"].as_array().unwrap();
    assert_eq!(rows.len(), codes.len());
    for (row, name) in rows.iter().zip(&codes) {
        assert_eq!(row["template_name"], name.as_str());
        assert_eq!(row["status"], "APPROVED");
        assert!(row["body_text"].as_str().unwrap().contains("{{1}}"));
        assert_eq!(row["header_format"], "NONE");
    }
    let none = acme.get("/api/v2/auth/templates?search=order").await;
    assert_eq!(none.json()["data"], json!([]));
    let other = acme.get("/api/v2/auth/templates?filter[language]=xx").await;
    assert_eq!(other.json()["meta"]["pagination"]["total"], 0);
}

on_both_engines!(
    a_sync_says_what_it_changed,
    templates_are_listed_as_they_are_asked_for,
    templates_that_carry_codes_have_a_list_of_their_own,
);

#[tokio::test]
async fn lists_of_templates_need_the_scope() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let options = KeyOptions {
        scopes: Scopes::parse("templates:sync").ok(),
        ..KeyOptions::default()
    };
    let acme = tenant.actor(Api::WaCr, options).await;
    for path in ["/api/v2/templates", "/api/v2/auth/templates"] {
        let details = r#"{"required_scope":"templates:read"}"#;
        let missing = "Token missing templates:read scope";
        let refused = failure("INSUFFICIENT_SCOPE", missing, details);
        acme.get(path).await.assert(403, &refused);
    }
}
