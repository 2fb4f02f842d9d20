//! Who is on WhatsApp.

use serde_json::json;

use crate::business::Business;

#[tokio::test]
async fn a_number_is_on_whatsapp_unless_it_ends_in_four_zeros() {
    let business = Business::start().await;
    for (number, answer) in [
        (
            "27821112233",
            json!({"digits": "27821112233", "on_whatsapp": true, "wa_id": "27821112233"}),
        ),
        (
            "+5541996910256",
            json!({"digits": "5541996910256", "on_whatsapp": true, "wa_id": "554196910256"}),
        ),
        (
            "27821110000",
            json!({"digits": "27821110000", "on_whatsapp": false, "wa_id": null}),
        ),
    ] {
        assert_eq!(
            business.get(&format!("/simulator/numbers/{number}")).await,
            (200, answer)
        );
    }
}

#[tokio::test]
async fn what_is_no_number_is_refused() {
    let business = Business::start().await;
    let (status, answer) = business.get("/simulator/numbers/hello").await;
    let message = "the number must have 7 to 15 digits";
    assert_eq!(
        (status, &answer["error"]["message"]),
        (400, &json!(message))
    );
}
