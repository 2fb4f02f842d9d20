//! Every kind of message, as Meta reads it.

use cloud_api::wire::MessageRequest;
use cloud_api::{Outgoing, Recipient};
use domain::message::Content;
use serde_json::{Value, json};

/// Writes a message, given as the database keeps it, to +1 650 555 1234.
fn written(content: Value) -> Value {
    let content: Content = serde_json::from_value(content).unwrap();
    let outgoing = Outgoing {
        to: Recipient::Phone("16505551234"),
        content: &content,
        context_wamid: None,
        opaque: None,
    };
    serde_json::to_value(MessageRequest::new(&outgoing)).unwrap()
}

/// Returns what Meta reads for a kind of message to +1 650 555 1234.
fn expected(kind: &str, object: impl Into<Value>) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+16505551234",
        "type": kind,
        kind: object.into(),
    })
}

#[test]
fn a_text_has_a_body_and_says_whether_links_are_previewed() {
    assert_eq!(
        written(json!({"kind": "text", "body": "Olá", "preview_url": true})),
        expected("text", json!({"body": "Olá", "preview_url": true})),
    );
}

#[test]
fn pictures_and_films_have_a_link_and_a_caption() {
    for kind in ["image", "video"] {
        assert_eq!(
            written(json!({"kind": kind, "url": "https://x/y", "caption": "c", "filename": "f"})),
            expected(kind, json!({"link": "https://x/y", "caption": "c"})),
        );
    }
}

#[test]
fn a_sound_has_only_a_link() {
    assert_eq!(
        written(json!({"kind": "audio", "url": "https://x/y", "caption": "c", "filename": "f"})),
        expected("audio", json!({"link": "https://x/y"})),
    );
}

#[test]
fn a_document_has_a_caption_and_a_file_name() {
    assert_eq!(
        written(json!({"kind": "document", "url": "https://x/y", "caption": "c", "filename": "f"})),
        expected(
            "document",
            json!({"link": "https://x/y", "caption": "c", "filename": "f"})
        ),
    );
}

#[test]
fn a_location_has_degrees_and_may_have_a_name() {
    assert_eq!(
        written(json!({"kind": "location", "latitude": -33.9, "longitude": 18.4})),
        expected("location", json!({"latitude": -33.9, "longitude": 18.4})),
    );
    let named =
        json!({"latitude": -33.9, "longitude": 18.4, "name": "Shop", "address": "1 Long Street"});
    let mut content = named.clone();
    content["kind"] = json!("location");
    assert_eq!(written(content), expected("location", named));
}

#[test]
fn a_contact_card_has_the_name_parts_it_was_given() {
    assert_eq!(
        written(json!({"kind": "contacts", "cards": [{
            "formatted_name": "Ana Maria Silva", "first_name": "Ana", "last_name": "Silva",
            "phones": [{"phone": "+5511999998888", "type": "CELL"}, {"phone": "123"}],
        }]})),
        expected(
            "contacts",
            json!([{
                "name": {
                    "formatted_name": "Ana Maria Silva", "first_name": "Ana", "last_name": "Silva",
                },
                "phones": [{"phone": "+5511999998888", "type": "CELL"}, {"phone": "123"}],
            }])
        ),
    );
}

#[test]
fn a_contact_card_without_name_parts_takes_the_whole_name_as_the_first() {
    assert_eq!(
        written(json!({"kind": "contacts", "cards": [
            {"formatted_name": "Ana", "first_name": " "},
            {"formatted_name": "Bo B", "last_name": "B"},
        ]})),
        expected(
            "contacts",
            json!([
                {"name": {"formatted_name": "Ana", "first_name": "Ana"}},
                {"name": {"formatted_name": "Bo B", "last_name": "B"}},
            ])
        ),
    );
}

#[test]
fn buttons_stand_below_a_header_a_body_and_a_footer() {
    assert_eq!(
        written(json!({
            "kind": "interactive", "header": {"kind": "text", "text": "h"}, "body": "b",
            "footer": "f",
            "action": {"kind": "buttons", "buttons": [{"id": "1", "title": "Yes"}]},
        })),
        expected(
            "interactive",
            json!({
                "type": "button",
                "header": {"type": "text", "text": "h"},
                "body": {"text": "b"},
                "footer": {"text": "f"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Yes"}}]},
            })
        ),
    );
}

#[test]
fn a_list_has_sections_of_rows() {
    assert_eq!(
        written(json!({
            "kind": "interactive", "body": "b",
            "action": {"kind": "list", "button": "Open", "sections": [
                {"title": "s", "rows": [{"id": "1", "title": "One", "description": "d"}]},
                {"title": "t", "rows": [{"id": "2", "title": "Two"}]},
            ]},
        })),
        expected(
            "interactive",
            json!({
                "type": "list",
                "body": {"text": "b"},
                "action": {"button": "Open", "sections": [
                    {"title": "s", "rows": [{"id": "1", "title": "One", "description": "d"}]},
                    {"title": "t", "rows": [{"id": "2", "title": "Two"}]},
                ]},
            })
        ),
    );
}

#[test]
fn a_header_may_be_media_by_link() {
    for (kind, object) in [
        ("image", json!({"link": "https://x/y"})),
        ("video", json!({"link": "https://x/y"})),
        ("document", json!({"link": "https://x/y", "filename": "f"})),
    ] {
        let written = written(json!({
            "kind": "interactive", "body": "b",
            "header": {"kind": kind, "url": "https://x/y", "caption": "c", "filename": "f"},
            "action": {"kind": "buttons", "buttons": [{"id": "1", "title": "Yes"}]},
        }));
        assert_eq!(
            written["interactive"]["header"],
            json!({"type": kind, kind: object})
        );
    }
}

#[test]
fn a_reaction_names_its_message_and_an_empty_emoji_takes_it_back() {
    for emoji in ["👍", ""] {
        assert_eq!(
            written(json!({"kind": "reaction", "message_id": "wamid.1", "emoji": emoji})),
            expected("reaction", json!({"message_id": "wamid.1", "emoji": emoji})),
        );
    }
}

#[test]
fn an_answer_quotes_and_our_id_goes_along() {
    let content = serde_json::from_value(json!({"kind": "text", "body": "b"})).unwrap();
    let outgoing = Outgoing {
        to: Recipient::Bsuid("US.13491208655302741918"),
        content: &content,
        context_wamid: Some("wamid.1"),
        opaque: Some("17"),
    };
    assert_eq!(
        serde_json::to_value(MessageRequest::new(&outgoing)).unwrap(),
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "recipient": "US.13491208655302741918",
            "context": {"message_id": "wamid.1"},
            "biz_opaque_callback_data": "17",
            "type": "text",
            "text": {"body": "b", "preview_url": false},
        }),
    );
}

#[test]
fn a_reaction_never_quotes() {
    let content = json!({"kind": "reaction", "message_id": "wamid.1", "emoji": "👍"});
    let content = serde_json::from_value(content).unwrap();
    let outgoing = Outgoing {
        to: Recipient::Phone("1"),
        content: &content,
        context_wamid: Some("wamid.1"),
        opaque: None,
    };
    let written = serde_json::to_value(MessageRequest::new(&outgoing)).unwrap();
    assert_eq!(written.get("context"), None);
}
