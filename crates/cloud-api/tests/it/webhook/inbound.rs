//! What people send.

use cloud_api::webhook::{Body, File, Product, Referral};
use domain::message::Content;
use domain::message::content::{Cards, Media};
use serde_json::{Value, json};

use super::{inbound, message};

/// Returns what a message says, as the database keeps it.
fn said(message: &Value) -> Value {
    match inbound(message).body {
        Body::Said(content) => serde_json::to_value(content).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_says_who_wrote_it() {
    let raw = message(
        "text",
        json!({"text": {"body": "Olá 😀"}, "new_field": {"a": 1}}),
    );
    let inbound = inbound(&raw);
    assert_eq!(inbound.wamid, "wamid.HBgL");
    assert_eq!(inbound.kind, "text");
    assert_eq!(inbound.from.wa_id.as_deref(), Some("16505551234"));
    assert_eq!(
        inbound.from.user_id.as_deref(),
        Some("US.13491208655302741918")
    );
    assert_eq!(inbound.from.name.as_deref(), Some("Sheena Nelson"));
    assert_eq!(inbound.from.username.as_deref(), Some("sheena"));
    assert_eq!(
        (inbound.context, inbound.referral, inbound.file),
        (None, None, None)
    );
    assert_eq!(inbound.raw, raw);
    assert_eq!(
        said(&raw),
        json!({"kind": "text", "body": "Olá 😀", "preview_url": false})
    );
}

#[test]
fn files_come_with_an_id_and_an_address() {
    for (kind, parts, stored) in [
        ("image", json!({"caption": "c"}), json!({"caption": "c"})),
        ("video", json!({}), json!({})),
        ("audio", json!({"voice": true}), json!({"is_voice": true})),
        (
            "document",
            json!({"caption": "c", "filename": "f.pdf"}),
            json!({"caption": "c", "filename": "f.pdf"}),
        ),
        ("sticker", json!({"animated": true}), json!({})),
    ] {
        let mut object = json!({
            "id": "1037", "mime_type": "x/y; z", "sha256": "47DEQpj8HBSa=",
            "url": "https://lookaside.fbsbx.com/x?mid=1",
        });
        let mut content = json!({"kind": kind, "media_id": "1037", "mime_type": "x/y; z"});
        for (into, from) in [(&mut object, parts), (&mut content, stored)] {
            let from: serde_json::Map<_, _> = serde_json::from_value(from).unwrap();
            into.as_object_mut().unwrap().extend(from);
        }
        let message = message(kind, json!({kind: object}));
        assert_eq!(said(&message), content);
        let file = File {
            id: Some("1037".into()),
            url: Some("https://lookaside.fbsbx.com/x?mid=1".into()),
            mime_type: Some("x/y; z".into()),
            sha256: Some("47DEQpj8HBSa=".into()),
            is_animated: kind == "sticker",
        };
        assert_eq!(inbound(&message).file, Some(file));
    }
}

#[test]
fn a_place_is_degrees_as_numbers_or_text() {
    let place = json!({"latitude": -33.9, "longitude": "18.4", "name": "n", "address": "a",
        "url": "https://x"});
    assert_eq!(
        said(&message("location", json!({"location": place}))),
        json!({"kind": "location", "latitude": -33.9, "longitude": 18.4, "name": "n",
            "address": "a"}),
    );
}

#[test]
fn cards_may_lack_anything() {
    let cards = json!([
        {"name": {"formatted_name": "Ana S", "first_name": "Ana", "last_name": "S",
                "middle_name": "M", "prefix": "Dr", "suffix": "Jr"},
            "phones": [{"phone": "+1 650", "type": "CELL", "wa_id": "1650"}],
            "emails": [{"email": "a@example.com", "type": "WORK"}],
            "addresses": [{"street": "s", "city": "c", "state": "st", "zip": "z",
                "country": "Brazil", "country_code": "BR", "type": "HOME"}],
            "urls": [{"url": "https://x", "type": "HOME"}],
            "org": {"company": "C", "department": "D", "title": "T"},
            "birthday": "1990-01-31", "origin": "contact_request", "vcard": "BEGIN:VCARD"},
        {},
        7,
    ]);
    let inbound = inbound(&message("contacts", json!({"contacts": cards})));
    let Body::Said(Content::Contacts(Cards { cards })) = &inbound.body else {
        panic!("{inbound:?}")
    };
    assert_eq!(cards.len(), 3);
    assert_eq!(
        serde_json::to_value(&cards[0]).unwrap(),
        json!({
            "formatted_name": "Ana S", "first_name": "Ana", "last_name": "S",
            "middle_name": "M", "prefix": "Dr", "suffix": "Jr",
            "phones": [{"phone": "+1 650", "type": "CELL", "wa_id": "1650"}],
            "emails": [{"email": "a@example.com", "type": "WORK"}],
            "addresses": [{"street": "s", "city": "c", "state": "st", "zip": "z",
                "country": "Brazil", "country_code": "BR", "type": "HOME"}],
            "urls": [{"url": "https://x", "type": "HOME"}],
            "company": {"company": "C", "department": "D", "title": "T"},
            "birthday": "1990-01-31",
        }),
    );
    assert_eq!(cards[1], domain::message::content::Card::default());
}

#[test]
fn a_reaction_without_an_emoji_is_taken_back() {
    for (reaction, emoji) in [
        (json!({"message_id": "wamid.1", "emoji": "👍"}), "👍"),
        (json!({"message_id": "wamid.1", "emoji": ""}), ""),
        (json!({"message_id": "wamid.1"}), ""),
        (json!({"message_id": "wamid.1", "emoji": null}), ""),
    ] {
        assert_eq!(
            said(&message("reaction", json!({"reaction": reaction}))),
            json!({"kind": "reaction", "message_id": "wamid.1", "emoji": emoji}),
        );
    }
}

#[test]
fn an_answer_names_what_it_answers() {
    let context = json!({"from": "15550783881", "id": "wamid.0",
        "referred_product": {"catalog_id": "1", "product_retailer_id": "sku"}});
    let message = message("text", json!({"text": {"body": "b"}, "context": context}));
    let context = inbound(&message).context.unwrap();
    assert_eq!(context.wamid.as_deref(), Some("wamid.0"));
    assert_eq!(context.from.as_deref(), Some("15550783881"));
    let product = Product {
        catalog_id: Some("1".into()),
        product_id: Some("sku".into()),
    };
    assert_eq!(context.product, Some(product));
    assert!(!context.is_forwarded);
}

#[test]
fn what_was_passed_on_answers_nothing() {
    let context = json!({"forwarded": true, "frequently_forwarded": true});
    let message = message("text", json!({"text": {"body": "b"}, "context": context}));
    let context = inbound(&message).context.unwrap();
    assert_eq!(context.wamid, None);
    assert!(context.is_forwarded && context.is_frequently_forwarded);
}

#[test]
fn an_advertisement_that_led_here_is_named() {
    let referral = json!({
        "source_url": "https://fb.me/x", "source_id": "1", "source_type": "ad",
        "headline": "h", "body": "b", "media_type": "video", "video_url": "https://x/v",
        "thumbnail_url": "https://x/t", "ctwa_clid": "ARAk", "welcome_message": {"text": "w"},
    });
    let message = message("text", json!({"text": {"body": "b"}, "referral": referral}));
    let text = |it: &str| Some(it.to_owned());
    let expected = Referral {
        source_url: text("https://fb.me/x"),
        source_id: text("1"),
        source_type: text("ad"),
        headline: text("h"),
        body: text("b"),
        media_type: text("video"),
        media_url: text("https://x/v"),
        thumbnail_url: text("https://x/t"),
        click_id: text("ARAk"),
    };
    assert_eq!(inbound(&message).referral, Some(expected));
}

#[test]
fn what_was_said_is_changed() {
    let edit = json!({"original_message_id": "wamid.1",
        "message": {"type": "image", "image": {"id": "7", "caption": "new", "sha256": "s"}}});
    let inbound = inbound(&message("edit", json!({"edit": edit})));
    let content = Content::Image(Media {
        caption: Some("new".into()),
        ..Media::id("7")
    });
    let wamid = "wamid.1".into();
    assert_eq!(inbound.body, Body::Edited { wamid, content });
    assert_eq!(inbound.file.unwrap().sha256.as_deref(), Some("s"));
}

#[test]
fn what_was_said_is_taken_back() {
    let revoke = json!({"original_message_id": "wamid.1"});
    let inbound = inbound(&message("revoke", json!({"revoke": revoke})));
    let wamid = "wamid.1".into();
    assert_eq!(inbound.body, Body::Revoked { wamid });
}

#[test]
fn a_chat_is_opened() {
    assert_eq!(
        inbound(&message("request_welcome", json!({}))).body,
        Body::Opened
    );
}

#[test]
fn a_message_to_a_group_names_it() {
    let message = message("text", json!({"text": {"body": "b"}, "group_id": "Y2Fw"}));
    assert_eq!(inbound(&message).group_id.as_deref(), Some("Y2Fw"));
}

#[test]
fn what_cannot_be_shown_says_why() {
    let error = json!({"code": 131051, "title": "Message type unknown",
        "message": "Message type unknown",
        "error_data": {"details": "Message type is currently not supported."}});
    let old = message("unknown", json!({"errors": [error]}));
    assert_eq!(
        said(&old),
        json!({"kind": "unsupported", "name": "unknown"})
    );
    let error = &inbound(&old).errors[0];
    assert_eq!(
        (error.code, &*error.title),
        (131_051, "Message type unknown")
    );
    let new = message("unsupported", json!({"unsupported": {"type": "poll"}}));
    assert_eq!(said(&new), json!({"kind": "unsupported", "name": "poll"}));
}

#[test]
fn a_message_without_what_its_kind_must_have_is_one_all_the_same() {
    for kind in [
        "text",
        "image",
        "location",
        "contacts",
        "interactive",
        "button",
        "reaction",
        "order",
        "edit",
        "revoke",
        "hologram",
    ] {
        let bare = message(kind, json!({}));
        assert_eq!(said(&bare), json!({"kind": "unsupported", "name": kind}));
        let strange = message(kind, json!({kind: 7}));
        assert_eq!(said(&strange), json!({"kind": "unsupported", "name": kind}));
    }
    let mut nameless = message("text", json!({"text": {"body": "b"}}));
    nameless.as_object_mut().unwrap().remove("type");
    assert_eq!(said(&nameless), json!({"kind": "unsupported", "name": ""}));
}
