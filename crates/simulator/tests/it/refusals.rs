//! What is not taken, in Meta's words.

use serde_json::{Value, json};

use crate::business::{Business, LINE, read, to_somebody};

/// Checks that a message is refused by Graph's own validator, which gives no details.
async fn assert_invalid(message: Value, text: &str) {
    let business = Business::start().await;
    let (status, mut answer) = business.send(&message).await;
    let id = answer["error"]["fbtrace_id"].take();
    let id = id.as_str().unwrap();
    assert!(id.len() == 23 && id.starts_with('A'), "{id}");
    let error = json!({
        "message": format!("(#100) {text}"), "type": "OAuthException", "code": 100,
        "fbtrace_id": null,
    });
    assert_eq!((status, answer), (400, json!({"error": error})));
    assert!(business.simulator.sent().is_empty());
    assert_eq!(business.simulator.requests(), 1);
}

/// Checks that a message is refused by WhatsApp's validator, which gives details.
async fn assert_refused(message: Value, code: i64, title: &str, details: &str) {
    let business = Business::start().await;
    let (status, answer) = business.send(&message).await;
    assert_eq!(status, 400);
    let error = &answer["error"];
    assert_eq!(error["code"], code);
    assert_eq!(error["message"], format!("(#{code}) {title}"));
    assert_eq!(
        error["error_data"],
        json!({"messaging_product": "whatsapp", "details": details}),
    );
    assert!(business.simulator.sent().is_empty());
}

#[tokio::test]
async fn a_request_says_that_it_is_whatsapp_and_whom_it_is_for() {
    assert_invalid(json!({}), "The parameter messaging_product is required.").await;
    assert_invalid(
        json!({"messaging_product": "sms"}),
        r#"Param messaging_product must be one of {WHATSAPP} - got "sms"."#,
    )
    .await;
    let nobody = json!({"messaging_product": "whatsapp", "text": {"body": "b"}});
    assert_invalid(nobody, "The parameter to is required.").await;
}

#[tokio::test]
async fn a_text_has_1_to_4096_characters() {
    for (object, text) in [
        (json!({}), "The parameter text['body'] is required."),
        (json!(null), "The parameter text['body'] is required."),
        (
            json!({"body": ""}),
            "The parameter text['body'] is required.",
        ),
        (json!({"body": 1}), "Param text['body'] must be a string."),
        (
            json!({"body": "é".repeat(4097)}),
            "Param text['body'] must be at most 4096 characters long.",
        ),
    ] {
        assert_invalid(to_somebody("text", object), text).await;
    }
}

#[tokio::test]
async fn media_have_an_id_or_a_link() {
    for (kind, object, text) in [
        (
            "image",
            json!({}),
            "The parameter image['link'] is required.",
        ),
        (
            "image",
            json!({"link": "ftp://x/y"}),
            "Param image['link'] is not a valid URI.",
        ),
        (
            "document",
            json!({"link": "https://x/y", "caption": "c".repeat(1025)}),
            "Param document['caption'] must be at most 1024 characters long.",
        ),
        (
            "audio",
            json!({"link": "https://x/y", "caption": "c"}),
            r#"Unexpected key "caption" on param "audio"."#,
        ),
    ] {
        assert_invalid(to_somebody(kind, object), text).await;
    }
    let both = to_somebody("video", json!({"id": "1", "link": "https://x/y"}));
    let details = "video: give either an id or a link.";
    assert_refused(both, 131_009, "Parameter value is not valid", details).await;
}

#[tokio::test]
async fn a_contact_card_has_a_whole_name_and_a_part_of_it() {
    let whole = json!([{"name": {"first_name": "A"}}]);
    assert_invalid(
        to_somebody("contacts", whole),
        "The parameter contacts[0]['name']['formatted_name'] is required.",
    )
    .await;
    assert_invalid(
        to_somebody("contacts", json!([])),
        "The parameter contacts is required.",
    )
    .await;
    assert_refused(
        to_somebody("contacts", json!([{"name": {"formatted_name": "A"}}])),
        131_008,
        "Required parameter is missing",
        "A contact's name needs one of first_name, last_name, middle_name, suffix, prefix.",
    )
    .await;
    let card = json!({"name": {"formatted_name": "A", "first_name": "A"}});
    let many: Vec<_> = std::iter::repeat_n(card, 258).collect();
    let text = "Param contacts must have at most 257 elements.";
    assert_invalid(to_somebody("contacts", many), text).await;
}

#[tokio::test]
async fn a_place_and_a_reaction_are_whole() {
    for (kind, object, text) in [
        (
            "location",
            json!({"longitude": 1}),
            "The parameter location['latitude'] is required.",
        ),
        (
            "location",
            json!({"latitude": "north", "longitude": 1}),
            "Param location['latitude'] must be a number.",
        ),
        (
            "reaction",
            json!({"emoji": "👍"}),
            "The parameter reaction['message_id'] is required.",
        ),
        (
            "reaction",
            json!({"message_id": "wamid.1"}),
            "The parameter reaction['emoji'] is required.",
        ),
    ] {
        assert_invalid(to_somebody(kind, object), text).await;
    }
}

#[tokio::test]
async fn buttons_and_rows_keep_to_their_lengths_and_counts() {
    let button =
        |id: &str, title: &str| json!({"type": "reply", "reply": {"id": id, "title": title}});
    let buttons = |buttons: Vec<Value>| {
        let action = json!({"buttons": buttons});
        json!({"type": "button", "body": {"text": "b"}, "action": action})
    };
    let rows: Vec<_> = (0..11)
        .map(|it| json!({"id": it.to_string(), "title": "t"}))
        .collect();
    let list = json!({
        "type": "list", "body": {"text": "b"},
        "action": {"button": "Open", "sections": [{"rows": rows}]},
    });
    for (object, details) in [
        (
            buttons(vec![button("1", &"t".repeat(21))]),
            "Button title length invalid. Min length: 1, Max length: 20",
        ),
        (
            buttons((0..4).map(|it| button(&it.to_string(), "t")).collect()),
            "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3",
        ),
        (
            buttons(vec![button("1", "a"), button("1", "b")]),
            "Duplicated button id.",
        ),
        (
            list,
            "Invalid rows count. Min allowed rows: 1, Max allowed rows: 10",
        ),
    ] {
        let message = to_somebody("interactive", object);
        assert_refused(message, 131_009, "Parameter value is not valid", details).await;
    }
}

#[tokio::test]
async fn an_unknown_type_is_not_supported() {
    let message = to_somebody("hologram", json!({}));
    let (title, details) = ("Unsupported message type", "Message type is not supported.");
    assert_refused(message, 131_051, title, details).await;
}

#[tokio::test]
async fn nobody_writes_to_themselves_or_to_no_number() {
    let mut message = to_somebody("text", json!({"body": "b"}));
    message["to"] = json!(format!("+{LINE}"));
    let details = "Recipient phone number is the same as the sender phone number.";
    assert_refused(
        message.clone(),
        131_021,
        "Recipient cannot be sender",
        details,
    )
    .await;
    for to in ["hello", "+1", "1234567890123456"] {
        message["to"] = json!(to);
        let title = "Parameter value is not valid";
        assert_refused(message.clone(), 131_009, title, "Invalid phone number.").await;
    }
}

#[tokio::test]
async fn what_is_not_json_has_no_fields() {
    let business = Business::start().await;
    let path = format!("/v25.0/{LINE}/messages");
    for (content_type, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", ""),
        ("text/plain", r#"{"messaging_product": "whatsapp"}"#),
    ] {
        let request = business
            .post(&path)
            .bearer_auth("token")
            .header("content-type", content_type);
        let (status, answer) = read(request.body(body).send().await.unwrap()).await;
        let message = "(#100) The parameter messaging_product is required.";
        assert_eq!(
            (status, &answer["error"]["message"]),
            (400, &json!(message)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn nobody_comes_in_without_a_token() {
    let business = Business::start().await;
    let path = format!("/v25.0/{LINE}/messages");
    let message = to_somebody("text", json!({"body": "b"}));
    for (header, code) in [
        (None, 104),
        (Some("Bearer "), 190),
        (Some("Bearer"), 190),
        (Some("x y"), 190),
    ] {
        let mut request = business.post(&path).json(&message);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let (status, answer) = read(request.send().await.unwrap()).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (401, &json!(code)),
            "{header:?}"
        );
        assert_eq!(answer["error"]["type"], "OAuthException");
    }
    assert!(business.simulator.sent().is_empty());
    assert_eq!(business.simulator.requests(), 4);
}
