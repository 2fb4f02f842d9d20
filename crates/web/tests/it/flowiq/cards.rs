//! Contact cards by `POST /send-whatsapp`.

use serde_json::{Value, json};
use test_support::TestServer;

use super::messages::{PHONE, send, shop};

fn cards(cards: &Value) -> Value {
    json!({"phone_number": PHONE, "message_type": "contacts", "contacts": cards})
}

#[tokio::test]
async fn cards_reach_whatsapp_as_it_demands() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let given = json!([
        {
            "name": {"formatted_name": "Lindiwe Dube", "first_name": "Lindiwe"},
            "phones": [{"phone": "+27831114455", "type": "CELL"}, {"phone": "0831114456"}],
        },
        {"name": {"formatted_name": "Dr Who"}, "phones": [{"phone": "+27831114457"}]},
    ]);
    let reply = send(&acme, cards(&given)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["data"]["message_type"], "contacts");
    let sent = server.simulator().sent();
    assert_eq!(
        sent[0].body["contacts"],
        json!([
            {
                "name": {"formatted_name": "Lindiwe Dube", "first_name": "Lindiwe"},
                "phones": [{"phone": "+27831114455", "type": "CELL"}, {"phone": "0831114456"}],
            },
            // WhatsApp takes no name without a part; the whole one stands in.
            {
                "name": {"formatted_name": "Dr Who", "first_name": "Dr Who"},
                "phones": [{"phone": "+27831114457"}],
            },
        ])
    );
}

/// Checks that cards are refused before anything is sent.
async fn assert_refused(cases: impl IntoIterator<Item = (Value, &str)>, error: &str) {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    for (given, message) in cases {
        let expected = format!(r#"{{"error":"{error}","message":"{message}"}}"#);
        send(&acme, cards(&given)).await.assert(400, &expected);
    }
    assert_eq!(server.simulator().requests(), 0);
    assert!(tenant.messages(PHONE).await.is_empty());
}

#[tokio::test]
async fn a_card_says_what_it_lacks() {
    let named = json!({"formatted_name": "Lindiwe Dube"});
    let no_cards = "contacts array is required for contact messages";
    let no_phones = "contacts[0].phones is required for contact messages";
    let cases = [
        (json!(null), no_cards),
        (json!([]), no_cards),
        (
            json!([{"phones": [{"phone": "1"}]}]),
            "contacts[0].name is required for contact messages",
        ),
        (
            json!([{"name": {"first_name": "L"}, "phones": [{"phone": "1"}]}]),
            "contacts[0].name.formatted_name is required for contact messages",
        ),
        (json!([{"name": named}]), no_phones),
        (json!([{"name": named, "phones": []}]), no_phones),
        (
            json!([{"name": named, "phones": [{"type": "CELL"}]}]),
            "contacts[0].phones[0].phone is required for contact messages",
        ),
    ];
    assert_refused(cases, "Missing required field").await;
}

#[tokio::test]
async fn a_part_of_a_card_that_is_something_else_is_named() {
    let named = json!({"formatted_name": "Lindiwe Dube"});
    let cases = [
        (json!({}), "contacts must be an array"),
        (json!(["Lindiwe"]), "contacts[0] must be an object"),
        (
            json!([{"name": "Lindiwe", "phones": [{"phone": "1"}]}]),
            "contacts[0].name must be an object",
        ),
        (
            json!([{"name": named, "phones": "1"}]),
            "contacts[0].phones must be an array",
        ),
        (
            json!([{"name": named, "phones": [{"phone": "1", "type": 1}]}]),
            "contacts[0].phones[0].type must be a string",
        ),
    ];
    assert_refused(cases, "Invalid request body").await;
}

#[tokio::test]
async fn a_message_has_257_cards_at_most() {
    let card = json!({"name": {"formatted_name": "L"}, "phones": [{"phone": "1"}]});
    let too_many = [(
        json!(vec![card; 258]),
        "contacts may have 257 entries at most",
    )];
    assert_refused(too_many, "Invalid contacts message").await;
}
