//! `POST /api/v2/messages/interactive`.

use serde_json::{Value, json};
use test_support::TestServer;

use super::{PHONE, complaints, send, shop};

fn buttons(buttons: &Value) -> Value {
    json!({"phone": PHONE, "type": "button", "body_text": "Well?", "buttons": buttons})
}

fn list(sections: &Value) -> Value {
    json!({
        "phone": PHONE, "type": "list", "body_text": "Which?", "list_button_text": "Sizes",
        "sections": sections,
    })
}

async fn buttons_reach_whatsapp(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let mut body = buttons(&json!([{"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}]));
    body["header_text"] = json!("Order 7");
    body["footer_text"] = json!("The shop");
    let reply = send(&acme, "interactive", body).await;
    let row = tenant.messages(PHONE).await.remove(0);
    let expected = format!(
        r#"{{"success":true,"data":{{"message_id":"<wamid>","contact_id":{},
        "phone":"27821112233","type":"button","status":"sent",
        "sent_at":"2026-03-10T08:15:00+00:00","chat_id":{},"chat_message_id":{}}},
        "message":"Interactive message sent successfully",
        "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:15:00+00:00"}}}}"#,
        row.contact_id, row.conversation_id, row.id
    );
    reply.assert(200, &expected);
    let button = |id, title| json!({"type": "reply", "reply": {"id": id, "title": title}});
    assert_eq!(
        server.simulator().sent()[0].body["interactive"],
        json!({
            "type": "button",
            "header": {"type": "text", "text": "Order 7"},
            "body": {"text": "Well?"},
            "footer": {"text": "The shop"},
            "action": {"buttons": [button("y", "Yes"), button("n", "No")]},
        })
    );
}

async fn a_list_reaches_whatsapp(server: TestServer) {
    let (_, acme) = shop(&server).await;
    let sections = json!([
        {"title": "Small", "rows": [{"id": "s", "title": "S", "description": "36 to 38"}]},
        {"title": "Large", "rows": [{"id": "l", "title": "L"}]},
    ]);
    let reply = send(&acme, "interactive", list(&sections)).await;
    assert_eq!(reply.json()["data"]["type"], "list", "{}", reply.text());
    assert_eq!(
        server.simulator().sent()[0].body["interactive"],
        json!({
            "type": "list",
            "body": {"text": "Which?"},
            "action": {"button": "Sizes", "sections": sections},
        })
    );
}

on_both_engines!(buttons_reach_whatsapp, a_list_reaches_whatsapp);

async fn assert_complaints(cases: Vec<(Value, Value)>) {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    for (body, expected) in cases {
        let reply = send(&acme, "interactive", body).await;
        assert_eq!(Value::from(complaints(&reply)), expected);
    }
    assert!(tenant.messages(PHONE).await.is_empty());
}

fn row(id: &str) -> Value {
    json!({"id": id, "title": "S"})
}

#[tokio::test]
async fn everything_wrong_with_buttons_is_said_at_once_and_where() {
    assert_complaints(vec![
        (
            json!({}),
            json!({
                "phone": ["Phone number is required"],
                "type": ["The type field is required."],
                "body_text": ["The body text field is required."],
            }),
        ),
        (
            json!({"phone": PHONE, "type": "carousel", "body_text": "é".repeat(1025),
                "header_text": "é".repeat(61), "footer_text": "é".repeat(61)}),
            json!({
                "type": ["The selected type is invalid."],
                "body_text": ["The body text field must not be greater than 1024 characters."],
                "header_text": ["The header text field must not be greater than 60 characters."],
                "footer_text": ["The footer text field must not be greater than 60 characters."],
            }),
        ),
        (
            buttons(&json!([])),
            json!({"buttons": ["The buttons field is required."]}),
        ),
        (
            buttons(&json!("Yes")),
            json!({"buttons": ["The buttons field must be an array."]}),
        ),
        (
            buttons(&json!(vec![row("y"); 4])),
            json!({"buttons": ["The buttons field must not have more than 3 items."]}),
        ),
        (
            buttons(&json!([{"title": "Yes"}, "No", {"id": "n", "title": "é".repeat(21)}])),
            json!({
                "buttons.0.id": ["The buttons.0.id field is required."],
                "buttons.1": ["The buttons.1 field must be an array."],
                "buttons.2.title":
                    ["The buttons.2.title field must not be greater than 20 characters."],
            }),
        ),
        (
            buttons(&json!([row("y"), row("y")])),
            json!({"buttons.1.id": ["The buttons.1.id field has a duplicate value."]}),
        ),
    ])
    .await;
}

#[tokio::test]
async fn everything_wrong_with_a_list_is_said_at_once_and_where() {
    let six = |from: usize| {
        (from..from + 6)
            .map(|id| row(&id.to_string()))
            .collect::<Vec<_>>()
    };
    assert_complaints(vec![
        (
            json!({"phone": PHONE, "type": "list", "body_text": "Which?"}),
            json!({
                "list_button_text": ["The list button text field is required."],
                "sections": ["The sections field is required."],
            }),
        ),
        (
            list(&json!([
                {"rows": [{"id": "s", "title": "é".repeat(25), "description": "é".repeat(73)}]},
                {"title": "é".repeat(25), "rows": []},
            ])),
            json!({
                "sections.0.title": ["The sections.0.title field is required."],
                "sections.0.rows.0.title":
                    ["The sections.0.rows.0.title field must not be greater than 24 characters."],
                "sections.0.rows.0.description": ["The sections.0.rows.0.description field must \
                    not be greater than 72 characters."],
                "sections.1.title":
                    ["The sections.1.title field must not be greater than 24 characters."],
                "sections.1.rows": ["The sections.1.rows field is required."],
            }),
        ),
        (
            list(&json!(vec![json!({"title": "T", "rows": [row("s")]}); 11])),
            json!({"sections": ["The sections field must not have more than 10 items."]}),
        ),
        (
            list(&json!([{"title": "T", "rows": six(0)}, {"title": "U", "rows": six(6)}])),
            json!({"sections": ["The sections field must not have more than 10 rows in all."]}),
        ),
    ])
    .await;
}
