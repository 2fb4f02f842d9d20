//! What the business writes from its own phone.

use cloud_api::webhook::{Body, Event};
use domain::message::Content;
use domain::message::content::Text;
use serde_json::json;

use super::{change, only, value};

#[test]
fn a_message_from_the_businesss_phone_is_told() {
    let echo = json!({"from": "15550783881", "to": "16505551234", "to_user_id": "US.1",
        "id": "wamid.1", "timestamp": "1749416383", "type": "text", "text": {"body": "Hi"}});
    let parts = value(json!({"message_echoes": [echo], "contacts": []}));
    let element = only(&change("smb_message_echoes", &parts));
    assert_eq!(element.occurred_at.unwrap().as_second(), 1_749_416_383);
    let Event::Echo(told) = element.event else {
        panic!("{element:?}")
    };
    assert_eq!(told.wamid, "wamid.1");
    assert_eq!(told.from.as_deref(), Some("15550783881"));
    assert_eq!(told.to.wa_id.as_deref(), Some("16505551234"));
    assert_eq!(told.to.user_id.as_deref(), Some("US.1"));
    let text = Text {
        body: "Hi".into(),
        preview_url: false,
    };
    assert_eq!(told.body, Body::Said(Content::Text(text)));
    assert_eq!(told.raw, echo);
}
