//! Every kind of message, as Meta reads it.

use cloud_api::wire::{MessageRequest, ReadMark};
use cloud_api::{Outgoing, Recipient, Typing};
use domain::message::Content;
use serde_json::{Value, json};

/// Writes a message, given as the database keeps it, to +1 650 555 1234.
pub(crate) fn written(content: Value) -> Value {
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
pub(crate) fn expected(kind: &str, object: impl Into<Value>) -> Value {
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
fn media_that_meta_has_goes_by_its_id() {
    for kind in ["image", "video", "audio", "document", "sticker"] {
        assert_eq!(
            written(json!({"kind": kind, "media_id": "1037543291543636"})),
            expected(kind, json!({"id": "1037543291543636"})),
        );
    }
}

#[test]
fn a_voice_note_says_that_it_is_one() {
    assert_eq!(
        written(json!({"kind": "audio", "url": "https://x/y", "is_voice": true})),
        expected("audio", json!({"link": "https://x/y", "voice": true})),
    );
    for kind in ["image", "video", "document", "sticker"] {
        let written = written(json!({"kind": kind, "url": "https://x/y", "is_voice": true}));
        assert_eq!(written[kind], json!({"link": "https://x/y"}));
    }
}

#[test]
fn a_sticker_has_only_a_place() {
    assert_eq!(
        written(json!({"kind": "sticker", "url": "https://x/y", "caption": "c", "filename": "f"})),
        expected("sticker", json!({"link": "https://x/y"})),
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
fn a_contact_card_may_say_everything() {
    let phone = json!({"phone": "+551", "type": "CELL", "wa_id": "551"});
    let email = json!({"email": "a@example.com", "type": "WORK"});
    let url = json!({"url": "https://example.com", "type": "HOME"});
    let company = json!({"company": "C", "department": "D", "title": "T"});
    let address = json!({"street": "s", "city": "c", "state": "st", "zip": "z",
        "country": "Brazil", "country_code": "BR", "type": "HOME"});
    assert_eq!(
        written(json!({"kind": "contacts", "cards": [{
            "formatted_name": "Dr Ana M", "middle_name": "M", "prefix": "Dr", "suffix": "Jr",
            "phones": [phone], "emails": [email], "addresses": [address], "urls": [url],
            "company": company, "birthday": "1990-01-31",
        }]})),
        expected(
            "contacts",
            json!([{
                "name": {"formatted_name": "Dr Ana M", "middle_name": "M", "prefix": "Dr",
                    "suffix": "Jr"},
                "phones": [phone], "emails": [email], "addresses": [address], "urls": [url],
                "org": company, "birthday": "1990-01-31",
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

#[test]
fn a_read_mark_may_show_typing() {
    let written = |typing| serde_json::to_value(ReadMark::new("wamid.1", typing)).unwrap();
    let mark = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"});
    assert_eq!(written(Typing::Hidden), mark);
    let mut shown = mark;
    shown["typing_indicator"] = json!({"type": "text"});
    assert_eq!(written(Typing::Shown), shown);
}
