//! People who want no more messages, or want them again.

use serde_json::{Value, json};
use test_support::meta::{SECONDS, message, text};
use test_support::{Meta, TestServer, TestTenant};

const ANA: &str = "27825550101";

async fn start() -> (TestServer, TestTenant, Meta) {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let meta = acme.meta("1001").await;
    (server, acme, meta)
}

fn word(wamid: &str, word: &str, at: i64) -> Value {
    let parts = json!({
        "type": "text", "text": {"body": word}, "timestamp": at.to_string(),
    });
    message(ANA, wamid, &parts)
}

async fn is_opted_out(acme: &TestTenant) -> bool {
    acme.contact(ANA).await.is_opted_out
}

#[tokio::test]
async fn stop_stops_and_start_starts_again() {
    let (_server, acme, meta) = start().await;
    let say = async |it: Value| meta.say(&meta.payload(&json!({"messages": [it]}))).await;
    say(word("wamid.1", " Stop! ", SECONDS)).await;
    assert!(is_opted_out(&acme).await);
    let send = json!({"phone_number": format!("+{ANA}"), "message_type": "text", "text": "Hi"});
    let reply = acme.flowiq().await.post("/send-whatsapp", send).await;
    assert_eq!(reply.status, 403, "{}", reply.text());
    say(word("wamid.2", "START", SECONDS + 2)).await;
    assert!(!is_opted_out(&acme).await);
    say(word("wamid.3", "Do stop by tomorrow", SECONDS + 3)).await;
    assert!(!is_opted_out(&acme).await);
    // An older word that comes late, and a button that says the same.
    say(word("wamid.4", "stop", SECONDS + 1)).await;
    assert!(!is_opted_out(&acme).await);
    let button = json!({"type": "button", "timestamp": (SECONDS + 4).to_string(),
        "button": {"payload": "p", "text": "Stop"}});
    say(message(ANA, "wamid.5", &button)).await;
    assert!(is_opted_out(&acme).await);
}

#[tokio::test]
async fn the_word_that_was_written_last_counts_within_a_webhook_too() {
    let (_server, acme, meta) = start().await;
    let words = [
        word("wamid.1", "START", SECONDS + 1),
        word("wamid.2", "STOP", SECONDS),
    ];
    meta.say(&meta.payload(&json!({"messages": words}))).await;
    assert!(!is_opted_out(&acme).await);
}

#[tokio::test]
async fn a_wish_about_marketing_is_no_wish_about_everything() {
    let (_server, acme, meta) = start().await;
    meta.say(&meta.payload(&json!({"messages": [text(ANA, "wamid.1", "Hi")]})))
        .await;
    let wish = json!({"user_preferences": [{
        "wa_id": ANA, "category": "marketing_messages", "value": "stop", "timestamp": SECONDS,
    }]});
    meta.say(&meta.payload(&wish)).await;
    assert!(!is_opted_out(&acme).await);
    let contact = acme.contact(ANA).await.id;
    let consents = acme.store.consent_log(contact).await.unwrap();
    let [consent] = <[_; 1]>::try_from(consents).unwrap();
    assert_eq!(consent.topic, domain::consent::Topic::Marketing);
    assert!(consent.is_opted_out);
    assert_eq!(consent.channel_id, Some(meta.channel.id));
}
