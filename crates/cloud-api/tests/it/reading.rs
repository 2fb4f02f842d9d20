//! Read marks, and what becomes of changes in general.

use cloud_api::{SendError, Typing};
use serde_json::{Value, json};

use crate::stand_in::{answered, asked, body, client, http, line};

#[tokio::test]
async fn a_message_is_marked_as_read() {
    let answer = http("200 OK", r#"{"success":true}"#);
    let (marked, request) = answered(&answer, async |client, line| {
        client.mark_read(&line, "wamid.1", Typing::Shown).await
    })
    .await;
    assert_eq!(marked, Ok(()));
    assert_eq!(asked(&request), "POST /v25.0/106540352242922/messages");
    assert_eq!(
        serde_json::from_str::<Value>(body(&request)).unwrap(),
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1",
            "typing_indicator": {"type": "text"}}),
    );
}

#[tokio::test]
async fn how_far_a_change_got_is_said_exactly() {
    for (answer, is_expected) in [
        (
            http(
                "400 Bad Request",
                r#"{"error":{"message":"m","code":131009}}"#,
            ),
            (|it| matches!(it, SendError::Refused(error) if error.code == 131_009))
                as fn(&SendError) -> bool,
        ),
        (http("200 OK", r#"{"success":false}"#), |it| {
            matches!(it, SendError::Unconfirmed { .. })
        }),
        (http("502 Bad Gateway", "<html>"), |it| {
            matches!(it, SendError::Unconfirmed { .. })
        }),
        (String::new(), |it| {
            matches!(it, SendError::Unconfirmed { .. })
        }),
    ] {
        let (marked, _) = answered(&answer, async |client, line| {
            client.mark_read(&line, "wamid.1", Typing::Hidden).await
        })
        .await;
        assert!(marked.as_ref().is_err_and(is_expected), "{marked:?}");
    }
    let nowhere = line("nowhere");
    let marked = client()
        .mark_read(&nowhere, "wamid.1", Typing::Hidden)
        .await;
    assert!(
        matches!(marked, Err(SendError::NotSent { .. })),
        "{marked:?}"
    );
}
