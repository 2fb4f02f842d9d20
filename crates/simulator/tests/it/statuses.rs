//! What webhooks tell of messages that were sent.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::{Config, Fault, FaultRule, Line, Person, Reports, Rules, Window};

use crate::business::{Business, LINE, to_somebody};
use crate::listener::Listener;

async fn reporting(statuses: Reports) -> (Business, Listener) {
    let business = Business::start_with(Config {
        rules: Rules {
            statuses,
            ..Rules::default()
        },
        ..Config::default()
    })
    .await;
    let listener = Listener::start().await;
    business.simulator.add_app(listener.app());
    (business, listener)
}

fn statuses(values: &[Value]) -> BTreeSet<&str> {
    let word = |it: &Value| it["statuses"][0]["status"].as_str().map(str::len);
    assert!(values.iter().all(|it| word(it).is_some()), "{values:?}");
    let words = values.iter().map(|it| it["statuses"][0]["status"].as_str());
    words.flatten().collect()
}

#[tokio::test]
async fn every_status_is_a_signed_webhook_of_its_own() {
    let (business, mut listener) = reporting(Reports::Read).await;
    let mut message = to_somebody("text", json!({"body": "b"}));
    message["biz_opaque_callback_data"] = json!("our 17/é");
    let (_, answer) = business.send(&message).await;

    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let post = listener.next().await;
        assert!(post.is_signed());
        let text = String::from_utf8(post.body.to_vec()).unwrap();
        assert!(text.contains(r"our 17\/\u00e9"), "{text}");
        let mut envelope = post.json();
        let mut value = envelope["entry"][0]["changes"][0]["value"].take();
        assert_eq!(
            envelope,
            json!({"object": "whatsapp_business_account", "entry": [
                {"id": "102290129340398", "changes": [{"field": "messages", "value": null}]},
            ]}),
        );
        let status = value["statuses"][0]["status"].take();
        let timestamp = value["statuses"][0]["timestamp"].take();
        assert!(timestamp.as_str().unwrap().parse::<i64>().unwrap() > 1_700_000_000);
        let status = status.as_str().unwrap();
        let mut expected = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": LINE, "phone_number_id": LINE},
            "contacts": [{"wa_id": "16505551234"}],
            "statuses": [{
                "id": answer["messages"][0]["id"], "status": null, "timestamp": null,
                "recipient_id": "16505551234", "biz_opaque_callback_data": "our 17/é",
            }],
        });
        if status != "read" {
            expected["statuses"][0]["pricing"] = json!({
                "billable": false, "pricing_model": "PMP", "category": "service",
                "type": "free_customer_service",
            });
        }
        assert_eq!(value, expected);
        seen.insert(status.to_owned());
    }
    assert!(seen.iter().eq(["delivered", "read", "sent"]), "{seen:?}");
    assert!(!listener.has_more());
}

#[tokio::test]
async fn how_far_messages_get_is_a_rule() {
    for (rule, expected) in [(Reports::Sent, 1), (Reports::Delivered, 2)] {
        let (business, mut listener) = reporting(rule).await;
        business.send_object("text", json!({"body": "b"})).await;
        assert_eq!(statuses(&listener.values(expected).await).len(), expected);
    }
    let (business, mut listener) = reporting(Reports::None).await;
    business.send_object("text", json!({"body": "b"})).await;
    business.simulator.set_rules(Rules {
        statuses: Reports::Sent,
        ..Rules::default()
    });
    let (_, second) = business.send_object("text", json!({"body": "b"})).await;
    let value = &listener.values(1).await[0];
    assert_eq!(value["statuses"][0]["id"], second["messages"][0]["id"]);
}

#[tokio::test]
async fn a_reaction_is_only_sent() {
    let (business, mut listener) = reporting(Reports::Read).await;
    let reaction = json!({"message_id": "wamid.1", "emoji": "👍"});
    business.send_object("reaction", reaction).await;
    business.send_object("text", json!({"body": "b"})).await;
    let values = listener.values(4).await;
    let sent = values
        .iter()
        .filter(|it| it["statuses"][0]["status"] == "sent");
    assert_eq!(sent.count(), 2);
}

#[tokio::test]
async fn who_is_not_on_whatsapp_is_told_late() {
    let (business, mut listener) = reporting(Reports::Read).await;
    let mut message = to_somebody("text", json!({"body": "b"}));
    message["to"] = json!("+27821110000");
    let (status, answer) = business.send(&message).await;
    assert_eq!(status, 200);
    let mut value = listener.values(1).await.remove(0);
    value["statuses"][0]["timestamp"].take();
    assert_eq!(
        value,
        json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": LINE, "phone_number_id": LINE},
            "statuses": [{
                "id": answer["messages"][0]["id"], "status": "failed", "timestamp": null,
                "recipient_id": "27821110000",
                "errors": [{
                    "code": 131026, "title": "Message undeliverable",
                    "message": "Message undeliverable",
                    "error_data": {"details": "Message Undeliverable."},
                    "href": "/documentation/business-messaging/whatsapp/support/error-codes",
                }],
            }],
        }),
    );
}

#[tokio::test]
async fn a_failure_may_be_asked_for_by_message_or_by_person() {
    let (business, mut listener) = reporting(Reports::Sent).await;
    let rule = FaultRule::once(Fault::Fail { code: 131_049 });
    business.simulator.add_fault(rule);
    let person = Person {
        number: "+27821112233".into(),
        fails_with: Some(131_050),
        ..Person::default()
    };
    business.simulator.add_person(person).unwrap();
    business.send_object("text", json!({"body": "b"})).await;
    let error = |value: &Value| value["statuses"][0]["errors"][0]["code"].clone();
    assert_eq!(error(&listener.values(1).await[0]), 131_049);
    let mut message = to_somebody("text", json!({"body": "b"}));
    message["to"] = json!("27821112233");
    business.send(&message).await;
    assert_eq!(error(&listener.values(1).await[0]), 131_050);
}

#[tokio::test]
async fn a_closed_window_is_told_late_or_at_once_or_not() {
    let (business, mut listener) = reporting(Reports::Sent).await;
    let line = |window| Line {
        phone_number_id: LINE.into(),
        window: Some(window),
        ..Line::default()
    };
    let text = json!({"body": "b"});
    let template = json!({"name": "order_confirmation", "language": {"code": "en_US"}});

    business.simulator.add_line(line(Window::Reported)).unwrap();
    assert_eq!(business.send_object("text", text.clone()).await.0, 200);
    let value = &listener.values(1).await[0];
    assert_eq!(value["statuses"][0]["errors"][0]["code"], 131_047);
    business.send_object("template", template).await;
    let value = &listener.values(1).await[0];
    let status = &value["statuses"][0];
    assert_eq!(status["status"], "sent");
    assert_eq!(
        (
            &status["pricing"]["category"],
            &status["pricing"]["billable"]
        ),
        (&json!("utility"), &json!(true))
    );

    business.simulator.add_line(line(Window::Refused)).unwrap();
    let (status, answer) = business.send_object("text", text.clone()).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(131_047)));

    let writing = json!({"phone_number_id": LINE, "from": "16505551234", "text": "hi"});
    business.simulator.write(&writing).unwrap();
    listener.next().await;
    assert_eq!(business.send_object("text", text).await.0, 200);
    assert_eq!(
        statuses(&listener.values(1).await),
        BTreeSet::from(["sent"])
    );
}

#[tokio::test]
async fn a_person_without_a_visible_number_is_told_by_their_id() {
    let (business, mut listener) = reporting(Reports::Sent).await;
    let id = "US.13491208655302741918";
    let person = Person {
        number: "16505551234".into(),
        user_id: Some(id.into()),
        name: Some("Sheena".into()),
        username: Some("@sheena".into()),
        hides_number: true,
        ..Person::default()
    };
    business.simulator.add_person(person).unwrap();
    let message = json!({
        "messaging_product": "whatsapp", "recipient": id, "type": "text", "text": {"body": "b"},
    });
    business.send(&message).await;
    let value = &listener.values(1).await[0];
    let status = &value["statuses"][0];
    assert_eq!(status["recipient_user_id"], id);
    assert!(status.get("recipient_id").is_none());
    let contact = json!([
        {"profile": {"name": "Sheena", "username": "@sheena"}, "user_id": id},
    ]);
    assert_eq!(value["contacts"], contact);

    // Whoever knows the number may hear it, but not the id with a failure.
    business
        .simulator
        .add_fault(FaultRule::once(Fault::Fail { code: 131_026 }));
    business.send_object("text", json!({"body": "b"})).await;
    let status = &listener.values(1).await[0]["statuses"][0];
    assert_eq!(status["recipient_id"], "16505551234");
    assert!(status.get("recipient_user_id").is_none());
}

#[tokio::test]
async fn a_status_may_be_told_by_hand() {
    let (business, mut listener) = reporting(Reports::None).await;
    let (_, answer) = business.send_object("text", json!({"body": "b"})).await;
    let id = &answer["messages"][0]["id"];
    let given = json!({"id": id, "status": "played"});
    let (status, _) = business.control("/simulator/statuses", &given).await;
    assert_eq!(status, 200);
    assert_eq!(
        statuses(&listener.values(1).await),
        BTreeSet::from(["played"])
    );
    for (given, status) in [
        (json!({"id": id, "status": "gone"}), 400),
        (json!({"id": "wamid.none", "status": "read"}), 404),
        (json!({"status": "read"}), 400),
    ] {
        assert_eq!(
            business.control("/simulator/statuses", &given).await.0,
            status
        );
    }
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_told_late_where_links_are_followed() {
    let business = Business::start_with(Config {
        fetches_links: true,
        rules: Rules {
            statuses: Reports::Sent,
            ..Rules::default()
        },
        ..Config::default()
    })
    .await;
    let mut listener = Listener::start().await;
    business.simulator.add_app(listener.app());
    for (path, status) in [("/a.png", "sent"), ("/nothing", "failed")] {
        let link = json!({"link": listener.url(path)});
        assert_eq!(business.send_object("image", link).await.0, 200);
        let value = &listener.values(1).await[0];
        assert_eq!(value["statuses"][0]["status"], status);
    }
}
