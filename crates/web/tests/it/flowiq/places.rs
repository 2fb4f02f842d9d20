//! Places by `POST /send-whatsapp`.

use serde_json::{Value, json};
use test_support::TestServer;

use super::messages::{PHONE, send, shop};

fn place(location: &Value) -> Value {
    json!({"phone_number": PHONE, "message_type": "location", "location": location})
}

#[tokio::test]
async fn a_place_reaches_whatsapp_with_its_name_and_address() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let whole = json!({
        "latitude": -33.9249, "longitude": 18.4241,
        "name": "The shop", "address": "1 Long Street, Cape Town",
    });
    // The point off the coast of Africa is a place too.
    for location in [whole, json!({"latitude": 0.0, "longitude": 0.0})] {
        let reply = send(&acme, place(&location)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.json()["data"]["message_type"], "location");
        let sent = server.simulator().sent().pop().unwrap();
        assert_eq!(sent.body["location"], location);
    }
}

#[tokio::test]
async fn a_place_says_what_is_wrong_with_it() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let missing = r#"{"error":"Missing required field","message":"location.latitude and location.longitude are required for location messages"}"#;
    let invalid = |message| format!(r#"{{"error":"Invalid request body","message":"{message}"}}"#);
    let outside =
        |message| format!(r#"{{"error":"Invalid location message","message":"{message}"}}"#);
    for (location, expected) in [
        (json!(null), missing.to_owned()),
        (json!({}), missing.to_owned()),
        (json!({"latitude": 1}), missing.to_owned()),
        (json!({"longitude": 1}), missing.to_owned()),
        (json!("here"), invalid("location must be an object")),
        (
            json!({"latitude": "1", "longitude": 1}),
            invalid("location.latitude must be a number"),
        ),
        (
            json!({"latitude": 90.5, "longitude": 1}),
            outside("location.latitude must be from -90 to 90"),
        ),
        (
            json!({"latitude": 1, "longitude": -181}),
            outside("location.longitude must be from -180 to 180"),
        ),
    ] {
        send(&acme, place(&location)).await.assert(400, &expected);
    }
    assert!(tenant.messages(PHONE).await.is_empty());
}
