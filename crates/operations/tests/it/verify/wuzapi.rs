//! wuzapi.

use domain::verification::Verdict;
use operations::{Gateway as _, WuzapiGateway};
use serde_json::{Value, json};

use super::{DIALLED, KEY, NOBODY, WA_ID, client, phone, yes};
use crate::stand_in::{Reply, Request, StandIn};

const WITHOUT_SESSION: &str = "token-of-a-user-without-session";

/// Answers like a wuzapi with two users, of whom one is connected.
fn answer(request: &Request) -> Reply {
    let refuse = |status: u16, error: &str| {
        let body = json!({"code": status, "error": error, "success": false});
        Some((status, body.to_string()))
    };
    match request.header("token") {
        KEY => {}
        WITHOUT_SESSION => return refuse(500, "no session"),
        _ => return refuse(401, "unauthorized"),
    }
    if request.line != "POST /user/check" {
        return refuse(404, "404 page not found");
    }
    let asked: Value = serde_json::from_str(&request.body).unwrap();
    let Some([number]) = asked["Phone"].as_array().map(Vec::as_slice) else {
        return refuse(400, "Missing Phone in Payload");
    };
    let user = |query: &Value, is_in: bool, id: &str| {
        json!({"Query": query, "IsInWhatsapp": is_in, "JID": format!("{id}@s.whatsapp.net"),
            "VerifiedName": ""})
    };
    let is_known = number == DIALLED;
    let id = if is_known {
        WA_ID
    } else {
        number.as_str().unwrap()
    };
    let users = [
        user(&json!("1"), !is_known, "1"),
        user(number, is_known, id),
    ];
    let body = json!({"code": 200, "data": {"Users": users}, "success": true});
    Some((200, body.to_string()))
}

async fn ask(server: &StandIn, token: &str, digits: &str) -> Result<Verdict, String> {
    let gateway = WuzapiGateway::new(client(), &server.url, token).unwrap();
    gateway.ask(&phone(digits)).await.map_err(|down| down.0)
}

#[tokio::test]
async fn the_answer_about_the_number_counts() {
    let server = StandIn::start(answer).await;
    assert_eq!(ask(&server, KEY, DIALLED).await, Ok(yes(Some(WA_ID))));
    assert_eq!(ask(&server, KEY, NOBODY).await, Ok(Verdict::No));
    let asked = format!(r#"{{"Phone":["{DIALLED}"]}}"#);
    assert_eq!(server.requests()[0].body, asked);
}

#[tokio::test]
async fn a_wrong_key_and_a_missing_session_are_told_as_such() {
    let server = StandIn::start(answer).await;
    let told = ask(&server, "wrong", DIALLED).await.unwrap_err();
    assert_eq!(told, "wuzapi answered 401: check verifier_key");
    let told = ask(&server, WITHOUT_SESSION, DIALLED).await.unwrap_err();
    assert_eq!(
        told,
        "wuzapi answered 500: is the session of verifier_key's user connected?"
    );
}

#[tokio::test]
async fn an_answer_about_somebody_else_is_no_answer() {
    for body in [
        json!({"code": 200, "data": {"Users": []}, "success": true}),
        json!({"data": {"Users": [{"Query": "1", "IsInWhatsapp": true, "JID": "1@c.us"}]}}),
        json!({"data": {"Users": [{"Query": DIALLED, "JID": "1@s.whatsapp.net"}]}}),
        json!({"code": 200, "success": true}),
    ] {
        let body = body.to_string();
        let server = StandIn::start(move |_| Some((200, body.clone()))).await;
        let told = ask(&server, KEY, DIALLED).await.unwrap_err();
        assert!(told.contains("not one of wuzapi"), "{told}");
    }
}
