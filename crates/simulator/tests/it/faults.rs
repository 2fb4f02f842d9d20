//! Failing as told.

use std::time::Duration;

use serde_json::json;
use simulator::Fault;

use crate::business::{Business, to_somebody};

#[tokio::test]
async fn a_refusal_is_told_once_and_the_message_is_not_taken() {
    let business = Business::start().await;
    business.simulator.fault_next(Fault::refuse(130_429));
    let (status, answer) = business.send_object("text", json!({"body": "b"})).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(130_429)));
    assert_eq!(answer["error"]["message"], "(#130429) Rate limit hit");
    assert_eq!(
        answer["error"]["error_data"]["details"],
        "Cloud API message throughput has been reached.",
    );
    assert!(business.simulator.sent().is_empty());
    assert_eq!(
        business.send_object("text", json!({"body": "b"})).await.0,
        200
    );
}

#[tokio::test]
async fn a_refusal_may_be_worded_by_the_test() {
    let business = Business::start().await;
    business.simulator.fault_next(Fault::Refuse {
        http_status: 418,
        code: 7,
        message: "(#7) Teapot".into(),
        details: None,
    });
    let (status, mut answer) = business.send_object("text", json!({"body": "b"})).await;
    answer["error"]["fbtrace_id"].take();
    let error = json!({
        "message": "(#7) Teapot", "type": "OAuthException", "code": 7, "fbtrace_id": null,
    });
    assert_eq!((status, answer), (418, json!({"error": error})));
}

#[tokio::test]
async fn a_server_error_is_a_web_page_and_the_message_is_not_taken() {
    let business = Business::start().await;
    business.simulator.fault_next(Fault::ServerError);
    let message = to_somebody("text", json!({"body": "b"}));
    let response = business.begin(&message).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 502);
    assert!(response.text().await.unwrap().starts_with("<html>"));
    assert!(business.simulator.sent().is_empty());
}

#[tokio::test]
async fn a_silent_simulator_takes_the_message_and_never_answers() {
    let business = Business::start().await;
    business.simulator.fault_next(Fault::Silent);
    let message = to_somebody("text", json!({"body": "b"}));
    let request = business.begin(&message).timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(business.simulator.sent().len(), 1);
    assert_eq!(business.send(&message).await.0, 200);
}

#[tokio::test]
async fn a_stopped_simulator_keeps_nobody_waiting() {
    let business = Business::start().await;
    business.simulator.fault_next(Fault::Silent);
    let message = to_somebody("text", json!({"body": "b"}));
    let request = business.begin(&message).send();
    let stop = async {
        while business.simulator.sent().is_empty() {
            tokio::task::yield_now().await;
        }
        business.simulator.stop().await;
    };
    let (response, ()) = tokio::join!(request, stop);
    let error = response.unwrap_err();
    assert!(
        error.is_request() && !error.is_timeout() && !error.is_connect(),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_simulator_that_hangs_up_takes_the_message() {
    let business = Business::start().await;
    business.simulator.fault_next(Fault::HangUp);
    let message = to_somebody("text", json!({"body": "b"}));
    let error = business.begin(&message).send().await.unwrap_err();
    assert!(error.is_request() && !error.is_connect(), "{error:?}");
    assert_eq!(business.simulator.sent().len(), 1);
    assert_eq!(business.send(&message).await.0, 200);
}

#[tokio::test]
async fn faults_come_in_order_and_only_to_what_would_have_been_taken() {
    let business = Business::start().await;
    business.simulator.fault_next(Fault::refuse(131_056));
    business.simulator.fault_next(Fault::refuse(131_047));
    let mut codes = Vec::new();
    for body in ["a", "", "b", "c"] {
        let (_, answer) = business.send_object("text", json!({"body": body})).await;
        codes.push(answer["error"]["code"].as_i64());
    }
    assert_eq!(codes, [Some(131_056), Some(100), Some(131_047), None]);
}
