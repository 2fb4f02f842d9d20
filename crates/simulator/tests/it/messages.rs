//! What is taken, and what comes back.

use serde_json::json;

use crate::business::{Business, LINE, read, to_somebody};

#[tokio::test]
async fn a_text_is_taken_and_kept() {
    let business = Business::start().await;
    let message = to_somebody("text", json!({"body": "Olá 👋"}));
    let (status, answer) = business.send(&message).await;

    assert_eq!(status, 200);
    let wamid = answer["messages"][0]["id"].as_str().unwrap();
    assert!(
        wamid.starts_with("wamid.HBgLMTY1MDU1NTEyMzQVAgARGB"),
        "{wamid}"
    );
    assert_eq!(
        answer,
        json!({
            "messaging_product": "whatsapp",
            "contacts": [{"input": "+16505551234", "wa_id": "16505551234"}],
            "messages": [{"id": wamid}],
        }),
    );
    let sent = business.simulator.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].wamid, wamid);
    assert_eq!(sent[0].to, "16505551234");
    assert_eq!(sent[0].phone_number_id, LINE);
    assert_eq!(sent[0].kind, "text");
    assert_eq!(sent[0].body, message);
    business.simulator.stop().await;
}

#[tokio::test]
async fn the_input_is_echoed_and_the_id_is_whatsapps() {
    let business = Business::start().await;
    for (to, digits, wa_id) in [
        ("+55 (41) 99691-0256", "5541996910256", "554196910256"),
        ("526693280415", "526693280415", "5216693280415"),
        ("+54 11 2345 6789", "541123456789", "5491123456789"),
        ("27821112233", "27821112233", "27821112233"),
    ] {
        let mut message = to_somebody("text", json!({"body": "b"}));
        message["to"] = json!(to);
        let (status, answer) = business.send(&message).await;
        assert_eq!(status, 200);
        assert_eq!(answer["contacts"], json!([{"input": to, "wa_id": wa_id}]));
        assert_eq!(business.simulator.sent().last().unwrap().to, digits);
    }
}

#[tokio::test]
async fn a_number_that_is_not_on_whatsapp_is_taken_all_the_same() {
    let business = Business::start().await;
    let mut message = to_somebody("text", json!({"body": "b"}));
    message["to"] = json!("+27821110000");
    let (status, answer) = business.send(&message).await;
    assert_eq!(
        (status, &answer["contacts"][0]["wa_id"]),
        (200, &json!("27821110000"))
    );
}

#[tokio::test]
async fn a_person_may_be_named_by_a_business_scoped_id() {
    let business = Business::start().await;
    let id = "US.13491208655302741918";
    let mut message = json!({
        "messaging_product": "whatsapp", "recipient": id, "type": "text", "text": {"body": "b"},
    });
    let (status, answer) = business.send(&message).await;
    assert_eq!(status, 200);
    assert_eq!(answer["contacts"], json!([{"input": id, "user_id": id}]));
    assert_eq!(business.simulator.sent()[0].to, id);

    message["to"] = json!("+16505551234");
    let (_, answer) = business.send(&message).await;
    assert_eq!(
        answer["contacts"],
        json!([{"input": "+16505551234", "wa_id": "16505551234"}])
    );
}

#[tokio::test]
async fn a_message_without_a_type_is_a_text() {
    let business = Business::start().await;
    let mut message = to_somebody("text", json!({"body": "b"}));
    message.as_object_mut().unwrap().remove("type");
    assert_eq!(business.send(&message).await.0, 200);
    assert_eq!(business.simulator.sent()[0].kind, "text");
}

#[tokio::test]
async fn what_meta_takes_is_taken() {
    let business = Business::start().await;
    let list = json!({
        "type": "list", "body": {"text": "b"},
        "action": {"button": "Open", "sections": [{"rows": [{"id": "1", "title": "One"}]}]},
    });
    let link = json!({
        "type": "cta_url", "body": {"text": "b"},
        "action": {"name": "cta_url", "parameters": {"display_text": "d", "url": "https://x"}},
    });
    for (kind, object) in [
        (
            "text",
            json!({"body": "é".repeat(4096), "preview_url": true}),
        ),
        ("image", json!({"link": "https://x/y.png", "caption": "c"})),
        ("sticker", json!({"link": "https://x/y.webp"})),
        ("audio", json!({"link": "https://x/y.ogg", "voice": true})),
        ("location", json!({"latitude": "-33.9", "longitude": 18.4})),
        ("interactive", list),
        ("interactive", link),
        ("reaction", json!({"message_id": "wamid.1", "emoji": ""})),
        (
            "contacts",
            json!([{"name": {"formatted_name": "A B", "middle_name": "B"}}]),
        ),
    ] {
        let (status, answer) = business.send_object(kind, object).await;
        assert_eq!(status, 200, "{kind}: {answer}");
    }
}

#[tokio::test]
async fn a_template_says_that_it_was_accepted() {
    let business = Business::start().await;
    let template = json!({"name": "order_confirmation", "language": {"code": "en_US"}});
    let (status, answer) = business.send_object("template", template).await;
    assert_eq!(
        (status, &answer["messages"][0]["message_status"]),
        (200, &json!("accepted"))
    );
}

#[tokio::test]
async fn reading_is_told_at_the_same_address() {
    let business = Business::start().await;
    let read = json!({
        "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1",
        "typing_indicator": {"type": "text"},
    });
    assert_eq!(business.send(&read).await, (200, json!({"success": true})));
    assert!(business.simulator.sent().is_empty());
}

#[tokio::test]
async fn the_token_may_be_in_the_query() {
    let business = Business::start().await;
    let message = to_somebody("text", json!({"body": "b"}));
    let path = format!("/v25.0/{LINE}/messages?access_token=token");
    let response = business.post(&path).json(&message).send().await.unwrap();
    assert_eq!(read(response).await.0, 200);
}

#[tokio::test]
async fn every_message_has_its_own_id_and_every_request_counts() {
    let business = Business::start().await;
    for _ in 0..50 {
        business.send_object("text", json!({"body": "b"})).await;
    }
    business.send_object("text", json!({})).await;
    let sent = business.simulator.sent();
    let ids: std::collections::HashSet<_> = sent.iter().map(|it| &it.wamid).collect();
    assert_eq!((ids.len(), business.simulator.requests()), (50, 51));
}
