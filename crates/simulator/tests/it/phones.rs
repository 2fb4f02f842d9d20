//! What people write, as webhooks tell it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Config, Line, Person};

use crate::business::{Business, LINE};
use crate::listener::Listener;

const ID: &str = "US.13491208655302741918";

struct Shop {
    business: Business,
    listener: Listener,
}

impl Shop {
    async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    async fn start_with(config: Config) -> Self {
        let business = Business::start_with(config).await;
        let listener = Listener::start().await;
        business.simulator.add_app(listener.app());
        let line = Line {
            phone_number_id: LINE.into(),
            display_phone_number: Some("+1 555-078-3881".into()),
            waba_id: Some("99".into()),
            ..Line::default()
        };
        business.simulator.add_line(line).unwrap();
        Self { business, listener }
    }

    /// Lets somebody write; returns the value of the webhook.
    async fn hear(&mut self, mut message: Value) -> Value {
        message["phone_number_id"] = json!(LINE);
        if message.get("from").is_none() {
            message["from"] = json!("+5541996910256");
        }
        let (status, answer) = self.business.control("/simulator/messages", &message).await;
        assert_eq!(status, 200, "{answer}");
        let post = self.listener.next().await;
        assert!(post.is_signed());
        post.values().remove(0)
    }
}

#[tokio::test]
async fn a_text_is_told_as_meta_tells_it() {
    let mut shop = Shop::start().await;
    let mut value = shop.hear(json!({"text": "Olá 👋", "name": "Ana"})).await;
    let message = &mut value["messages"][0];
    let id = message["id"].take();
    assert!(
        id.as_str()
            .unwrap()
            .starts_with("wamid.HBgMNTU0MTk2OTEwMjU2FQIAEhgUM0"),
        "{id}"
    );
    assert!(
        message["timestamp"]
            .take()
            .as_str()
            .unwrap()
            .parse::<i64>()
            .is_ok()
    );
    assert_eq!(
        value,
        json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": LINE},
            "contacts": [{"profile": {"name": "Ana"}, "wa_id": "554196910256"}],
            "messages": [{
                "from": "554196910256", "id": null, "timestamp": null, "type": "text",
                "text": {"body": "Olá 👋"},
            }],
        }),
    );
}

#[tokio::test]
async fn every_kind_keeps_its_object() {
    let mut shop = Shop::start().await;
    for (kind, object) in [
        ("location", json!({"latitude": -33.9, "longitude": 18.4})),
        (
            "contacts",
            json!([{"name": {"formatted_name": "B"}, "vcard": "BEGIN:VCARD"}]),
        ),
        ("reaction", json!({"message_id": "wamid.1", "emoji": "❤"})),
        ("reaction", json!({"message_id": "wamid.1"})),
        ("button", json!({"payload": "p", "text": "t"})),
        (
            "interactive",
            json!({"type": "button_reply", "button_reply": {"id": "1", "title": "t"}}),
        ),
        ("order", json!({"catalog_id": "1", "product_items": []})),
        ("request_welcome", json!({})),
        (
            "edit",
            json!({"original_message_id": "wamid.1",
            "message": {"type": "text", "text": {"body": "b"}}}),
        ),
        ("revoke", json!({"original_message_id": "wamid.1"})),
        ("unsupported", json!({"type": "poll"})),
        ("what_comes_next_year", json!({"a": 1})),
    ] {
        let value = shop.hear(json!({kind: object.clone()})).await;
        assert_eq!(value["messages"][0]["type"], kind);
        assert_eq!(value["messages"][0][kind], object);
    }
}

#[tokio::test]
async fn files_come_with_an_id_a_hash_and_an_address() {
    let mut shop = Shop::start().await;
    for kind in ["image", "video", "audio", "document", "sticker"] {
        let object = json!({"content_base64": STANDARD.encode(kind), "mime_type": "x/y"});
        let value = shop.hear(json!({"type": kind, kind: object})).await;
        let file = &value["messages"][0][kind];
        assert_eq!(file["mime_type"], "x/y");
        assert_eq!(file["sha256"].as_str().unwrap().len(), 44);
        assert!(file.get("content_base64").is_none());
        let url = file["url"].as_str().unwrap();
        let path = url
            .strip_prefix(&shop.business.simulator.graph_url())
            .unwrap();
        let bytes = shop.business.ask(Method::GET, path).send().await.unwrap();
        assert_eq!(bytes.headers()["content-type"], "x/y");
        assert_eq!(bytes.text().await.unwrap(), kind);
        let (status, shown) = shop
            .business
            .fetch(&format!("/v25.0/{}", file["id"].as_str().unwrap()))
            .await;
        assert_eq!((status, &shown["mime_type"]), (200, &json!("x/y")));
    }
    let edit = json!({"original_message_id": "wamid.1",
        "message": {"type": "image", "image": {"caption": "c"}}});
    let value = shop.hear(json!({"edit": edit})).await;
    assert!(value["messages"][0]["edit"]["message"]["image"]["id"].is_string());
}

#[tokio::test]
async fn an_answer_says_whose_message_it_answers() {
    let mut shop = Shop::start().await;
    let value = shop
        .hear(json!({"text": "b", "context": {"message_id": "wamid.1"}}))
        .await;
    let context = json!({"from": "15550783881", "id": "wamid.1"});
    assert_eq!(value["messages"][0]["context"], context);
    let value = shop
        .hear(json!({"text": "b", "context": {"forwarded": true}}))
        .await;
    assert_eq!(value["messages"][0]["context"], json!({"forwarded": true}));
}

#[tokio::test]
async fn several_messages_may_come_in_one_webhook() {
    let mut shop = Shop::start().await;
    let value = shop
        .hear(json!({"messages": [
            {"text": "a"}, {"text": "b", "id": "wamid.mine"}, {"text": "c", "from": "27821112233"},
        ]}))
        .await;
    let messages = value["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[1]["id"], "wamid.mine");
    assert_eq!(messages[2]["from"], "27821112233");
    assert_eq!(value["contacts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn who_hides_the_number_is_known_by_an_id() {
    let mut shop = Shop::start().await;
    let person = json!({
        "number": "16505551234", "user_id": ID, "username": "@sheena", "name": "Sheena",
        "hides_number": true,
    });
    assert_eq!(
        shop.business.control("/simulator/people", &person).await.0,
        200
    );
    let value = shop.hear(json!({"from": ID, "text": "b"})).await;
    let message = &value["messages"][0];
    assert_eq!(message["from_user_id"], ID);
    assert!(message.get("from").is_none());
    let contact = json!([{"profile": {"name": "Sheena", "username": "@sheena"}, "user_id": ID}]);
    assert_eq!(value["contacts"], contact);
    assert!(!value.to_string().contains("16505551234"));
}

#[tokio::test]
async fn everybody_may_have_an_id_that_leads_back_to_them() {
    let mut shop = Shop::start_with(Config {
        user_ids: true,
        ..Config::default()
    })
    .await;
    let value = shop.hear(json!({"text": "b"})).await;
    let id = value["contacts"][0]["user_id"].clone();
    assert!(id.as_str().unwrap().starts_with("BR."), "{id}");
    assert_eq!(value["messages"][0]["from_user_id"], id);
    let again = shop.hear(json!({"text": "b", "from": id})).await;
    assert_eq!(again["contacts"][0]["wa_id"], "554196910256");
}

#[tokio::test]
async fn a_person_may_change_their_number() {
    let mut shop = Shop::start().await;
    let person = Person {
        number: "16505551234".into(),
        name: Some("Sheena".into()),
        user_id: Some(ID.into()),
        ..Person::default()
    };
    shop.business.simulator.add_person(person).unwrap();
    let system = json!({"type": "user_changed_number", "wa_id": "16505559999", "user_id": "US.2"});
    let value = shop
        .hear(json!({"from": "16505551234", "system": system}))
        .await;
    let body = "User A changed from 16505551234 to 16505559999";
    assert_eq!(value["messages"][0]["system"]["body"], body);
    let value = shop.hear(json!({"from": "16505559999", "text": "b"})).await;
    assert_eq!(value["contacts"][0]["profile"]["name"], "Sheena");
    assert_eq!(value["contacts"][0]["user_id"], "US.2");
}

#[tokio::test]
async fn marketing_is_stopped_and_resumed() {
    let mut shop = Shop::start().await;
    let given = json!({"phone_number_id": LINE, "from": "27821112233", "value": "stop"});
    let (status, _) = shop
        .business
        .control("/simulator/preferences", &given)
        .await;
    assert_eq!(status, 200);
    let post = shop.listener.next().await.json();
    let change = &post["entry"][0]["changes"][0];
    assert!(post["entry"][0].get("time").is_none());
    assert_eq!(change["field"], "user_preferences");
    let preference = &change["value"]["user_preferences"][0];
    assert_eq!(
        (&preference["wa_id"], &preference["value"]),
        (&json!("27821112233"), &json!("stop"))
    );
    assert!(preference["timestamp"].is_i64());
    let given = json!({"phone_number_id": LINE, "from": "27821112233", "value": "perhaps"});
    assert_eq!(
        shop.business
            .control("/simulator/preferences", &given)
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn what_no_phone_could_write_is_refused() {
    let shop = Shop::start().await;
    for (given, status) in [
        (json!({}), 400),
        (json!([]), 400),
        (
            json!({"phone_number_id": "x", "from": "27821112233", "text": "b"}),
            400,
        ),
        (json!({"phone_number_id": LINE, "text": "b"}), 400),
        (
            json!({"phone_number_id": LINE, "from": "hello", "text": "b"}),
            400,
        ),
        (
            json!({"phone_number_id": LINE, "from": "US.2", "text": "b"}),
            404,
        ),
        (json!({"phone_number_id": LINE, "from": "27821112233"}), 400),
        (
            json!({"phone_number_id": LINE, "from": "27821112233", "image": 1}),
            400,
        ),
        (
            json!({"phone_number_id": LINE, "from": "27821112233",
            "image": {"content_base64": "!"}}),
            400,
        ),
    ] {
        let (got, answer) = shop.business.control("/simulator/messages", &given).await;
        assert_eq!(got, status, "{given} {answer}");
        assert!(answer["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn a_line_that_nobody_listens_to_is_a_conflict() {
    let business = Business::start().await;
    let given = json!({"phone_number_id": LINE, "from": "27821112233", "text": "b"});
    let (status, answer) = business.control("/simulator/messages", &given).await;
    assert_eq!(status, 409, "{answer}");
}
