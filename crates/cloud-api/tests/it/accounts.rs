//! Numbers, business accounts, and who gets their webhooks.

use cloud_api::ReadError;
use cloud_api::account::{Business, Callback, Number, SubscribedApp};
use serde_json::{Value, json};

use crate::stand_in::{WABA_ID, answered, asked, body, header, http};

#[tokio::test]
async fn meta_tells_of_a_number() {
    let answer = json!({
        "id": "106540352242922", "display_phone_number": "+1 631-555-5555",
        "verified_name": "Shop", "name_status": "APPROVED", "status": "CONNECTED",
        "quality_rating": "GREEN", "code_verification_status": "VERIFIED",
        "throughput": {"level": "HIGH"}, "platform_type": "CLOUD_API", "account_mode": "LIVE",
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
    });
    let (number, request) = answered(
        &http("200 OK", &answer.to_string()),
        async |client, line| client.number(&line).await,
    )
    .await;
    let text = |it: &str| Some(it.to_owned());
    let expected = Number {
        id: "106540352242922".into(),
        display_phone_number: text("+1 631-555-5555"),
        verified_name: text("Shop"),
        name_status: text("APPROVED"),
        status: text("CONNECTED"),
        quality_rating: text("GREEN"),
        code_verification_status: text("VERIFIED"),
        throughput: text("HIGH"),
        platform_type: text("CLOUD_API"),
        account_mode: text("LIVE"),
        messaging_limit: text("TIER_2K"),
    };
    assert_eq!(number, Ok(expected));
    assert!(
        asked(&request)
            .starts_with("GET /v25.0/106540352242922?fields=id%2Cdisplay_phone_number%2C"),
        "{request}"
    );
}

#[tokio::test]
async fn meta_tells_of_a_business_account() {
    let answer = json!({
        "id": WABA_ID, "name": "Shop", "timezone_id": "1", "message_template_namespace": "n",
        "account_review_status": "APPROVED", "business_verification_status": "verified",
        "country": "ZA", "currency": "ZAR",
    });
    let (business, request) = answered(
        &http("200 OK", &answer.to_string()),
        async |client, line| client.business(&line, WABA_ID).await,
    )
    .await;
    let text = |it: &str| Some(it.to_owned());
    let expected = Business {
        id: WABA_ID.into(),
        name: text("Shop"),
        timezone_id: text("1"),
        template_namespace: text("n"),
        review_status: text("APPROVED"),
        verification_status: text("verified"),
        country: text("ZA"),
        currency: text("ZAR"),
    };
    assert_eq!(business, Ok(expected));
    assert!(asked(&request).starts_with(&format!("GET /v25.0/{WABA_ID}?fields=id%2Cname%2C")));
}

#[tokio::test]
async fn what_has_no_id_is_no_number() {
    for answer in ["{}", "[]", "null", "1"] {
        let (number, _) = answered(&http("200 OK", answer), async |client, line| {
            client.number(&line).await
        })
        .await;
        assert!(
            matches!(number, Err(ReadError::Unavailable { .. })),
            "{number:?}"
        );
    }
}

#[tokio::test]
async fn webhooks_are_asked_for() {
    let callback = Callback {
        url: "https://example.com/webhooks".into(),
        verify_token: "sesame".into(),
    };
    for (callback, written) in [
        (None, None),
        (
            Some(&callback),
            Some(
                json!({"override_callback_uri": "https://example.com/webhooks",
                "verify_token": "sesame"}),
            ),
        ),
    ] {
        let answer = http("200 OK", r#"{"success":true}"#);
        let (subscribed, request) = answered(&answer, async |client, line| {
            client.subscribe(&line, WABA_ID, callback).await
        })
        .await;
        assert_eq!(subscribed, Ok(()));
        assert_eq!(
            asked(&request),
            format!("POST /v25.0/{WABA_ID}/subscribed_apps")
        );
        assert_eq!(serde_json::from_str::<Value>(body(&request)).ok(), written);
        assert!(header(&request, "content-length").is_some(), "{request}");
    }
}

#[tokio::test]
async fn who_gets_webhooks_is_told() {
    let answer = json!({"data": [
        {"whatsapp_business_api_data": {"id": "1", "link": "https://x", "name": "App"},
            "override_callback_uri": "https://example.com"},
        {"whatsapp_business_api_data": {"id": 2}},
        {},
    ]});
    let (apps, request) = answered(
        &http("200 OK", &answer.to_string()),
        async |client, line| client.subscribed_apps(&line, WABA_ID).await,
    )
    .await;
    let expected = vec![
        SubscribedApp {
            id: "1".into(),
            name: Some("App".into()),
            callback_url: Some("https://example.com".into()),
        },
        SubscribedApp {
            id: "2".into(),
            name: None,
            callback_url: None,
        },
    ];
    assert_eq!(apps, Ok(expected));
    assert_eq!(
        asked(&request),
        format!("GET /v25.0/{WABA_ID}/subscribed_apps")
    );
}
