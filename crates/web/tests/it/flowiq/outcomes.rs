//! What becomes of a message that was to be sent: for the client, and in its row.

use std::time::Duration;

use domain::message::Status;
use domain::tenant::Plan;
use serde_json::json;
use simulator::Fault;
use test_support::{Setup, TestServer};

use super::messages::{PHONE, SENT, send, shop, text};

#[tokio::test]
async fn nobody_who_opted_out_or_is_blocked_is_written_to() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    tenant.opt_out(PHONE).await;
    send(&acme, text()).await.assert(
        403,
        r#"{"error":"Contact opted out","message":"The contact has opted out of messages"}"#,
    );
    tenant.block(PHONE).await;
    let blocked = r#"{"error":"Contact blocked","message":"The contact is blocked"}"#;
    send(&acme, text()).await.assert(403, blocked);
    assert_eq!(server.simulator().requests(), 0);
    assert!(tenant.messages(PHONE).await.is_empty());
}

#[tokio::test]
async fn a_full_plan_begins_no_more_conversations() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let plan = Plan {
        conversation_limit: Some(1),
        ..Plan::default()
    };
    tenant.set_plan(None, plan).await;
    let other = "+27821119999";
    let body = json!({"phone_number": other, "name": "Lindiwe Dube"});
    assert_eq!(acme.post("/contact", body).await.status, 201);
    send(&acme, text()).await.assert(200, SENT);
    let full = r#"{"error":"Conversation limit reached",
        "message":"The plan of this organization is full"}"#;
    let to_other = json!({"phone_number": other, "message_type": "text", "text": "Hello"});
    send(&acme, to_other).await.assert(403, full);
    assert!(tenant.messages(other).await.is_empty());
    send(&acme, text()).await.assert(200, SENT);
}

#[tokio::test]
async fn what_whatsapp_refuses_is_said_in_its_words() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    server.simulator().fault_next(Fault::refuse(131_026));
    send(&acme, text()).await.assert(
        500,
        r#"{"error":"Failed to send message","message":"Message Undeliverable."}"#,
    );
    server.simulator().fault_next(Fault::refuse(131_047));
    let reply = send(&acme, text()).await;
    reply.assert(
        500,
        r#"{"error":"Failed to send message","message":"Message failed to send because more than 24 hours have passed since the customer last replied to this number."}"#,
    );
    let messages = tenant.messages(PHONE).await;
    assert_eq!((messages.len(), server.simulator().requests()), (2, 2));
    for message in &messages {
        assert_eq!((message.status, &message.wamid), (Status::Failed, &None));
    }
    let mut codes: Vec<_> = messages
        .iter()
        .map(|message| message.failure.as_ref().unwrap().code.unwrap())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, [131_026, 131_047]);
}

#[tokio::test]
async fn what_passes_is_tried_again_while_the_client_waits() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    server.simulator().fault_next(Fault::refuse(131_056));
    send(&acme, text()).await.assert(200, SENT);
    let message = tenant.messages(PHONE).await.remove(0);
    assert_eq!((message.status, message.failure), (Status::Accepted, None));
    assert_eq!(server.simulator().requests(), 2);
}

#[tokio::test]
async fn what_does_not_pass_is_said_after_three_tries() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    for _ in 0..3 {
        server.simulator().fault_next(Fault::refuse(131_000));
    }
    send(&acme, text()).await.assert(
        500,
        r#"{"error":"Failed to send message","message":"Something went wrong"}"#,
    );
    let message = tenant.messages(PHONE).await.remove(0);
    assert_eq!(message.failure.unwrap().code, Some(131_000));
    assert_eq!(server.simulator().requests(), 3);
}

#[tokio::test]
async fn a_number_that_metas_refusal_stopped_sends_again_with_its_first_success() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    server.simulator().fault_next(Fault::refuse(190));
    let refused = send(&acme, text()).await;
    assert_eq!(refused.status, 500);
    let paused = async || {
        let channel = tenant.store.default_channel().await.unwrap().unwrap();
        channel.paused.map(|paused| paused.why)
    };
    let why = paused().await.unwrap();
    assert!(why.starts_with("Meta refused with code 190"), "{why}");
    send(&acme, text()).await.assert(200, SENT);
    assert_eq!(paused().await, None);
    server.settle().await;
}

#[tokio::test]
async fn a_paused_number_sends_nothing() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    send(&acme, text()).await.assert(200, SENT);
    let channel = tenant.store.default_channel().await.unwrap().unwrap().id;
    let operator = tenant.operator();
    let pause = server
        .operations
        .pause_channel(&operator, channel, "moving");
    assert!(pause.await.unwrap());
    let busy = send(&acme, text()).await;
    assert_eq!(busy.status, 503);
    busy.assert_header("retry-after", "60");
    assert_eq!(server.simulator().requests(), 1);
    let resume = server.operations.resume_channel(&operator, channel);
    assert!(resume.await.unwrap());
    send(&acme, text()).await.assert(200, SENT);
}

/// Checks that a send whose fate nobody knows says so, once to the client and once in its row.
async fn assert_unconfirmed(fault: Fault) {
    let setup = Setup {
        answer: Duration::from_secs(1),
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let (tenant, acme) = shop(&server).await;
    server.simulator().fault_next(fault);
    let reply = send(&acme, text()).await;
    let messages = tenant.messages(PHONE).await;
    assert_eq!((messages.len(), server.simulator().requests()), (1, 1));
    assert_eq!(
        (messages[0].status, &messages[0].wamid),
        (Status::Unconfirmed, &None)
    );
    let expected = format!(
        r#"{{"error":"Failed to send message","message":"It is unknown whether WhatsApp took message {}. Do not send it again: its status will tell"}}"#,
        messages[0].id.to_uuid()
    );
    reply.assert(500, &expected);
}

#[tokio::test]
async fn a_silent_whatsapp_leaves_a_message_unconfirmed() {
    assert_unconfirmed(Fault::Silent).await;
}

#[tokio::test]
async fn a_whatsapp_that_hangs_up_leaves_a_message_unconfirmed() {
    assert_unconfirmed(Fault::HangUp).await;
}

#[tokio::test]
async fn an_answer_that_is_not_whatsapps_leaves_a_message_unconfirmed() {
    assert_unconfirmed(Fault::ServerError).await;
}

#[tokio::test]
async fn a_whatsapp_that_cannot_be_reached_fails_a_message_for_good() {
    let mut server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    server.lose_simulator().await;
    send(&acme, text()).await.assert(
        500,
        r#"{"error":"Failed to send message",
        "message":"WhatsApp could not be reached; try again"}"#,
    );
    let messages = tenant.messages(PHONE).await;
    assert_eq!((messages.len(), messages[0].status), (1, Status::Failed));
}

#[tokio::test]
async fn a_client_that_goes_away_strands_nothing() {
    let setup = Setup {
        answer: Duration::from_secs(1),
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let (tenant, acme) = shop(&server).await;
    for (fault, status) in [
        (None, Status::Accepted),
        (Some(Fault::Silent), Status::Unconfirmed),
    ] {
        let requests = server.simulator().requests();
        if let Some(fault) = fault {
            server.simulator().fault_next(fault);
        }
        let request = send(&acme, text());
        let left = async {
            while server.simulator().requests() == requests {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = left => {}
            reply = request => assert_eq!(reply.status, 200),
        }
        server.settle().await;
        let message = tenant.messages(PHONE).await.remove(0);
        assert_eq!(message.status, status);
        assert_eq!(server.simulator().requests(), requests + 1);
        server.clock.advance_seconds(1);
    }
    // And the next one is sent as if nothing had been.
    send(&acme, text()).await.assert(200, SENT);
}
