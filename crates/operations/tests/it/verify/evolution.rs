//! Evolution API.

use domain::verification::Verdict;
use operations::{EvolutionGateway, Gateway as _};
use serde_json::{Value, json};

use super::{DIALLED, KEY, NOBODY, WA_ID, client, phone, yes};
use crate::stand_in::{Reply, Request, StandIn};

/// Answers like an Evolution API with one instance: groups before users, whatever the order.
fn answer(request: &Request) -> Reply {
    if request.line != "POST /chat/whatsappNumbers/my%20shop" {
        return Some((404, r#"{"status":404,"error":"Not Found"}"#.into()));
    }
    if request.header("apikey") != KEY {
        return Some((401, r#"{"status":401,"error":"Unauthorized"}"#.into()));
    }
    let asked: Value = serde_json::from_str(&request.body).unwrap();
    let group = json!({"jid": "120363000000000000@g.us", "exists": true,
        "number": "120363000000000000@g.us", "name": "A group"});
    let mut answers = vec![group];
    for number in asked["numbers"].as_array().unwrap() {
        let is_known = number == DIALLED || number == WA_ID;
        let jid = if is_known {
            WA_ID
        } else {
            number.as_str().unwrap()
        };
        let jid = format!("{jid}@s.whatsapp.net");
        // Somebody else first: who goes by the place takes the wrong one.
        answers.push(json!({"jid": "1@s.whatsapp.net", "exists": !is_known, "number": "1"}));
        answers.push(json!({"jid": jid, "exists": is_known, "number": number}));
    }
    Some((200, Value::from(answers).to_string()))
}

fn gateway(server: &StandIn, instance: &str, key: &str) -> EvolutionGateway {
    EvolutionGateway::new(client(), &server.url, instance, key).unwrap()
}

#[tokio::test]
async fn the_answer_about_the_number_counts_wherever_it_stands() {
    let server = StandIn::start(answer).await;
    let gateway = gateway(&server, "my shop", KEY);
    for digits in [DIALLED, WA_ID] {
        let verdict = gateway.ask(&phone(digits)).await;
        assert_eq!(verdict, Ok(yes(Some(WA_ID))), "{digits}");
    }
    assert_eq!(gateway.ask(&phone(NOBODY)).await, Ok(Verdict::No));
    let requests = server.requests();
    assert_eq!(requests[0].body, format!(r#"{{"numbers":["{DIALLED}"]}}"#));
    assert_eq!(requests[0].header("content-type"), "application/json");
    assert_eq!(requests.len(), 3);
}

#[tokio::test]
async fn a_wrong_key_or_instance_is_told_as_such() {
    let server = StandIn::start(answer).await;
    let told = gateway(&server, "my shop", "wrong");
    let told = told.ask(&phone(DIALLED)).await.unwrap_err().0;
    assert_eq!(told, "Evolution API answered 401: check verifier_key");
    let told = gateway(&server, "other", KEY);
    let told = told.ask(&phone(DIALLED)).await.unwrap_err().0;
    assert_eq!(
        told,
        "Evolution API answered 404: check verifier_instance and verifier_url"
    );
}

#[tokio::test]
async fn an_id_that_hides_the_number_is_none() {
    let server = StandIn::start(|_| {
        let body = json!([{"jid": "98765432101234@lid", "exists": true, "number": DIALLED}]);
        Some((200, body.to_string()))
    })
    .await;
    let gateway = gateway(&server, "my shop", KEY);
    assert_eq!(gateway.ask(&phone(DIALLED)).await, Ok(yes(None)));
}

#[tokio::test]
async fn an_answer_about_somebody_else_is_no_answer() {
    for body in [
        json!([]),
        json!([{"jid": "1@s.whatsapp.net", "exists": true, "number": "1"}]),
        json!([{"jid": "5541996910256@s.whatsapp.net", "number": DIALLED}]),
        json!([{"jid": "5541996910256@s.whatsapp.net", "exists": "true", "number": DIALLED}]),
        json!({"jid": "5541996910256@s.whatsapp.net", "exists": true, "number": DIALLED}),
    ] {
        let body = body.to_string();
        let server = StandIn::start(move |_| Some((200, body.clone()))).await;
        let gateway = gateway(&server, "my shop", KEY);
        let told = gateway.ask(&phone(DIALLED)).await.unwrap_err().0;
        assert!(told.contains("not one of Evolution API"), "{told}");
    }
}
