//! `/api/v2/account`.

use domain::key::Api;
use domain::tenant::{Plan, PlanFeature};
use serde_json::json;
use test_support::{KeyOptions, TestServer};

use super::{person, said, scoped, success};

#[tokio::test]
async fn a_tenant_without_a_plan_has_everything() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.wacr().await;
    let (id, name) = (tenant.tenant.id, &tenant.tenant.name);
    let account = acme.get("/api/v2/account").await;
    let data = format!(
        r#"{{"id":{id},"name":"{name}","subdomain":"acme","status":"active",
        "created_at":"2026-03-10T08:15:00+00:00","subscription":{{"plan_name":"Free",
        "plan_id":null,"status":null,"expires_at":null}}}}"#
    );
    let message = "Account information retrieved successfully";
    account.assert(200, &success(&data, message));
    let unlimited = r#""limit":-1,"remaining":-1,"percentage_used":0.0,"is_unlimited":true"#;
    let none = format!(r#"{{"current":0,{unlimited}}}"#);
    let data = format!(
        r#"{{"contacts":{none},"conversations":{none},"campaigns":{none},"staff":{none}}}"#
    );
    let usage = acme.get("/api/v2/account/usage").await;
    let message = "Usage statistics retrieved successfully";
    usage.assert(200, &success(&data, message));
    let limit = |key: &str, name: &str, limit: i64| {
        let is_unlimited = limit == -1;
        format!(
            r#""{key}":{{"limit":{limit},"feature_name":"{name}","is_unlimited":{is_unlimited}}}"#
        )
    };
    let data = [
        limit("contacts", "Total Contacts", -1),
        limit("conversations", "Conversations per Month", -1),
        limit("campaigns", "Active Campaigns", -1),
        limit("staff", "Team Members", -1),
        limit("api_calls_per_minute", "API Calls per Minute", 60),
    ];
    let data = format!(
        r#"{{"limits":{{{}}},"features":{{"whatsapp_templates":true,"bulk_messaging":true,
        "chatbot":true,"advanced_analytics":true,"api_access":true,"custom_branding":true}}}}"#,
        data.join(",")
    );
    let limits = acme.get("/api/v2/account/limits").await;
    limits.assert(200, &success(&data, "Plan limits retrieved successfully"));
}

async fn a_plan_says_what_there_is_and_how_much_is_used(server: TestServer) {
    let tenant = server.tenant("acme").await;
    let plan = Plan {
        name: Some("Growth".into()),
        id: Some(3),
        status: Some("active".into()),
        expires_at: "2026-12-01T00:00:00Z".parse().ok(),
        conversation_limit: Some(1),
        lacks: vec![PlanFeature::Chatbot],
    };
    tenant.set_plan(Some(3), plan).await;
    let acme = tenant.wacr().await;
    for phone in ["+919876543210", "+919876543211"] {
        let made = acme.post("/api/v2/contacts", person(&tenant, phone)).await;
        assert_eq!(made.status, 201);
    }
    let send = async |phone: &str| {
        let body = json!({"phone": phone, "message": "Hello"});
        acme.post("/api/v2/messages/text", body).await
    };
    assert_eq!(send("+919876543210").await.status, 200);
    let details = r#"{"feature":"conversations","current":1,"maximum":1}"#;
    let full = said(
        "FEATURE_LIMIT_EXCEEDED",
        "Conversation limit reached",
        details,
    );
    send("+919876543211").await.assert(403, &full);
    // One that has begun goes on.
    assert_eq!(send("+919876543210").await.status, 200);
    let account = acme.get("/api/v2/account").await.json();
    let subscription = json!({"plan_name": "Growth", "plan_id": 3, "status": "active",
        "expires_at": "2026-12-01T00:00:00+00:00"});
    assert_eq!(account["data"]["subscription"], subscription);
    let usage = acme.get("/api/v2/account/usage").await.json();
    let contacts = json!({"current": 2, "limit": 3, "remaining": 1, "percentage_used": 66.66,
        "is_unlimited": false});
    assert_eq!(usage["data"]["contacts"], contacts);
    let conversations = json!({"current": 1, "limit": 1, "remaining": 0,
        "percentage_used": 100.0, "is_unlimited": false});
    assert_eq!(usage["data"]["conversations"], conversations);
    let limits = acme.get("/api/v2/account/limits").await.json();
    assert_eq!(limits["data"]["limits"]["contacts"]["limit"], 3);
    assert_eq!(limits["data"]["features"]["chatbot"], false);
    assert_eq!(limits["data"]["features"]["bulk_messaging"], true);
    // The next month has room.
    server.clock.advance_seconds(30 * 86_400);
    let usage = acme.get("/api/v2/account/usage").await.json();
    assert_eq!(usage["data"]["conversations"]["current"], 0);
    assert_eq!(send("+919876543211").await.status, 200);
}

on_both_engines!(a_plan_says_what_there_is_and_how_much_is_used);

#[tokio::test]
async fn a_token_tells_its_own_rate_and_needs_its_scope() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for (rate, limit) in [(Some(600), 600), (Some(0), -1), (None, 60)] {
        let options = KeyOptions {
            rate_per_minute: rate,
            ..KeyOptions::default()
        };
        let actor = tenant.actor(Api::WaCr, options).await;
        let limits = actor.get("/api/v2/account/limits").await.json();
        let calls = &limits["data"]["limits"]["api_calls_per_minute"]["limit"];
        assert_eq!(calls, limit);
    }
    let (reader, other) = (
        scoped(&tenant, "account:read").await,
        scoped(&tenant, "contacts:read").await,
    );
    for path in ["/account", "/account/usage", "/account/limits"] {
        let path = format!("/api/v2{path}");
        assert_eq!(reader.get(&path).await.status, 200);
        assert_eq!(other.get(&path).await.status, 403);
    }
}

#[tokio::test]
async fn a_plan_without_templates_sends_none_and_no_codes() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let plan = Plan {
        lacks: vec![PlanFeature::WhatsappTemplates],
        ..Plan::default()
    };
    tenant.set_plan(None, plan).await;
    let acme = tenant.wacr().await;
    let details = r#"{"feature":"whatsapp_templates"}"#;
    let missing = "WhatsApp templates not available in plan";
    let refused = said("FEATURE_NOT_AVAILABLE", missing, details);
    let template = json!({"phone": "+919876543210", "template_name": "hello_world",
        "language": "en_US"});
    acme.post("/api/v2/messages/template", template)
        .await
        .assert(403, &refused);
    let text = json!({"phone": "+919876543210", "message": "Hello"});
    assert_eq!(acme.post("/api/v2/messages/text", text).await.status, 200);
    let flowiq = json!({"templateName": "hello_world", "whatsappNumber": "+919876543210"});
    let flowiq = tenant.flowiq().await.post("/send-template", flowiq).await;
    assert_eq!(flowiq.status, 403, "{}", flowiq.text());
    assert_eq!(server.simulator().sent().len(), 1);
}
