//! Reactions by `POST /send-whatsapp`.

use serde_json::{Value, json};
use test_support::TestServer;

use super::messages::{PHONE, send, shop};

const WAMID: &str = "wamid.HBgLMjc4MjExMTIyMzMVAgARGBI5QUY0";

fn reaction(reaction: &Value) -> Value {
    json!({
        "phone_number": PHONE, "message_type": "reaction", "reaction": reaction,
        "context_message_id": "wamid.ANOTHER",
    })
}

#[tokio::test]
async fn a_reaction_is_a_thumb_unless_it_says_otherwise() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    for (given, emoji) in [
        (json!({"message_id": WAMID}), "👍"),
        (json!({"message_id": WAMID, "emoji": "🎉"}), "🎉"),
        // WhatsApp takes the reaction back.
        (json!({"message_id": WAMID, "emoji": ""}), ""),
    ] {
        let reply = send(&acme, reaction(&given)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.json()["data"]["message_type"], "reaction");
        let sent = server.simulator().sent().pop().unwrap();
        let expected = json!({"message_id": WAMID, "emoji": emoji});
        assert_eq!(sent.body["reaction"], expected);
        // It is to a message already.
        assert_eq!(sent.body.get("context"), None);
    }
}

#[tokio::test]
async fn a_reaction_names_a_message() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    for given in [json!(null), json!({}), json!({"emoji": "🎉"})] {
        send(&acme, reaction(&given)).await.assert(
            400,
            r#"{"error":"Missing required field",
            "message":"reaction.message_id is required for reaction messages"}"#,
        );
    }
}
