//! What Meta tells of templates.

use domain::template::Template;
use serde_json::{Value, json};
use test_support::{Meta, TestServer, TestTenant};

async fn start() -> (TestServer, TestTenant, Meta) {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let meta = acme.meta("1001").await;
    let caller = acme.operator();
    server.operations.sync_templates(&caller).await.unwrap();
    (server, acme, meta)
}

async fn template(server: &TestServer, acme: &TestTenant, id: &str) -> Template {
    let caller = acme.operator();
    let found = server.operations.template_by_meta_id(&caller, id).await;
    found.unwrap()
}

async fn id_of(server: &TestServer, acme: &TestTenant) -> String {
    let caller = acme.operator();
    let found = server
        .operations
        .find_template(&caller, "hello_world", None);
    found.await.unwrap().meta_id
}

/// Ids are integers here, and languages have a hyphen.
fn told(meta: &Meta, field: &str, id: &str, parts: &Value) -> Value {
    let mut value = json!({
        "message_template_id": id.parse::<u64>().unwrap(),
        "message_template_name": "hello_world", "message_template_language": "en-US",
    });
    for (key, part) in parts.as_object().unwrap() {
        value[key] = part.clone();
    }
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": meta.channel.waba_id, "time": 1_773_130_500,
            "changes": [{"field": field, "value": value}]}],
    })
}

#[tokio::test]
async fn a_template_is_what_was_said_of_it_last() {
    let (server, acme, meta) = start().await;
    let id = id_of(&server, &acme).await;
    let status = |event: &str, reason: &str| {
        let parts = json!({"event": event, "reason": reason});
        told(&meta, "message_template_status_update", &id, &parts)
    };
    meta.say(&status("REJECTED", "SCAM")).await;
    let it = template(&server, &acme, &id).await;
    assert_eq!(
        (&*it.status, it.rejected_reason.as_deref()),
        ("REJECTED", Some("SCAM"))
    );
    meta.say(&status("PAUSED", "NONE")).await;
    let it = template(&server, &acme, &id).await;
    assert_eq!((&*it.status, it.rejected_reason), ("PAUSED", None));
    meta.say(&status("REINSTATED", "NONE")).await;
    assert!(template(&server, &acme, &id).await.is_approved());
    // One that is flagged is sent until it is paused.
    meta.say(&status("FLAGGED", "NONE")).await;
    assert!(template(&server, &acme, &id).await.is_approved());
    let quality = json!({"previous_quality_score": "GREEN", "new_quality_score": "YELLOW"});
    meta.say(&told(
        &meta,
        "message_template_quality_update",
        &id,
        &quality,
    ))
    .await;
    let category = json!({"previous_category": "UTILITY", "new_category": "MARKETING"});
    meta.say(&told(&meta, "template_category_update", &id, &category))
        .await;
    // A warning names the category it still has.
    let warning = json!({"new_category": "UTILITY", "correct_category": "MARKETING"});
    meta.say(&told(&meta, "template_category_update", &id, &warning))
        .await;
    let it = template(&server, &acme, &id).await;
    assert_eq!(
        (it.quality.as_deref(), &*it.category),
        (Some("YELLOW"), "MARKETING")
    );
    meta.say(&status("DELETED", "NONE")).await;
    let caller = acme.operator();
    let gone = server
        .operations
        .find_template(&caller, "hello_world", None);
    assert!(gone.await.is_err());
}

#[tokio::test]
async fn whatever_meta_tells_has_it_asked_for_the_list() {
    let (server, acme, meta) = start().await;
    let id = id_of(&server, &acme).await;
    let system = server.database.system();
    let due = async || {
        let due = system.due_template_accounts(server.clock.now()).await;
        due.unwrap().len()
    };
    assert_eq!(due().await, 0);
    let said = json!({"message_template_element": "Bom dia!"});
    meta.say(&told(
        &meta,
        "message_template_components_update",
        &id,
        &said,
    ))
    .await;
    server.clock.advance_seconds(5);
    assert_eq!(due().await, 1);
    let paused = json!({"event": "PAUSED"});
    meta.say(&told(&meta, "message_template_status_update", &id, &paused))
        .await;
    assert_eq!(template(&server, &acme, &id).await.status, "PAUSED");
    server.clock.advance_seconds(5);
    server.operations.sync_due_templates().await.unwrap();
    // The list knows better than what was told.
    assert!(template(&server, &acme, &id).await.is_approved());
    assert_eq!(due().await, 0);
}
