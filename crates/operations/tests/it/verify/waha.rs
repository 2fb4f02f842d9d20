//! WAHA.

use domain::verification::Verdict;
use operations::{Gateway as _, WahaGateway};
use serde_json::json;

use super::{DIALLED, KEY, NOBODY, WA_ID, client, phone, yes};
use crate::stand_in::{Reply, Request, StandIn};

/// Answers like a WAHA with one session.
fn answer(request: &Request) -> Reply {
    if request.header("x-api-key") != KEY {
        return Some((401, r#"{"statusCode":401,"message":"Unauthorized"}"#.into()));
    }
    let asked = request
        .line
        .strip_prefix("GET /waha/api/contacts/check-exists?phone=");
    let Some((phone, session)) = asked.and_then(|asked| asked.split_once("&session=")) else {
        return Some((404, r#"{"statusCode":404,"message":"Not Found"}"#.into()));
    };
    if session != "my+shop" {
        return Some((422, r#"{"statusCode":422,"message":"not started"}"#.into()));
    }
    let body = match phone {
        DIALLED => json!({"numberExists": true, "chatId": format!("{WA_ID}@c.us")}),
        // As some engines do for people they know by a hidden number.
        "27821112233" => json!({"numberExists": true}),
        "27821112234" => json!({"numberExists": true, "chatId": "98765432101234@lid"}),
        // `chatId` is absent where there is nobody.
        _ => json!({"numberExists": false}),
    };
    Some((200, body.to_string()))
}

fn gateway(server: &StandIn, session: &str, key: Option<&str>) -> WahaGateway {
    let url = format!("{}/waha/", server.url);
    WahaGateway::new(client(), &url, session, key).unwrap()
}

#[tokio::test]
async fn who_exists_has_an_id_if_the_answer_tells_it() {
    let server = StandIn::start(answer).await;
    let gateway = gateway(&server, "my shop", Some(KEY));
    for (digits, verdict) in [
        (DIALLED, yes(Some(WA_ID))),
        ("27821112233", yes(None)),
        ("27821112234", yes(None)),
        (NOBODY, Verdict::No),
    ] {
        assert_eq!(gateway.ask(&phone(digits)).await, Ok(verdict), "{digits}");
    }
}

#[tokio::test]
async fn a_wrong_key_or_session_is_told_as_such() {
    let server = StandIn::start(answer).await;
    for key in [None, Some("wrong")] {
        let told = gateway(&server, "my shop", key).ask(&phone(DIALLED)).await;
        assert_eq!(told.unwrap_err().0, "WAHA answered 401: check verifier_key");
    }
    let other = gateway(&server, "other", Some(KEY));
    assert_eq!(
        other.ask(&phone(DIALLED)).await.unwrap_err().0,
        "WAHA answered 422: is the session in verifier_session started and connected?"
    );
}

#[tokio::test]
async fn an_answer_without_a_verdict_is_no_answer() {
    for body in [
        json!({}),
        json!({"chatId": "1@c.us"}),
        json!({"numberExists": "yes"}),
    ] {
        let body = body.to_string();
        let server = StandIn::start(move |_| Some((200, body.clone()))).await;
        let told = gateway(&server, "default", None).ask(&phone(DIALLED)).await;
        let told = told.unwrap_err().0;
        assert!(told.contains("not one of WAHA"), "{told}");
    }
}
