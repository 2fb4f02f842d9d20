//! What stands where nothing is.

use serde_json::json;

use crate::business::{Business, read, to_somebody};

#[tokio::test]
async fn a_line_whose_id_is_no_number_does_not_exist() {
    let business = Business::start().await;
    let message = to_somebody("text", json!({"body": "b"}));
    let request = business
        .post("/v25.0/shop/messages")
        .bearer_auth("token")
        .json(&message);
    let (status, answer) = read(request.send().await.unwrap()).await;
    assert_eq!(status, 400);
    let error = &answer["error"];
    assert_eq!(
        error["message"],
        "Unsupported post request. Object with ID 'shop' does not exist, cannot be loaded due to \
         missing permissions, or does not support this operation. Please read the Graph API \
         documentation at https://developers.facebook.com/docs/graph-api",
    );
    assert_eq!(error["type"], "GraphMethodException");
    assert_eq!(
        (&error["code"], &error["error_subcode"]),
        (&json!(100), &json!(33))
    );
}

#[tokio::test]
async fn unknown_paths_are_told_as_meta_tells_them() {
    let business = Business::start().await;
    for (path, status, message) in [
        ("/", 404, "Unknown path components: /"),
        ("/hello/world", 404, "Unknown path components: /hello/world"),
        ("/v25.0/1/hello", 400, "Unknown path components: /hello"),
    ] {
        let (got, answer) = business.get(path).await;
        assert_eq!(
            (got, &answer["error"]["message"]),
            (status, &json!(message)),
            "{path}"
        );
    }
    for path in ["/v25.0/1", "/v25.0/1/messages"] {
        let (status, answer) = business.fetch(path).await;
        let message = answer["error"]["message"].as_str().unwrap();
        assert_eq!(status, 400);
        assert!(
            message.starts_with("Unsupported get request. Object with ID '1' "),
            "{message}"
        );
    }
    assert_eq!(business.simulator.requests(), 0);
}
